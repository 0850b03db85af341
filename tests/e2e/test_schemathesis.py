"""schemathesis under every account against the served application: no 5xx, and answers that conform to the schema.

USHER_SCHEMATHESIS_EXAMPLES=50 asks that many operations of each root field under each account; a few where it is unset.
USHER_SCHEMATHESIS_SEED makes other ones; the same seed makes the same. USHER_TEST_DEEP=1 asks ten of each, under all
accounts there are: the accounts are what a deep run is for, not a hundred times as many operations.
"""

import os
from collections.abc import Generator
from datetime import date
from typing import Any

import pytest
import requests
import schemathesis
import schemathesis.checks
import schemathesis.specs.openapi.checks
from graphql import DocumentNode, parse
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from server.errors import UsherError
from server.resolvers.schema import graphql_schema
from tests.depth import DEEP
from tests.e2e.conformance import faults
from tests.e2e.serving import Server, capacity_of
from tests.leaks.hidden import accounts
from tests.leaks.sentinels import plant
from tests.leaks.watching import judge
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

EXAMPLES = int(os.environ.get("USHER_SCHEMATHESIS_EXAMPLES", "10" if DEEP else "3"))
SEED = os.environ.get("USHER_SCHEMATHESIS_SEED", "1")
SOME: list[tuple[str, str | None]] = [
    ("teacher", None), ("teacher", "PARENT"), ("english", None), ("tutor-trained", None), ("year-head", None),
    ("maths-lead", None), ("senco", None), ("head", None), ("data-trained", None), ("exams-officer", None),
    ("dpo", None), ("governor", None), ("pat", None), ("ann", None), ("mis", None), ("support-granted", None),
]  # fmt: skip
EVERYBODY = [(one.handle, one.capacity) for one in accounts(wide_school("everybody", date(2026, 9, 21)))]
ACCOUNTS = EVERYBODY if DEEP else SOME
# Untyped in schemathesis: its positive_data_acceptance is left out, for ids that nobody may know are refused.
CHECKS: list[Any] = [
    vars(schemathesis.checks)["not_a_server_error"],
    vars(schemathesis.specs.openapi.checks)["response_schema_conformance"],
]
CODES = {kind.code for kind in UsherError.__subclasses__()} | {"FORBIDDEN_ARGUMENT"}


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    """With a sentinel in every special-category value: no answer may hold one that its account may not see."""
    world = plant(wide_school("schemathesis", today), whole=True)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def session() -> Generator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


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


@pytest.mark.parametrize(("handle", "capacity"), ACCOUNTS)
def test_every_root_field_under_every_account(
    server: Server, school: World, session: requests.Session, handle: str, capacity: str | None
) -> None:
    """Operations made from the served schema: coded errors or conforming data, and never a defect."""
    register_scalars(school)
    token = server.client(school, handle, capacity).token
    headers = {"Authorization": f"Bearer {token}"}
    schema: Any = schemathesis.graphql.from_url(f"{server.url}/graphql", headers=headers)
    answered = 0

    def ask(case: Any) -> None:
        nonlocal answered
        response = case.call(session=session, headers=headers)
        judge(response.text, response.headers, {name.lower(): value for name, value in headers.items()})
        case.validate_response(response, checks=CHECKS)
        answered += _conforms(case.body, response.json())

    operations: list[Any] = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) == len(_root_fields())
    for operation in operations:
        # A seed of its own for each account and field, so that not all accounts ask the same.
        run = settings(max_examples=EXAMPLES, phases=[Phase.generate], derandomize=False)(
            given(case=operation.as_strategy())(ask)
        )
        seed(f"{SEED} {handle} {capacity} {operation.label}")(run)()
    # Most root fields are for the staff who look after rules and access: families and programs may use few.
    assert answered >= len(operations) / 8, "nearly everything was refused"
    assert capacity_of(school, handle)


def _root_fields() -> list[str]:
    schema = graphql_schema()
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    return [*schema.query_type.fields, *schema.mutation_type.fields]


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
