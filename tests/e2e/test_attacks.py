"""What an attacker tried over HTTP and got away with: each test is one hole."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from server import tables
from tests.database import Database
from tests.e2e.serving import Answer, Client, Server
from tests.worlds import World, insert_world, small_school

NEEDS = '{ senProvision: { eq: "K" }, name: { startsWith: "ash" } }'
MOST_NODES = 100


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    """The small school; Eve, who is protected, and Ann have one guardian."""
    world = small_school("attacks over HTTP", today)
    ann = next(row for row in world.rows[tables.GuardianLinkRow] if row["learner_id"] == world.name("ann"))
    world.add(
        tables.GuardianLinkRow,
        **{**ann, "link_id": world.name("link of eve"), "learner_id": world.name("eve")},
    )
    insert_world(app_url, world)
    return world


def learner_id(world: World, handle: str) -> str:
    return f"lrn_{world.name(handle).hex}"


def unused(document: str) -> str:
    """The document under an operation name that no server has prepared."""
    return document.replace("query", f"query Q{uuid4().hex}", 1)


def warmed(client: Client, document: str, small: dict[str, Any], large: dict[str, Any]) -> tuple[Answer, Answer]:
    """What `large` gets as the first request of a document, and after `small` went first."""
    cold = client.ask(unused(document), large)
    document = unused(document)
    client.ask(document, small)
    return cold, client.ask(document, large)


@pytest.mark.parametrize("by", ["{}", "{ id: null }", '{ id: "ID", upn: "A12345678901A" }', '{ id: "ID", upn: null }'])
def test_a_literal_of_one_of_names_exactly_one(server: Server, school: World, by: str) -> None:
    """@oneOf holds for literals as for variables: a coded error, never a defect, never a silent choice."""
    document = f"{{ learner(by: {by.replace('ID', learner_id(school, 'ann'))}) {{ id }} }}"
    assert server.client(school, "head").ask(document).codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("variables", [{}, {"upn": "A12345678901A"}])
def test_a_one_of_of_variables_needs_its_variable(server: Server, school: World, variables: dict[str, str]) -> None:
    """A nullable variable that is left out, or null, is no member."""
    document = "query($id: ID, $upn: UPN) { learner(by: { id: $id, upn: $upn }) { id } }"
    assert server.client(school, "head").ask(document, {"id": None, **variables}).codes == ["BAD_USER_INPUT"]


def test_the_most_nodes_holds_for_a_known_document(server: Server, school: World) -> None:
    """The shape of variables forgets how long a list of ids is, so a small request opens the way for a large one."""
    ids = [learner_id(school, "ann")] * (MOST_NODES + 1)
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    cold, warm = warmed(server.client(school, "head"), document, {"ids": ids[:1]}, {"ids": ids})
    assert cold.codes == warm.codes == ["BAD_USER_INPUT"]


def test_the_most_rows_holds_for_a_known_document(server: Server, school: World) -> None:
    """The reckoning of rows reads the first request's `first` alone."""
    document = "query($n: Int) { learners(first: $n) { nodes { classes(first: $n) { learners(first: $n) { id } } } } }"
    cold, warm = warmed(server.client(school, "head"), document, {"n": 1}, {"n": 500})
    assert cold.codes == warm.codes == ["LIMIT_EXCEEDED"]


def test_an_undecodable_id_is_refused_by_a_known_document(server: Server, school: World) -> None:
    """An id of a yearly row without its year is bad input, whoever asked before."""
    mark = school.name("mark ann 10 Maths 1").hex
    document = "query($id: ID!) { node(id: $id) { id } }"
    cold, warm = warmed(
        server.client(school, "head"), document, {"id": f"mrk_{school.year}_{mark}"}, {"id": f"mrk_{mark}"}
    )
    assert cold.codes == warm.codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("asked", ["first: 0", "last: 0"])
def test_page_info_of_an_empty_page_is_a_logged_read(
    server: Server, school: World, database: Database, owner_url: str, asked: str
) -> None:
    """hasNextPage of no rows tells a hidden value of a named child: it must say nothing, or be in the audit log."""
    document = unused(
        f"query {{ learners({asked}, filter: {NEEDS}) {{ pageInfo {{ hasNextPage hasPreviousPage }} }} }}"
    )
    page = server.client(school, "senco").ask(document).data["learners"]["pageInfo"]
    name = document.split()[1]
    with psycopg.connect(database.audit_url or owner_url) as connection:
        rows = connection.execute(
            "SELECT elements FROM usher.audit_operation WHERE school_id = %s AND operation_name = %s",
            [school.school_id, name],
        ).fetchall()
    told = page["hasNextPage"] or page["hasPreviousPage"]
    assert not told or [row[0] for row in rows] == [{"sen_provision": [str(school.name("ann"))]}]


def test_a_protected_childs_home_is_not_told_by_a_sibling(server: Server, school: World) -> None:
    """The guardian of a protected learner is one person: their address is withheld by whichever link it is asked."""
    document = "query($id: ID!) { node(id: $id) { ... on Learner { guardians { givenName contact { email } } } } }"
    ask: Callable[[str], list[dict[str, Any]]] = lambda handle: (  # noqa: E731
        server.client(school, "data-manager")
        .ask(document, {"id": learner_id(school, handle)})
        .data["node"]["guardians"]
    )
    assert [row["contact"]["email"] for row in ask("eve") if row["givenName"] == "Pat"] == [None]
    assert [row["contact"]["email"] for row in ask("ann") if row["givenName"] == "Pat"] == [None]


def test_many_alternatives_are_refused(server: Server, school: World) -> None:
    """A filter in variables has a limit like a document: 300 alternatives took a worker and 1 GiB of the database."""
    one = {"senProvision": {"eq": "Q"}}
    document = "query($f: LearnerFilter) { learners(first: 1, filter: $f) { nodes { id } } }"
    assert server.client(school, "senco").ask(document, {"f": {"any": [one] * 1000}}).codes == ["LIMIT_EXCEEDED"]


def test_the_most_rows_counts_lists_beside_each_other(server: Server, school: World) -> None:
    """Twenty lists under the limit are one operation over it."""
    lists = " ".join(
        f"a{i}: learners(first: 500) {{ nodes {{ marks(first: 400) {{ nodes {{ score }} }} }} }}" for i in range(20)
    )
    assert server.client(school, "head").ask(f"{{ {lists} }}").codes == ["LIMIT_EXCEEDED"]


def test_an_alias_is_answered_with_its_own_field(server: Server, school: World) -> None:
    """The hidden member by which the executor tells types can't be taken by an alias."""
    grade = next(row for row in school.rows[tables.GradeRow] if row["learner_id"] == school.name("ann"))
    text = f"grd_{school.year}_{grade['grade_id'].hex}"
    document = "query($id: ID!) { node(id: $id) { __type: id ... on Grade { explanation { steps { text } } } } }"
    answer = server.client(school, "head").ask(document, {"id": text})
    assert answer.codes == ["BAD_USER_INPUT"] or answer.data["node"]["__type"] == text


@pytest.mark.parametrize("argument", ["gradeDistribution(window: ID)", "markbook(assessments: [ID])"])
def test_the_id_of_another_type_is_refused(server: Server, school: World, argument: str) -> None:
    """An argument takes ids of its own type; others are bad input, not an empty answer."""
    asked = argument.replace("ID", f'"{learner_id(school, "ann")}"')
    answer = server.client(school, "head").ask(f"{{ classes(first: 1) {{ nodes {{ {asked} {{ __typename }} }} }} }}")
    assert answer.codes == ["BAD_USER_INPUT"]


def test_include_of_null_is_refused(server: Server, school: World) -> None:
    """The specification: null for the non-null argument `if` is an error of the field."""
    document = "query($b: Boolean = true) { viewer { roles @include(if: $b) } }"
    answer = server.client(school, "head").ask(document, {"b": None})
    assert answer.codes == ["BAD_USER_INPUT"]
