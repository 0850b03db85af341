"""Accounts over HTTP: strangers who guess keep nobody out, and nothing that people prove themselves by is logged."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import httpx
import psycopg
import pytest

from server.identity.people.attempts import subjects, take_turn
from tests.e2e.accounts import PASSWORD, Codes, Holder, holder, key
from tests.e2e.pages import Person
from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school

STRANGERS = 6
MINUTE = timedelta(minutes=1)
CANARY = "zqplum velvet otter lamp"


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"accounts {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def pat(app_url: str, school: World) -> Holder:
    return holder(app_url, (school, "pat"))


@pytest.fixture
def strangers(server: Server) -> Generator[list[Person]]:
    """Each at an address of its own: the whole of 127.0.0.0/8 is this machine."""
    found: list[httpx.Client] = []
    for number in range(STRANGERS):
        transport = httpx.HTTPTransport(local_address=f"127.0.44.{number + 2}")
        found.append(httpx.Client(base_url=server.url, transport=transport, timeout=60, trust_env=False))
    yield [Person(http) for http in found]
    for http in found:
        http.close()


def test_strangers_who_guess_keep_nobody_out(
    server: Server, app_url: str, pat: Holder, strangers: list[Person]
) -> None:
    """Of many addresses: ten guesses, then all wait; a new browser of the owner's, too; one that they use doesn't."""
    own = Person(server.http)
    assert pat.sign_in(own).heading == "Your account"
    statuses: list[int] = []
    for guess in range(4):
        for stranger in strangers:
            answer = Holder(pat.account_id, pat.name, f"guess number {guess}").sign_in(stranger)
            statuses.append(answer.status)
            if answer.status == 429:
                assert int(answer.response.headers["retry-after"]) >= 1
    assert statuses[:10] == [422] * 10
    assert set(statuses[10:]) <= {422, 429}
    assert 429 in statuses
    _after_an_hour_of_it(app_url, pat)
    del own.cookies["__Host-usher"]
    assert pat.sign_in(own).heading == "Your account"
    assert pat.sign_in(Person(server.http)).status == 429


def _after_an_hour_of_it(app_url: str, pat: Holder) -> None:
    """The longest wait, from which the test's own pace can't escape."""
    until = now = datetime.now(UTC)
    with psycopg.connect(app_url) as connection:
        for minute in range(60):
            tried = subjects("password", pat.name, f"203.0.113.{minute}", None)
            until = max(until, take_turn(connection, tried, now + minute * MINUTE) or now)
    assert until > now + 30 * MINUTE


def test_what_people_prove_themselves_by_is_not_logged(server: Server, app_url: str, school: World) -> None:
    """Passwords, the key of an app, codes, recovery codes and cookies, right and wrong, at the loudest log."""
    pat, person = holder(app_url, (school, "pat")), Person(server.http)
    secrets: set[str] = {CANARY, PASSWORD}
    Holder(pat.account_id, pat.name, CANARY).sign_in(person)
    pat.sign_in(person)
    page = person.open("/account/password")
    person.send(page.form(), old=PASSWORD + "x", password=CANARY)
    person.send(page.form(), old=PASSWORD, password=CANARY)
    page = person.open("/account/app")
    secrets |= {key(page), Codes.of(page).second, *person.cookies.values()}
    page = person.send(page.form(), code=Codes.of(page).first)
    codes = [one.text for one in page.root.all("li")]
    other = Person(server.http)
    page = Holder(pat.account_id, pat.name, CANARY).sign_in(other)
    secrets |= {*codes, *person.cookies.values(), *other.cookies.values()}
    page = other.send(page.form(), code="zq-no-code")
    other.ask("GET", f"/reset?token={CANARY}")
    other.ask("GET", f"/account?{CANARY}", csrf=CANARY)
    other.ask("POST", "/sign-in", {"name": CANARY, "csrf": CANARY})
    secrets |= set(other.cookies.values())
    said = server.log.read_text()
    assert '"event": "sign-in"' in said
    assert not [secret for secret in secrets if secret in said]
