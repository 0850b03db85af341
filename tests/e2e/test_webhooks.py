"""Programs are called when there is news for them: signed, with nothing of anybody, until they take it, for a day."""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import timedelta
from typing import Any, Final

import psycopg
import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from server.commands.feed.overdue import watch_school
from server.commands.feed.telling import tell_all
from server.errors import BadUserInput
from server.identity.oauth.clients import new_secret, register_client
from server.identity.webhooks.addresses import Resolve, checked
from server.identity.webhooks.calls import call
from server.identity.webhooks.messages import attached
from server.identity.webhooks.registry import set_webhook, webhook_status
from tests.e2e.access_desk import AccessDesk
from tests.e2e.receiver import Receiver, receiving

KEY: Final = ECKey.generate_key("P-256", auto_kid=True)
REASON: Final = "The contract is over."


@pytest.fixture
def receiver() -> Generator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def client_id(desk: AccessDesk, app_url: str, receiver: Receiver) -> Generator[str]:
    """A program that acts as the school's `mis`, with its webhook."""
    found = f"hooked-{desk.world.new_id().hex[-12:]}-{receiver.port}"
    with psycopg.connect(app_url) as connection:
        register_client(connection, found, "A vendor", desk.now, new_secret())
        connection.execute(
            "INSERT INTO usher.login_identity (identity, school_id, person_id, capacity, school_name)"
            " VALUES (%s, %s, %s, 'CLIENT', 'A school')",
            [found, desk.world.school_id, desk.world.ids["mis"]],
        )
        set_webhook(connection, found, receiver.url, desk.now, loopback=True)
    yield found
    with psycopg.connect(app_url) as connection:  # no other test's job is to call it
        connection.execute("UPDATE usher.client_webhook SET disabled_at = now() WHERE client_id = %s", [found])


async def tell(desk: AccessDesk) -> None:
    await tell_all(desk.pool, lambda: KEY, desk.now)


def status(app_url: str, client_id: str) -> str:
    with psycopg.connect(app_url) as connection:
        found = webhook_status(connection, client_id)
    assert found is not None
    return found["status"]


async def change(desk: AccessDesk, learner: str = "bob") -> None:
    """Something that the program may read differs."""
    given = {
        "program": desk.id("mis", "prg"),
        "learner": desk.id(learner, "lrn"),
        "askedBy": "SCHOOL",
        "reason": REASON,
    }
    assert (await desk.do("head", "optOutOfClient", **given))["userErrors"] == []


async def test_news_is_told_once_and_signed(desk: AccessDesk, receiver: Receiver, client_id: str) -> None:
    """The first time, and after a change; with the school and the kind of news alone; verified by the public key."""
    await tell(desk)
    await tell(desk)
    [(path, headers, body)] = receiver.got
    told = json.loads(body)
    assert path == "/told?of=usher"
    assert headers["host"] == f"127.0.0.1:{receiver.port}"
    assert set(told) == {"id", "at", "school", "news"}
    assert (told["school"], told["news"]) == (f"sch_{desk.world.school_id.hex}", ["changes", "purges"])
    public = ECKey.import_key(KEY.as_dict(private=False))
    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    found = jws.deserialize_compact(attached(body, headers["usher-signature"]), public, registry=registry)
    assert (found.headers()["kid"], found.headers()["url"]) == (KEY.kid, receiver.url)
    assert found.headers()["typ"] == "usher-webhook+json"
    await change(desk)
    await tell(desk)
    later = json.loads(receiver.got[1][2])
    assert (later["news"], later["id"] != told["id"], len(receiver.got)) == (["changes"], True, 2)


async def test_what_the_program_may_not_read_is_no_news(desk: AccessDesk, receiver: Receiver, client_id: str) -> None:
    """Events of the school that change nothing in its sight."""
    await tell(desk)
    await desk.do("dpo", "recordTraining", person=desk.id("tutor"), course="sen", completedOn=desk.day(-3),
                  expiresOn=desk.day(99), evidence="Folder 7")  # fmt: skip
    await tell(desk)
    assert len(receiver.got) == 1


async def test_it_is_tried_again_with_growing_waits_and_given_up_after_a_day(
    desk: AccessDesk, receiver: Receiver, client_id: str, app_url: str
) -> None:
    """The same message each time; a redirect is no answer; whoever comes back within the day is told."""
    receiver.status = 302
    began = desk.now
    await tell(desk)
    await tell(desk)
    assert [path for path, _, _ in receiver.got] == ["/told?of=usher"]
    assert status(app_url, client_id) == "FAILING"
    for wait in (1, 2, 4):
        desk.now += timedelta(minutes=wait) - timedelta(seconds=1)
        tried = len(receiver.got)
        await tell(desk)
        assert len(receiver.got) == tried
        desk.now += timedelta(seconds=1)
        await tell(desk)
        assert len(receiver.got) == tried + 1
    assert len({json.loads(body)["id"] for _, _, body in receiver.got}) == 1
    receiver.status = 200
    desk.now += timedelta(minutes=8)
    await tell(desk)
    assert status(app_url, client_id) == "OK"
    receiver.status = 500
    await change(desk)
    while desk.now < began + timedelta(hours=30):
        desk.now += timedelta(hours=3)
        await tell(desk)
    tried = len(receiver.got)
    assert status(app_url, client_id) == "DISABLED"
    receiver.status = 200
    desk.now += timedelta(days=1)
    await tell(desk)
    assert len(receiver.got) == tried


async def test_a_process_that_dies_after_the_call_tells_it_again(
    desk: AccessDesk, receiver: Receiver, client_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once, with the same id."""

    class Killed(Exception): ...

    async def killed(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("server.commands.feed.telling.keep_told", killed)
        with pytest.raises(Killed):
            await tell(desk)
    await tell(desk)
    await tell(desk)
    first, second = (json.loads(body)["id"] for _, _, body in receiver.got)
    assert first == second


def leads(*addresses: str) -> Resolve:
    """A name that has these addresses."""
    return lambda _host, _port: list(addresses)


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("http://vendor.example/", ["93.184.216.34"]),
        ("https://vendor.example/", ["127.0.0.1"]),
        ("https://vendor.example/", ["93.184.216.34", "10.0.0.7"]),
        ("https://vendor.example/", ["169.254.169.254"]),
        ("https://vendor.example/", ["::1"]),
        ("https://vendor.example/", ["::ffff:10.0.0.7"]),
        ("https://vendor.example/", ["fd00::1"]),
        ("https://vendor.example/", ["0.0.0.0"]),
        ("https://vendor.example/", ["100.64.0.1"]),
        ("https://vendor.example/", ["224.0.0.1"]),
        ("https://vendor.example/", []),
        ("https://user:pass@vendor.example/", ["93.184.216.34"]),
        ("https://vendor.example/#part", ["93.184.216.34"]),
        ("https://vendor.example:port/", ["93.184.216.34"]),
        ("https://vendor.example/\r\nHost: x", ["93.184.216.34"]),
        ("file:///etc/passwd", ["93.184.216.34"]),
    ],
)
def test_where_a_webhook_may_not_lead(url: str, addresses: list[str]) -> None:
    """To nothing but public addresses, all of them, by https."""
    with pytest.raises(BadUserInput):
        checked(url, loopback=False, resolve=leads(*addresses))


async def test_the_call_goes_to_the_address_that_was_looked_at(receiver: Receiver) -> None:
    """A name that meanwhile leads to this machine is not called, and one that leads elsewhere never is, in a demo."""
    assert checked("https://vendor.example/x", loopback=False, resolve=leads("93.184.216.34")).url == (
        "https://93.184.216.34:443/x"
    )
    url = receiver.url.replace("127.0.0.1", "vendor.example")
    assert await call(url, b"{}", {}, loopback=True, resolve=leads("127.0.0.1"))
    assert receiver.got[0][1]["host"] == f"vendor.example:{receiver.port}"
    assert not await call(url, b"{}", {}, loopback=False, resolve=leads("127.0.0.1"))
    assert not await call(url, b"{}", {}, loopback=True, resolve=leads("10.0.0.7"))
    assert len(receiver.got) == 1


async def test_officers_are_told_of_a_program_that_did_not_purge(desk: AccessDesk) -> None:
    """Once, when the time is over; what was granted again is kept by right."""
    program = desk.id("mis", "prg")
    ended = await desk.do("head", "endClientGrant", program=program, reason=REASON)
    assert ended["userErrors"] == []
    assert await overdue(desk, program) == 0
    for later in (0, 30, 31):
        assert await overdue(desk, program) == (1 if later == 31 else 0)
        await watch_school(desk.pool, desk.world.school_id, desk.now + timedelta(days=later))
    assert await overdue(desk, program) == 1


async def overdue(desk: AccessDesk, program: str) -> int:
    """How many notices the officer has of it."""
    body = await desk.ask("dpo", "{ notices(read: false) { kind about { id } } }")
    return sum(
        one["kind"] == "clientPurgeOverdue" and program in [each["id"] for each in one["about"]]
        for one in body["data"]["notices"]
    )
