"""Values as GraphQL's JSON, exactly as the specification and the scalars' pages say."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from server import tables
from server.database.pool import Pool
from tests.oracle.desk import Desk
from tests.oracle.rows import Rows
from tests.oracle.served import Served
from tests.worlds import World, insert_world, small_school

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 6, UTC)


@pytest.fixture(scope="module")
def world(owner_url: str, today: date) -> World:
    world = small_school("coercion", today)
    ann = next(row for row in world.rows[tables.LearnerRow] if row["learner_id"] == world.ids["ann"])
    ann.update(key_stage_2=Decimal("100.50"), given_name='A "\\/\u2028é\U0001f600', date_of_birth=date(2011, 2, 3))
    for mark in world.rows[tables.MarkRow]:
        if mark["learner_id"] == world.ids["ann"]:
            mark.update(score=Decimal("60.0"), recorded_at=MOMENT)
    insert_world(owner_url, world)
    return world


@pytest_asyncio.fixture
async def desk(pool: Pool, world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Desk]:
    yield Desk(Served(pool, monkeypatch, world), world)


async def ann(desk: Desk, selection: str, handle: str = "head") -> Any:
    document = f"query($id: ID!) {{ learner(by: {{id: $id}}) {{ {selection} }} }}"
    return (await desk.ask(handle, document, {"id": desk.id("lrn", "ann")}))["learner"]


async def test_decimals_are_strings_without_idle_zeros(desk: Desk) -> None:
    assert await ann(desk, "keyStage2") == {"keyStage2": "100.5"}
    marks = (await ann(desk, "marks { nodes { score maximum } }"))["marks"]["nodes"]
    assert {(mark["score"], mark["maximum"]) for mark in marks} == {("60", "80")}


async def test_integers_are_numbers(desk: Desk) -> None:
    found = await ann(desk, "attendance { possible attended percentage } behaviour { points }")
    assert found == {
        "attendance": {"possible": 100, "attended": 91, "percentage": "91"},
        "behaviour": [{"points": 2}],
    }


async def test_dates_and_moments_are_iso(desk: Desk) -> None:
    assert await ann(desk, "dateOfBirth", "data-manager") == {"dateOfBirth": "2011-02-03"}
    marks = (await ann(desk, "marks { nodes { recordedAt } }"))["marks"]["nodes"]
    assert {mark["recordedAt"] for mark in marks} == {"2026-01-02T03:04:05.000006Z"}


async def test_enums_are_their_names_and_ids_strings(desk: Desk) -> None:
    found = await ann(desk, "id withheld { element reason } marks(first: 1) { nodes { id state } }", "data-manager")
    assert found["id"] == desk.id("lrn", "ann")
    marks = (await ann(desk, "marks { nodes { id state } }"))["marks"]["nodes"]
    assert {mark["state"] for mark in marks} <= {"SCORED", "ABSENT"}
    assert all(mark["id"].startswith(f"mrk_{desk.world.year}_") for mark in marks)


async def test_text_comes_back_as_it_was_stored(desk: Desk) -> None:
    assert await ann(desk, "givenName") == {"givenName": 'A "\\/\u2028é\U0001f600'}


async def test_what_is_missing_is_null(desk: Desk) -> None:
    """On a value, and in the objects that are made of the row."""
    assert await ann(desk, "leftOn contact { phone }") == {"leftOn": None, "contact": {"phone": None}}


async def test_lists_of_words_keep_their_order(desk: Desk) -> None:
    held = {element: newest(desk.world, "ann", element) for element in ("sen_needs", "medical")}
    assert [held["sen_needs"][0], held["medical"][0]] == ["SPLD", "Asthma"]
    assert len(held["medical"]) > 1
    assert await ann(desk, "sen { provision needs } medical { conditions }", "senco") == {
        "sen": {"provision": "K", "needs": held["sen_needs"]},
        "medical": {"conditions": held["medical"]},
    }


def newest(world: World, handle: str, element: str) -> list[str]:
    return Rows(world).newest_special(world.ids[handle], element)


async def test_keys_come_in_order_of_first_mention(desk: Desk) -> None:
    """Merged fields stand where they were first named; fragments where they were spread."""
    document = """query($id: ID!) { b: __typename learner(by: {id: $id}) { z: familyName ...F a: id contact { phone } }
      __typename learner(by: {id: $id}) { y: familyName contact { email } } }
      fragment F on Learner { __typename givenName contact { address } }"""
    body = await desk.served.execution.run(_request(desk, document))
    pairs = json.loads(body.body, object_pairs_hook=lambda pairs: [name for name, _ in pairs])
    assert pairs == ["data", "extensions"]
    order = json.loads(body.body)["data"]
    assert list(order) == ["b", "learner", "__typename"]
    assert list(order["learner"]) == ["z", "__typename", "givenName", "contact", "a", "y"]
    assert list(order["learner"]["contact"]) == ["address", "phone", "email"]


def _request(desk: Desk, document: str) -> Any:
    from server.identity.principal import Principal
    from server.resolvers.execution import OperationRequest

    principal = Principal(desk.world.school_id, desk.world.ids["head"], "STAFF", None, "token", 0, factor=True)
    return OperationRequest(document, None, {"id": desk.id("lrn", "ann")}, principal, None, None)


async def test_typename_is_told_everywhere(desk: Desk) -> None:
    document = """query($id: ID!) { __typename learner(by: {id: $id}) { __typename contact { __typename } marks(first: 1) {
      __typename pageInfo { __typename } edges { __typename node { __typename parts { __typename } } } }
      withheld { __typename } } node(id: $id) { __typename } dataCatalogue { __typename } }"""
    data = await desk.ask("head", document, {"id": desk.id("lrn", "ann")})
    learner = data["learner"]
    assert data["__typename"] == "Query"
    assert data["node"] == {"__typename": "Learner"}
    assert {one["__typename"] for one in data["dataCatalogue"]} == {"DataElementEntry"}
    assert (learner["__typename"], learner["contact"]["__typename"]) == ("Learner", "LearnerContact")
    page = learner["marks"]
    assert (page["__typename"], page["pageInfo"]["__typename"]) == ("MarkConnection", "PageInfo")
    assert page["edges"][0]["__typename"] == "MarkEdge"
    assert page["edges"][0]["node"] == {"__typename": "Mark", "parts": [{"__typename": "MarkPart"}]}


async def test_more_fields_than_a_function_takes(desk: Desk) -> None:
    """PostgreSQL takes 100 arguments: an object of 300 members is joined of several, in order."""
    keys = [f"k{number}" for number in range(300)]
    found = await ann(desk, " ".join(f"{key}: familyName" for key in keys))
    assert list(found) == keys
    assert set(found.values()) == {"Ash"}


@pytest.mark.parametrize(
    ("variables", "kind"),
    [
        ({"x": 2**31}, "Int"),
        ({"x": -(2**31) - 1}, "Int"),
        ({"x": 1.5}, "Int"),
        ({"x": "1"}, "Int"),
        ({"x": True}, "Int"),
    ],
)
async def test_integers_have_32_bits(desk: Desk, variables: dict[str, Any], kind: str) -> None:
    document = f"query($x: {kind}) {{ learners(first: $x) {{ nodes {{ id }} }} }}"
    assert await desk.code("head", document, variables) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dateOfBirth: {eq: $x}", "2011-2-3"),
        ("dateOfBirth: {eq: $x}", "2011-02-30"),
        ("dateOfBirth: {eq: $x}", "20110203"),
        ("dateOfBirth: {eq: $x}", 20110203),
    ],
)
async def test_a_date_is_written_one_way(desk: Desk, field: str, value: Any) -> None:
    document = f"query($x: Date) {{ learners(filter: {{{field}}}) {{ nodes {{ id }} }} }}"
    assert await desk.code("head", document, {"x": value}) == "BAD_USER_INPUT"


@pytest.mark.parametrize("value", [93.5, 93, "93,5", "NaN", "Infinity", "1e3", "", " 93", "+1", "0x10", "9" * 13, None])
async def test_a_decimal_is_a_string_of_digits(desk: Desk, value: Any) -> None:
    """Null is a value that was left out."""
    document = "query($x: Decimal) { learners(filter: {attendance: {gte: $x}}) { nodes { id } } }"
    if value is None:
        assert await desk.ask("head", document, {"x": None}) == await desk.ask("head", "{ learners { nodes { id } } }")
    else:
        assert await desk.code("head", document, {"x": value}) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "value", ["2026-01-02T03:04:05", "2026-01-02", "yesterday", 1, "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"]
)
async def test_a_moment_needs_its_offset(desk: Desk, value: Any) -> None:
    document = "query($x: DateTime) { reports(filter: {publishedAt: {from: $x}}) { nodes { id } } }"
    assert await desk.code("head", document, {"x": value}) == "BAD_USER_INPUT"


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "a\udfffb"])
@pytest.mark.parametrize(
    "argument", ["filter: {yearGroup: {eq: $x}}", "filter: {yearGroup: {in: [$x]}}", "filter: {name: {contains: $x}}"]
)
async def test_a_text_that_no_database_holds_is_refused(desk: Desk, text: str, argument: str) -> None:
    """PostgreSQL has no NUL character, and UTF-8 no half of a pair: an argument's fault, not the server's."""
    document = f"query($x: String!) {{ learners({argument}) {{ nodes {{ id }} }} }}"
    body = await desk.body("head", document, {"x": text})
    if "contains" in argument:
        assert "errors" not in body or body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    else:
        assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("text", ["\x00", "\ud800"])
async def test_a_number_that_no_database_holds_is_refused(desk: Desk, text: str) -> None:
    document = "query($x: String!) { learner(by: {misId: $x}) { id } }"
    assert await desk.code("data-manager", document, {"x": text}) == "BAD_USER_INPUT"


@pytest.mark.parametrize("literal", ['"\\u0000"', '"\\uD800"', '"\\u{D800}"'])
async def test_a_literal_that_no_database_holds_is_refused(desk: Desk, literal: str) -> None:
    document = f"{{ learners(filter: {{gender: {{eq: {literal}}}}}) {{ nodes {{ id }} }} }}"
    assert await desk.code("head", document) == "BAD_USER_INPUT"


@pytest.mark.parametrize("variables", [{}, {"x": None}, {"x": "EIGHT"}, {"x": 8}])
async def test_an_enum_is_one_of_its_names(desk: Desk, variables: dict[str, Any]) -> None:
    document = "query($x: LearnerOrderField!) { learners(orderBy: [{field: $x}]) { nodes { id } } }"
    assert await desk.code("head", document, variables) == "BAD_USER_INPUT"


async def test_one_value_stands_for_a_list_of_it(desk: Desk) -> None:
    """Input coercion of lists, for literals and variables alike."""
    document = """query($o: [LearnerOrder!], $in: [String!]) {
      a: learners(orderBy: {field: NAME, direction: DESC}, filter: {yearGroup: {in: "11"}}) { nodes { id } }
      b: learners(orderBy: $o, filter: {yearGroup: {in: $in}}) { nodes { id } } }"""
    data = await desk.ask("head", document, {"o": {"field": "NAME", "direction": "DESC"}, "in": "11"})
    assert data["a"] == data["b"] == {"nodes": [{"id": desk.id("lrn", "dan")}]}


async def test_defaults_and_nulls_of_variables(desk: Desk) -> None:
    """A default stands where nothing was given, never where null was."""
    document = "query($n: Int = 1) { learners(first: $n) { nodes { id } } }"
    assert len((await desk.ask("head", document))["learners"]["nodes"]) == 1
    assert len((await desk.ask("head", document, {"n": None}))["learners"]["nodes"]) > 1
    assert len((await desk.ask("head", document, {"n": 2}))["learners"]["nodes"]) == 2
