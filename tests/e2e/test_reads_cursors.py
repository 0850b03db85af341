"""Pages: walked to the end in both directions, and cursors that are good for one person, filter and order alone."""

from collections.abc import AsyncGenerator
from datetime import date
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from server import tables
from server.database.pool import Pool
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import starting_book
from tests.oracle.comparing import Case, Comparison
from tests.oracle.desk import Desk
from tests.oracle.publishing import publish
from tests.oracle.served import Served
from tests.worlds import World, insert_world, varied_school

PAGE = "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } }"
LISTS = {
    "learners": "query($n: Int, $c: String) { learners(WINDOW) { PAGE } }",
    "by birth": "query($n: Int, $c: String) { learners(WINDOW, orderBy: [{field: DATE_OF_BIRTH, direction: DESC}]) { PAGE } }",
    "by attendance": """query($n: Int, $c: String) { learners(WINDOW, orderBy: [{field: ATTENDANCE}, {field: YEAR_GROUP}],
        filter: {any: [{gender: {eq: "F"}}, {yearGroup: {ne: "12"}}]}) { PAGE } }""",
    "reports": "query($n: Int, $c: String) { reports(WINDOW) { PAGE } }",
    "staff": 'query($n: Int, $c: String) { staff(WINDOW, filter: {name: {contains: "a"}}) { PAGE } }',
    "classes": "query($n: Int, $c: String) { classes(WINDOW, orderBy: [{field: SUBJECT, direction: DESC}]) { PAGE } }",
}
FIRST, SECOND = "query { learners(first: 2) { PAGE } }", "query($c: String) { learners(first: 2, after: $c) { PAGE } }"


@pytest.fixture(scope="module")
def world(owner_url: str, today: date) -> World:
    world = varied_school("cursors", today)
    insert_world(owner_url, world)
    return world


@pytest_asyncio.fixture
async def desk(pool: Pool, world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Desk]:
    yield Desk(Served(pool, monkeypatch, world), world)


def written(document: str, window: str = "") -> str:
    return document.replace("WINDOW", window).replace("PAGE", PAGE)


async def cursor(desk: Desk, handle: str, document: str = FIRST, **of: Any) -> str:
    data = await desk.ask(handle, written(document), **of)
    return data["learners"]["pageInfo"]["endCursor"]


@pytest.mark.parametrize("handle", ["head", "teacher", "mis"])
@pytest.mark.parametrize("way", ["forwards", "backwards"])
@pytest.mark.parametrize("name", LISTS)
async def test_pages_are_the_oracles_to_the_end(desk: Desk, name: str, way: str, handle: str) -> None:
    """Every page of two rows, ties and missing values included; together they are the whole list, once."""
    world = desk.world
    comparison = Comparison(desk.served, world, starting_book())
    window = "first: $n, after: $c" if way == "forwards" else "last: $n, before: $c"
    document = written(LISTS[name], window)
    person, capacity = world.ids[handle], "CLIENT" if handle == "mis" else "STAFF"
    seen: list[str] = []
    variables: dict[str, Any] = {"n": 2}
    for _ in range(20):
        difference = await comparison.difference(Case(person, capacity, document, variables))
        assert difference is None, difference
        body = await desk.body(handle, document, variables, capacity=capacity)
        if "errors" in body:
            assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN_ARGUMENT"
            return
        (page,) = body["data"].values()
        rows = [edge["node"]["id"] for edge in page["edges"]]
        seen = [*seen, *rows] if way == "forwards" else [*rows, *seen]
        if not page["pageInfo"]["hasNextPage" if way == "forwards" else "hasPreviousPage"]:
            break
        variables = {"n": 2, "c": page["pageInfo"]["endCursor" if way == "forwards" else "startCursor"]}
    whole = await desk.ask(handle, written(LISTS[name], "first: $n, after: $c"), {"n": 500}, capacity=capacity)
    (page,) = whole.values()
    assert seen == [edge["node"]["id"] for edge in page["edges"]]


async def test_marks_of_one_learner_page_too(desk: Desk) -> None:
    """A connection below a row; equal moments are told apart by the key."""
    document = """query($id: ID!, $c: String) { learner(by: {id: $id}) { marks(first: 1, after: $c) {
      nodes { id } pageInfo { hasNextPage endCursor } } } }"""
    variables: dict[str, Any] = {"id": desk.id("lrn", "ann")}
    seen: list[str] = []
    for _ in range(30):
        page = (await desk.ask("head", document, variables))["learner"]["marks"]
        seen += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        variables["c"] = page["pageInfo"]["endCursor"]
    marks = [row for row in desk.world.rows[tables.MarkRow] if row["learner_id"] == desk.world.ids["ann"]]
    assert len(seen) == len(set(seen)) == len(marks)


async def test_a_cursor_tells_nothing_and_no_two_are_alike(desk: Desk) -> None:
    """The same page again gives other cursors, and none shows the row it stands at."""
    one, two = await cursor(desk, "head"), await cursor(desk, "head")
    assert one != two
    ids = [row["learner_id"].hex for row in desk.world.rows[tables.LearnerRow]]
    assert not any(key in cursor for key in ids for cursor in (one, two))


async def test_a_cursor_is_bound_to_its_person(desk: Desk) -> None:
    assert await desk.ask("head", written(SECOND), {"c": await cursor(desk, "head")})
    assert await desk.code("dpo", written(SECOND), {"c": await cursor(desk, "head")}) == "BAD_CURSOR"


async def test_a_cursor_is_bound_to_its_capacity(desk: Desk) -> None:
    found = await cursor(desk, "teacher")
    assert await desk.code("teacher", written(SECOND), {"c": found}, capacity="PARENT") == "BAD_CURSOR"


@pytest.mark.parametrize(
    "arguments",
    [
        'filter: {name: {contains: "a"}}',
        "orderBy: [{field: NAME, direction: DESC}]",
        "orderBy: [{field: YEAR_GROUP}]",
    ],
)
async def test_a_cursor_is_bound_to_filter_and_order(desk: Desk, arguments: str) -> None:
    """A cursor of the plain list would let its holder ask where a row stands in another."""
    document = f"query($c: String) {{ learners(first: 2, after: $c, {arguments}) {{ nodes {{ id }} }} }}"
    assert await desk.code("head", document, {"c": await cursor(desk, "head")}) == "BAD_CURSOR"


async def test_a_cursor_is_bound_to_the_filters_values(desk: Desk) -> None:
    """Also where both documents are one and only a variable differs."""
    document = """query($f: String, $c: String) { learners(first: 1, after: $c, filter: {name: {contains: $f}}) {
      nodes { id } pageInfo { endCursor } } }"""
    found = (await desk.ask("head", document, {"f": "a"}))["learners"]["pageInfo"]["endCursor"]
    assert await desk.ask("head", document, {"f": "a", "c": found})
    assert await desk.code("head", document, {"f": "e", "c": found}) == "BAD_CURSOR"


async def test_a_cursor_is_bound_to_its_field(desk: Desk) -> None:
    document = "query($c: String) { staff(first: 2, after: $c) { nodes { id } } }"
    assert await desk.code("head", document, {"c": await cursor(desk, "head")}) == "BAD_CURSOR"


@pytest.mark.parametrize("place", [0, 5, 11, 12, 30, -1])
async def test_a_tampered_cursor_is_none(desk: Desk, place: int) -> None:
    found = await cursor(desk, "head")
    other = "A" if found[place] != "A" else "B"
    tampered = found[:place] + other + found[place:][1:] if place >= 0 else found[:-3] + other + found[-2:]
    assert await desk.code("head", written(SECOND), {"c": tampered}) == "BAD_CURSOR"


@pytest.mark.parametrize("text", ["", "x", "é", "AAAA", "a" * 5000, "cur.0.0.00", '"', "\x00"])
async def test_what_was_never_a_cursor_is_none(desk: Desk, text: str) -> None:
    assert await desk.code("head", written(SECOND), {"c": text}) == "BAD_CURSOR"


async def test_a_cursor_of_another_server_is_none(desk: Desk, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers of one installation share the key; another installation has its own."""
    foreign = Desk(Served(pool, monkeypatch, desk.world, cursor_key=b"x" * 32), desk.world)
    assert await desk.code("head", written(SECOND), {"c": await cursor(foreign, "head")}) == "BAD_CURSOR"


async def test_stored_text_can_not_pass_for_a_cursor(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, owner_url: str, today: date
) -> None:
    """A name that looks like the mark of a cursor leaves as it is: the mark is new in each request."""
    world = varied_school("marked", today)
    name = "cur.0123456789abcdef.0.5b226122" + "5d"
    world.rows[tables.LearnerRow][0]["given_name"] = name
    insert_world(owner_url, world)
    data = await Desk(Served(pool, monkeypatch, world), world).ask("head", "{ learners { nodes { givenName } } }")
    assert name in [node["givenName"] for node in data["learners"]["nodes"]]


async def test_a_cursor_outlives_the_rule_book_it_was_made_under(
    desk: Desk, owner_url: str, pool: Pool, monkeypatch: pytest.MonkeyPatch, today: date
) -> None:
    """Each page is planned anew: what orders the list may be withheld by then, and nothing breaks."""
    world = varied_school("outlived", today)
    insert_world(owner_url, world)
    desk = Desk(Served(pool, monkeypatch, world), world)
    first = await desk.ask("head", "{ reports(first: 1) { nodes { id } pageInfo { endCursor } } }")
    book = starting_book()
    closed = Rule("no-groups", "staff", "groups", "read", "school", effect="deny")
    with psycopg.connect(owner_url) as owner:
        publish(owner, world, RuleBook((*book.rules, closed), book.role_groups, book.element_groups))
    document = "query($c: String) { reports(first: 50, after: $c) { nodes { id name } } }"
    after = await desk.ask("head", document, {"c": first["reports"]["pageInfo"]["endCursor"]})
    assert all(node["name"] is None for node in after["reports"]["nodes"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("first: 1, last: 1", "BAD_USER_INPUT"),
        ("first: -1", "BAD_USER_INPUT"),
        ("first: 501", "BAD_USER_INPUT"),
        ("last: 501", "BAD_USER_INPUT"),
        ('after: "x", before: "y"', "BAD_USER_INPUT"),
        ('first: 1, before: "y"', "BAD_USER_INPUT"),
        ('last: 1, after: "y"', "BAD_USER_INPUT"),
    ],
)
async def test_a_window_that_makes_no_sense_is_refused(desk: Desk, arguments: str, said: str) -> None:
    assert await desk.code("head", f"{{ learners({arguments}) {{ nodes {{ id }} }} }}") == said
