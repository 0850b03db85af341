"""schemathesis under every account against the served application: no 5xx, and answers that conform to the schema.

Each root field is asked under every account there is. What is asked of a field is made once, sixteen operations, and
the accounts take turns at them, so that each asks one, and at the two media types of answers.
USHER_SCHEMATHESIS_EXAMPLES=50 asks fifty of each field under each
account. USHER_TEST_DEEP=1 asks ten, and no account asks what another asked: thirty times as many operations as usual, and
ten times as many answers; each in both media types. USHER_SCHEMATHESIS_SEED makes other ones; the same seed makes the same.
"""

import os
from datetime import date
from typing import Any

import httpx
import pytest
import schemathesis
import schemathesis.checks
import schemathesis.specs.openapi.checks
from graphql import DocumentNode, get_introspection_query, parse
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from server.errors import UsherError
from server.resolvers.schema import graphql_schema
from tests.depth import DEEP
from tests.e2e.conformance import faults
from tests.e2e.serving import Client, Server
from tests.leaks.hidden import accounts
from tests.leaks.sentinels import plant
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

EXAMPLES = int(os.environ.get("USHER_SCHEMATHESIS_EXAMPLES", "10" if DEEP else "1"))
SEED = os.environ.get("USHER_SCHEMATHESIS_SEED", "1")
ACCOUNTS = accounts(wide_school("everybody", date(2026, 9, 21)))
OPERATIONS = EXAMPLES * (len(ACCOUNTS) if DEEP else 16)
# Most root fields are for the staff who look after rules and access, and most filters are refused: these are answered.
ANYBODYS = {"viewer", "school", "node", "nodes", "dataCatalogue", "notices"}
# Untyped in schemathesis: its positive_data_acceptance is left out, for ids that nobody may know are refused.
CHECKS: list[Any] = [
    vars(schemathesis.checks)["not_a_server_error"],
    vars(schemathesis.specs.openapi.checks)["response_schema_conformance"],
]
MEDIA = ("application/json", "application/graphql-response+json")
CODES = {kind.code for kind in UsherError.__subclasses__()} | {"FORBIDDEN_ARGUMENT", "SECOND_FACTOR_REQUIRED"}


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    """With a sentinel in every special-category value: no answer may hold one that its account may not see."""
    world = plant(wide_school("schemathesis", today), whole=True)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def clients(server: Server, school: World) -> list[Client]:
    return [server.client(school, one.handle, one.capacity) for one in ACCOUNTS]


@pytest.fixture(scope="module")
def operations(school: World, clients: list[Client]) -> dict[str, Any]:
    """By root field, of the schema as it is served."""
    register_scalars(school)
    schema: Any = schemathesis.graphql.from_dict(clients[0].ask(get_introspection_query()).data)
    return {one.ok().label.partition(".")[2]: one.ok() for one in schema.get_all_operations()}


def register_scalars(world: World) -> None:
    """Values that mostly mean something: ids of the school, days of its year, marks and numbers."""
    names = {
        "lrn": "ann bob cat dan eve", "cls": "10/Ma1 10/En1", "asm": "maths-10 paper 1|english-10 paper 2",
        "rep": "report ann|report cat", "crs": "maths-10", "win": "autumn spring", "stf": "head teacher",
    }  # fmt: skip
    ids = [
        f"{prefix}_{world.ids[name].hex}"
        for prefix, text in names.items()
        for name in (text.split("|") if "|" in text or "report" in text else text.split())
    ]
    ids += [f"mrk_{world.year}_{world.ids['mark ann maths-10 1'].hex}", "lrn_" + "0" * 32]
    known = st.sampled_from(ids)
    schemathesis.graphql.scalar("ID", st.one_of(known, known, known, st.text(max_size=40)).map(nodes.String))
    days = st.dates(date(world.year - 16, 1, 1), date(world.year + 1, 12, 31))
    schemathesis.graphql.scalar("Date", days.map(str).map(nodes.String))
    moments = days.map(lambda day: f"{day}T09:30:00Z")
    schemathesis.graphql.scalar("DateTime", moments.map(nodes.String))
    numbers = st.decimals(-10, 120, places=1, allow_nan=False)
    schemathesis.graphql.scalar("Decimal", numbers.map(str).map(nodes.String))
    schemathesis.graphql.scalar("UPN", st.from_regex(r"[A-Z][0-9]{11}[A-Z0-9]", fullmatch=True).map(nodes.String))


def root_fields() -> list[str]:
    schema = graphql_schema()
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    return [*schema.query_type.fields, *schema.mutation_type.fields]


@pytest.mark.parametrize("field", root_fields())
def test_every_root_field_under_every_account(operations: dict[str, Any], clients: list[Client], field: str) -> None:
    """Operations made from the served schema: coded errors or conforming data, and never a defect."""
    cases = made(operations[field])
    asked: set[Client] = set()
    told: set[str] = set()
    answered = 0
    for turn in range(EXAMPLES * len(clients)):
        client, case = clients[turn % len(clients)], cases[turn % len(cases)]
        # An odd number of accounts: each asks in the other type when its turn comes again.
        for media in MEDIA if DEEP else (MEDIA[turn % 2],):
            headers = {"Authorization": f"Bearer {client.token}", "Accept": media}
            response = client.http.post("/graphql", json={"query": case.body}, headers=headers)
            case.validate_response(response, checks=CHECKS)
            told.add(_media(response, media))
            answered += _conforms(case.body, response.json())
        asked.add(client)
    assert len(asked) == len(ACCOUNTS)
    assert told == set(MEDIA)
    assert field not in ANYBODYS or answered > len(ACCOUNTS) * EXAMPLES / 8, "nearly everything was refused"


def made(operation: Any) -> list[Any]:
    """Cases of the operation, so many that all differ as far as it goes."""
    cases: list[Any] = []

    def keep(case: Any) -> None:
        cases.append(case)

    run = settings(max_examples=OPERATIONS, phases=[Phase.generate], derandomize=False)(
        given(case=operation.as_strategy())(keep)
    )
    seed(f"{SEED} {operation.label}")(run)()
    return cases


def _media(response: httpx.Response, asked: str) -> str:
    """What was asked for, with the status that the type has for an operation that was not executed (400 for no request)."""
    media, _, charset = response.headers["content-type"].partition("; ")
    assert (media, charset) == (asked, "charset=utf-8")
    executed = "data" in response.json()
    expected = {200} if executed else {400, 403} if media == MEDIA[1] else {200, 400}
    assert response.status_code in expected, response.text
    return media


def _conforms(document: Any, body: dict[str, Any]) -> bool:
    """Whether there is data; it must conform, and an error must have a code that is printed."""
    errors = body.get("errors")
    if errors:
        assert {error["extensions"]["code"] for error in errors} <= CODES, errors
        assert body.get("data") is None, body
        return False
    parsed = document if isinstance(document, DocumentNode) else parse(document)
    assert faults(graphql_schema(), parsed, body["data"]) == []
    return True


def test_conformance_is_noticed_when_it_is_missing() -> None:
    """The control: keys, nulls, types and values that differ are told."""
    document = parse("{ school { name academicYear } nodes(ids: []) { id } learners { totalCount nodes { age } } }")
    good: dict[str, Any] = {
        "school": {"name": "A", "academicYear": 2026},
        "nodes": [{"id": "lrn_" + "0" * 32}, None],
        "learners": {"totalCount": None, "nodes": [{"age": 15}]},
    }
    assert faults(graphql_schema(), document, good) == []
    changes: tuple[dict[str, Any], ...] = (
        {"school": None}, {"school": {"name": "A"}}, {"school": {"name": "A", "academicYear": "2026"}},
        {"nodes": None}, {"nodes": {}}, {"nodes": [{"id": None}]}, {"learners": {"totalCount": 1}},
        {"learners": {"totalCount": True, "nodes": []}}, {"learners": {"totalCount": 1, "nodes": [None]}}, {"extra": 1},
    )  # fmt: skip
    for change in changes:
        assert faults(graphql_schema(), document, good | change) != [], change
