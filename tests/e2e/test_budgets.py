"""What holds up whoever asks too much: a server of its own with small budgets, behind a proxy that it trusts."""

from collections.abc import Generator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from server.identity.keys import token_key
from server.identity.tokens import TokenIssuer
from server.resolvers.budgets import NEW_DOCUMENT
from tests.e2e.live import socket
from tests.e2e.marks_ledger import RECORD
from tests.e2e.recording import mark
from tests.e2e.serving import Client, Server, serving
from tests.worlds import World, insert_world, small_school

BUDGET = 20_000
DOCUMENT = "query($n: Int) { learners(first: $n) { nodes { id marks(first: 18) { nodes { id } } } } }"
MOST = {"n": 500}
_END = (
    "INSERT INTO usher.ended_token (school_id, person_id, capacity, token_id, ended_at, expires_at) "
    "VALUES (%s, %s, 'STAFF', 'stolen', now(), now() + interval '1 hour')"
)
_RAISE = (
    "UPDATE usher.access_profile SET profile_version = profile_version + 1 "
    "WHERE school_id = %s AND person_id = %s AND capacity = 'STAFF'"
)
_ADDRESS = "SELECT ip_address FROM usher.audit_operation WHERE school_id = %s AND person_id = %s ORDER BY audit_id DESC"


@pytest.fixture(scope="module")
def small(bare_app_url: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """One process; what is spent comes back so slowly that no test sees it."""
    with serving(
        bare_app_url,
        tmp_path_factory.mktemp("budgets"),
        USHER_COST_BUDGET=str(BUDGET),
        USHER_COST_PER_SECOND="1",
        USHER_TRUSTED_PROXIES="127.0.0.0/8",
    ) as servers:
        yield servers[0]


@pytest.fixture(scope="module")
def schools(app_url: str, today: date) -> tuple[World, World]:
    found = small_school(f"budgets {uuid4()}", today), small_school(f"budgets elsewhere {uuid4()}", today)
    for world in found:
        insert_world(app_url, world)
    return found


@pytest.fixture(scope="module")
def school(schools: tuple[World, World]) -> World:
    return schools[0]


def post(client: Client, document: str, variables: dict[str, Any], **headers: str) -> httpx.Response:
    body = {"query": document, "variables": variables}
    return client.http.post("/graphql", json=body, headers={"Authorization": f"Bearer {client.token}", **headers})


def spend(client: Client) -> None:
    """Until the next one of MOST is too much; and say how much is left each time."""
    remaining = BUDGET
    while True:
        answer = client.ask(DOCUMENT, MOST)
        if answer.codes == ["RATE_LIMITED"]:
            return
        said = answer.body["extensions"]["cost"]
        assert said["limit"] == BUDGET
        assert said["restoresPerSecond"] == 1
        assert remaining - said["estimated"] <= said["remaining"] <= remaining - said["estimated"] + 60
        remaining = said["remaining"]


def test_who_spent_all_is_refused_until_enough_is_back(small: Server, school: World) -> None:
    """With a status, a code and a time; what still fits is answered, and nobody else is held up."""
    head = small.client(school, "head")
    spend(head)
    refused = post(head, DOCUMENT, MOST)
    [error] = refused.json()["errors"]
    assert (refused.status_code, set(refused.json())) == (429, {"errors"})
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert 1 <= int(refused.headers["retry-after"]) <= BUDGET
    assert error["extensions"]["retryAfter"] == int(refused.headers["retry-after"])
    assert refused.headers["cache-control"] == "no-store"
    assert head.ask(DOCUMENT, {"n": 1}).codes == []
    assert small.client(school, "teacher").ask(DOCUMENT, {"n": 100}).codes == []


def test_a_token_that_was_ended_spends_nothing(small: Server, school: World, owner_url: str) -> None:
    """Of the budget of whoever it was stolen from."""
    senco, person = small.client(school, "senco"), school.ids["senco"]
    issuer = TokenIssuer(token_key(small.home / "keys"))
    token = issuer.issue(school.school_id, person, "STAFF", 3600, factor=True, more={"sid": "stolen"})
    stolen = Client(small.http, token)
    assert stolen.ask(DOCUMENT, {"n": 1}).codes == []
    with psycopg.connect(owner_url) as connection:
        connection.execute(_END, [school.school_id, person])
        connection.execute(_RAISE, [school.school_id, person])
    before = senco.ask(DOCUMENT, {"n": 1}).body["extensions"]["cost"]
    for _ in range(3):
        assert post(stolen, DOCUMENT, MOST).status_code == 401
        assert post(stolen, f"{{ viewer {{ capacity }} }} #{'x' * 19_000}", {}).status_code == 401
    after = senco.ask(DOCUMENT, {"n": 1}).body["extensions"]["cost"]
    assert after["remaining"] >= before["remaining"] - before["estimated"]
    assert senco.ask("{ viewer { roles } }").codes == []


def test_a_refused_change_changes_nothing(small: Server, school: World, owner_url: str) -> None:
    """And its key is still free: sent again once there is enough, it is done."""
    lead = small.client(school, "maths-lead")
    spend(lead)
    while lead.ask("query($n: Int) { learners(first: $n) { nodes { id } } }", {"n": 500}).codes == []:
        pass
    variables = {"input": {"marks": [mark(school, score="3")] * 500, "idempotencyKey": f"k{uuid4()}"}}
    with psycopg.connect(owner_url) as connection:
        counted = "SELECT count(*) FROM usher.mark_version WHERE school_id = %s"
        before = connection.execute(counted, [school.school_id]).fetchone()
        assert lead.ask(RECORD, variables).codes == ["RATE_LIMITED"]
        assert connection.execute(counted, [school.school_id]).fetchone() == before


def test_over_a_socket_one_operation_is_refused_and_the_others_go_on(small: Server, school: World) -> None:
    data = small.client(school, "data-manager")
    spend(data)
    with socket(small, data) as live:
        live.send({"type": "subscribe", "id": "1", "payload": {"query": DOCUMENT, "variables": MOST}})
        frame = live.receive()
        assert (frame["type"], frame["id"]) == ("error", "1")
        assert frame["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert frame["payload"][0]["extensions"]["retryAfter"] >= 1
        live.send({"type": "subscribe", "id": "2", "payload": {"query": "{ __typename }"}})
        assert live.receive()["type"] == "next"


def test_an_event_stream_is_refused_with_a_status(small: Server, school: World) -> None:
    """Before it begins, as for a POST."""
    tutor = small.client(school, "english")
    spend(tutor)
    answer = post(tutor, DOCUMENT, MOST, Accept="text/event-stream")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


def test_a_program_has_a_budget_at_each_school(small: Server, schools: tuple[World, World]) -> None:
    here, there = (small.client(world, "mis") for world in schools)
    spend(here)
    assert there.ask(DOCUMENT, {"n": 500}).codes == []


def test_new_documents_are_read_so_many_at_a_time(small: Server, school: World) -> None:
    """Each costs the worker far more than a known one: whoever brings one after another keeps it from nobody."""
    dpo = small.client(school, "dpo")
    known = "{ viewer { capacity } }"
    assert dpo.ask(known).codes == []
    codes = [dpo.ask(f"query Q{number} {{ __typename }}").codes for number in range(BUDGET // NEW_DOCUMENT)]
    assert codes[0] == []
    assert codes[-1] == ["RATE_LIMITED"]
    invalid = [dpo.ask(f"{{ wrong{number} }}").codes for number in range(3)]
    assert invalid[-1] == ["RATE_LIMITED"]
    assert dpo.ask(known).codes == []
    assert small.client(school, "exams-officer").ask("query Other { __typename }").codes == []


def _address(owner_url: str, school_id: UUID, person_id: UUID) -> str | None:
    with psycopg.connect(owner_url) as connection:
        row = connection.execute(_ADDRESS, [school_id, person_id]).fetchone()
    assert row is not None
    return row[0]


def test_the_audit_names_the_client_and_not_the_proxy(
    small: Server, server: Server, school: World, owner_url: str
) -> None:
    """Only where the proxy is trusted; what the client wrote before the proxy's word is nobody's."""
    spoofed = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    for asked, score, address in ((small, "4", "203.0.113.9"), (server, "5", "127.0.0.1")):
        variables = {"input": {"marks": [mark(school, score=score)], "idempotencyKey": f"k{uuid4()}"}}
        assert "errors" not in post(asked.client(school, "teacher"), RECORD, variables, **spoofed).json()
        assert _address(owner_url, school.school_id, school.ids["teacher"]) == address


def test_failed_tokens_are_counted_by_the_client_s_address(small: Server, school: World) -> None:
    """Whoever has no good one is told so often and no more; whoever has is answered all the while, at the same address."""
    http, guesses = small.http, 1200
    bad = {"Authorization": "Bearer guess", "X-Forwarded-For": "192.0.2.1, 203.0.113.77"}
    with httpx.Client(base_url=small.url, timeout=60, trust_env=False) as stranger:
        statuses = [stranger.post("/graphql", json={}, headers=bad).status_code for _ in range(guesses)]
        refused = stranger.post("/graphql", json={}, headers=bad)
    assert statuses[0] == 401
    assert 429 in statuses
    if refused.status_code == 429:
        assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert refused.headers["connection"] == "close"
    elsewhere = bad | {"X-Forwarded-For": "203.0.113.77, 203.0.113.78"}
    assert http.post("/graphql", json={}, headers=elsewhere).status_code == 401
    good = post(small.client(school, "cover"), "{ __typename }", {}, **{"X-Forwarded-For": "203.0.113.77"})
    assert good.status_code == 200
