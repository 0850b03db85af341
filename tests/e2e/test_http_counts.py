"""Totals over HTTP: a number of a list is told with or without the list."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school("counts over HTTP", today)
    insert_world(app_url, world)
    return world


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("{ learners { totalCount } }", {"totalCount": 8}),
        ("{ learners { partial } }", {"partial": False}),
        ("{ learners { totalCount partial __typename } }", None),
        ('{ learners(filter: {name: {startsWith: "nobody"}}) { totalCount } }', {"totalCount": None}),
        ("{ learners(first: 0) { totalCount } }", {"totalCount": 8}),
    ],
)
def test_a_total_needs_no_rows(server: Server, school: World, document: str, told: dict[str, object] | None) -> None:
    """A connection of which no row and no cursor is selected answers all the same."""
    wanted = told or {"totalCount": 8, "partial": False, "__typename": "LearnerConnection"}
    assert server.client(school, "teacher").ask(document).data == {"learners": wanted}


@pytest.mark.parametrize("root", ["classes", "staff", "reports", "learners"])
def test_every_list_gives_its_total_alone(server: Server, school: World, root: str) -> None:
    """The number is the one beside the rows."""
    ask: Callable[[str], dict[str, object]] = lambda text: server.client(school, "head").ask(text).data[root]  # noqa: E731
    alone, beside = ask(f"{{ {root} {{ totalCount }} }}"), ask(f"{{ {root} {{ totalCount nodes {{ id }} }} }}")
    assert alone["totalCount"] == beside["totalCount"] is not None


def test_a_total_of_marks_below_each_learner_needs_no_rows(server: Server, school: World) -> None:
    """One number a learner, in one statement."""
    data = server.client(school, "head").ask("{ learners { nodes { id marks { totalCount } } } }").data
    assert len(data["learners"]["nodes"]) == 8
