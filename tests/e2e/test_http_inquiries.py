"""Root fields that Python answers: governed, audited and projected as every other field is."""

from datetime import date

import psycopg
import pytest

from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

WORDS = "{ policyWords { roles { word } conditions { phrase word } } }"


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = wide_school("inquiries", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def officer(server: Server, school: World) -> Client:
    return server.client(school, "dpo")


def entries(owner_url: str, school: World) -> list[tuple[str, dict[str, list[str]], dict[str, object]]]:
    with psycopg.connect(owner_url) as connection:
        return connection.execute(
            "SELECT kind, elements, details FROM usher.audit_operation WHERE school_id = %s ORDER BY audit_id",
            [school.school_id],
        ).fetchall()


def test_an_officer_reads_the_words_of_rules(officer: Client) -> None:
    """Every role of the vocabulary, and conditions with their phrases."""
    found = officer.ask(WORDS).data["policyWords"]
    assert {"word": "class_teacher"} in found["roles"]
    assert {"word": "trained:sen", "phrase": "their SEN training is in date"} in found["conditions"]


def test_others_are_refused_and_nothing_is_written(server: Server, school: World, owner_url: str) -> None:
    """A teacher gets FORBIDDEN, and no audit row tells of a reading that did not happen."""
    before = entries(owner_url, school)
    answer = server.client(school, "ann").ask(WORDS)
    assert answer.codes == ["FORBIDDEN"]
    assert answer.body["data"] is None
    assert entries(owner_url, school) == before


def test_a_reading_is_in_the_audit(officer: Client, school: World, owner_url: str) -> None:
    """Element, kind and field; learners where an inquiry names them."""
    officer.ask(WORDS).data  # noqa: B018
    assert entries(owner_url, school)[-1] == ("read", {"policy": []}, {"fields": ["policyWords"]})


def test_inquiries_stand_beside_rows_and_introspection(officer: Client) -> None:
    """Aliases, fragments, __typename, rows before and after, in the order of the document."""
    answer = officer.ask(
        """query($no: Boolean!) { a: viewer { capacity } ...W b: school { name } __schema { queryType { name } }
        c: policyWords @include(if: $no) { roles { word } } }
        fragment W on Query { words: policyWords { __typename verbs: actions { w: word __typename } } }""",
        {"no": False},
    ).data
    assert list(answer) == ["a", "words", "b", "__schema"]
    assert answer["words"]["__typename"] == "PolicyWords"
    assert {"w": "export", "__typename": "PolicyWord"} in answer["words"]["verbs"]
    assert answer["a"] == {"capacity": "STAFF"}


def test_an_operation_holds_few_of_them(officer: Client) -> None:
    """Each may be dear, so six are refused."""
    answer = officer.ask("{" + " ".join(f"w{i}: policyWords {{ roles {{ word }} }}" for i in range(6)) + "}")
    assert answer.codes == ["LIMIT_EXCEEDED"]
