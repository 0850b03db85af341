"""Second markers give their scores while a course is moderated, and marks are agreed."""

from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from server import tables
from tests.e2e.recording import agree, history, mark, mark_id, moderate, record, second
from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Client, Server
from tests.e2e.windows import errors, step, took
from tests.worlds import World, insert_world, small_school


@pytest.fixture
def school(app_url: str, today: date) -> World:
    """All marks are the teacher's, and nobody has moderated one."""
    world = small_school(f"moderation {uuid4()}", today)
    world.rows[tables.MarkModerationRow] = []
    insert_world(app_url, world)
    return world


@pytest.fixture
def lead(server: Server, school: World) -> Client:
    return server.client(school, "maths-lead")


@pytest.fixture
def teacher(server: Server, school: World) -> Client:
    return server.client(school, "teacher")


@pytest.fixture
def moderating(lead: Client, school: World) -> None:
    took(step(lead, school, "lockWindow"))
    took(step(lead, school, "moderateWindow"))


def at(position: int, code: str, field: str | None = None) -> tuple[str, list[str]]:
    return code, ["input", "marks", str(position), *([field] if field else [])]


def traces(owner_url: str, school: World) -> list[Any]:
    """Audit rows of what was done with marks, with their elements; and kinds of events of marks and grades."""
    with psycopg.connect(owner_url) as connection:
        audited = connection.execute(
            "SELECT details->>'change', ARRAY(SELECT jsonb_object_keys(elements) ORDER BY 1) FROM usher.audit_operation"
            " WHERE school_id = %s AND elements ? 'mark' AND details ? 'change' ORDER BY 1",
            [school.school_id],
        ).fetchall()
        events = connection.execute(
            "SELECT kind FROM usher.outbox_event WHERE school_id = %s AND kind = ANY(%s) ORDER BY 1",
            [school.school_id, ["gradeUpdated", "markRecorded"]],
        ).fetchall()
    return [*audited, *(row[0] for row in events)]


@pytest.mark.usefixtures("moderating")
def test_a_mark_is_read_again_and_agreed(lead: Client, teacher: Client, school: World, owner_url: str) -> None:
    """The agreed mark is a new version, with both markers; nothing that was said before is changed."""
    assert errors(moderate(lead, second(school, "50"))) == []
    answer = agree(teacher, second(school, "49", reason="Question 3 was misread.")).data["agreeMarks"]
    assert (answer["userErrors"], answer["marks"]) == ([], [{"id": mark_id(school), "version": 2}])
    assert [grade["version"] for grade in answer["grades"]] == [2]
    new, old = history(lead, mark_id(school))
    assert new == {
        "version": 2,
        "state": "SCORED",
        "score": "49",
        "reason": "Question 3 was misread.",
        "capacity": "STAFF",
        "batch": answer["batch"],
        "agreed": True,
        "recordedBy": {"familyName": "Chalk"},
        "markers": [{"familyName": "Chalk"}, {"familyName": "Count"}],
        "moderations": [],
    }
    assert (old["version"], old["agreed"], old["markers"]) == (1, False, [])
    assert old["moderations"] == [{"score": "50", "reason": "Read again.", "moderatedBy": {"familyName": "Count"}}]
    assert traces(owner_url, school) == [
        ("AGREED", ["grade", "mark"]), ("MODERATED", ["mark"]), "gradeUpdated", "markRecorded",
    ]  # fmt: skip


@pytest.mark.usefixtures("moderating")
def test_nobody_moderates_a_version_of_their_own(lead: Client, teacher: Client, school: World, owner_url: str) -> None:
    """Neither the first marker, nor who agreed on a mark, nor anybody twice."""
    before = snapshot(owner_url, school)
    assert errors(moderate(teacher, second(school, "50"))) == [at(0, "SAME_MARKER")]
    assert errors(agree(lead, second(school, "50"))) == [at(0, "NOT_MODERATED")]
    assert snapshot(owner_url, school) == before
    assert errors(moderate(lead, second(school, "50"))) == []
    assert errors(moderate(lead, second(school, "51"))) == [at(0, "ALREADY_MODERATED")]
    assert errors(agree(lead, second(school, "50"))) == []
    assert errors(moderate(lead, second(school, "51", 2))) == [at(0, "SAME_MARKER")]
    assert errors(agree(lead, second(school, "51", 2))) == [at(0, "NOT_MODERATED")]
    assert errors(moderate(teacher, second(school, "51", 2))) == []


@pytest.mark.parametrize("steps", [(), ("lockWindow",), ("lockWindow", "moderateWindow", "lockWindow")])
def test_marks_are_moderated_while_their_course_is(
    lead: Client, school: World, owner_url: str, steps: tuple[str, ...]
) -> None:
    for name in steps:
        took(step(lead, school, name))
    before = snapshot(owner_url, school)
    for send in (moderate, agree):
        assert errors(send(lead, second(school, "50"))) == [at(0, "NOT_MODERATING")]
    assert snapshot(owner_url, school) == before


@pytest.mark.usefixtures("moderating")
def test_a_bad_row_is_named_and_changes_nothing(lead: Client, school: World, owner_url: str) -> None:
    """And the good rows of a batch that goes by rows are written."""
    before = snapshot(owner_url, school)
    for bad, code, field in (
        (second(school, "81"), "MARK_ABOVE_MAXIMUM", "score"),
        (second(school, "40.5"), "MARK_STEP", "score"),
        (second(school, "-1"), "MARK_BELOW_ZERO", "score"),
        (second(school, "40", reason=" "), "BAD_TEXT", "reason"),
        (second(school, "40", reason="x" * 501), "BAD_TEXT", "reason"),
        (second(school, "40", 2), "VERSION_CONFLICT", "expectedVersion"),
        (second(school, "40", 0), "VERSION_CONFLICT", "expectedVersion"),
    ):
        for send in (moderate, agree):
            assert errors(send(lead, bad)) == [at(0, code, field)]
        assert errors(moderate(lead, second(school, "40", learner="eve"), bad)) == [at(1, code, field)]
    twice = (second(school, "40"), second(school, "41"))
    assert errors(moderate(lead, *twice)) == [at(0, "DUPLICATE_ENTRY"), at(1, "DUPLICATE_ENTRY")]
    for marks in ((), (second(school, "1"),) * 501):
        assert moderate(lead, *marks).codes == ["BAD_USER_INPUT"]
    assert snapshot(owner_url, school) == before
    answer = moderate(lead, second(school, "40", learner="eve"), second(school, "81"), mode="PER_ROW")
    assert errors(answer) == [at(1, "MARK_ABOVE_MAXIMUM", "score")]
    assert len(answer.data["moderateMarks"]["marks"]) == 1


@pytest.mark.usefixtures("moderating")
def test_what_may_not_be_moderated_looks_like_what_is_not_there(
    server: Server, teacher: Client, lead: Client, school: World, app_url: str, today: date, owner_url: str
) -> None:
    """Unknown, another school's, another teacher's, restricted, one's own child: the same words."""
    away = small_school(f"moderation, elsewhere {uuid4()}", today)
    insert_world(app_url, away)
    before = snapshot(owner_url, school)
    for send in (moderate, agree):
        told = [
            str(send(teacher, second(school, "40") | {"mark": one}).data)
            for one in (
                f"mrk_{school.year}_{uuid4().hex}",
                mark_id(away),
                mark_id(school, "cat"),
                mark_id(school, "bob"),
                mark_id(school, "gus"),
                mark_id(school, "ann", course="english-10"),
            )
        ]
        assert len(set(told)) == 1
        assert "NOT_FOUND" in told[0]
        for handle in ("tutor", "head", "data-manager", "exams-officer", "dpo", "english", "cover"):
            assert errors(send(server.client(school, handle), second(school, "40"))) == [at(0, "NOT_FOUND")]
        assert send(server.client(school, "pat"), second(school, "40")).codes == ["FORBIDDEN"]
    assert snapshot(owner_url, school) == before


@pytest.mark.usefixtures("moderating")
def test_a_dry_run_writes_nothing_and_a_repeat_nothing_again(lead: Client, school: World, owner_url: str) -> None:
    before = snapshot(owner_url, school)
    assert moderate(lead, second(school, "50"), dryRun=True).data["moderateMarks"]["wouldWrite"] == 1
    assert snapshot(owner_url, school) == before
    for send, name in ((moderate, "moderateMarks"), (agree, "agreeMarks")):
        first = send(lead, second(school, "50"), idempotencyKey=name).data[name]
        after = snapshot(owner_url, school)
        again = send(lead, second(school, "50"), idempotencyKey=name).data[name]
        assert again == first | {"replayed": True}
        assert send(lead, second(school, "51"), idempotencyKey=name).codes == ["IDEMPOTENCY_CONFLICT"]
        assert snapshot(owner_url, school) == after


def test_questions_stay_where_the_score_is_agreed_to(lead: Client, teacher: Client, school: World) -> None:
    """And lose their scores where it isn't, as with any other change."""
    parts = [{"question": "1", "topic": "Sets", "maximum": "50", "score": "41"}]
    record(teacher, mark(school, score="41", parts=parts), mark(school, "eve", score="41", parts=parts))
    took(step(lead, school, "lockWindow"))
    took(step(lead, school, "moderateWindow"))
    given = (second(school, "41", 2), second(school, "42", 2, "eve"))
    assert errors(moderate(lead, *given)) == []
    assert errors(agree(lead, *given)) == []
    asked = "query($id: ID!) { node(id: $id) { ... on Mark { parts { score } } } }"
    kept, lost = (lead.ask(asked, {"id": mark_id(school, one)}).data["node"]["parts"] for one in ("ann", "eve"))
    assert kept == [{"score": "41"}]
    assert lost == [{"score": None}]
