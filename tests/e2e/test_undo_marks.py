"""undoMarks puts back what stood before a batch, where nobody has changed it since."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from server import tables
from server.commands.marks import batches
from server.commands.marks.access import READ, WRITE
from server.database.pool import Pool
from server.exchange.context import ImportContext
from server.exchange.mark_parts import import_mark_parts
from server.exchange.outcome import Commit, ImportOutcome
from server.exchange.records_of_import import Declaration
from tests.e2e.recording import agree, history, mark, mark_id, moderate, record, second, undo
from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Client, Server
from tests.e2e.windows import errors, step, took
from tests.unit.commands.desk import Desk, crowd
from tests.worlds import World, insert_world, small_school

BATCH = ["input", "batch"]


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = small_school(f"undo {uuid4()}", today)
    crowd(world, 2)
    insert_world(app_url, world)
    return world


@pytest.fixture
def lead(server: Server, school: World) -> Client:
    return server.client(school, "maths-lead")


@pytest.fixture
def teacher(server: Server, school: World) -> Client:
    return server.client(school, "teacher")


def done(client: Client, *marks: dict[str, Any]) -> str:
    """The batch of marks that are recorded."""
    answer = record(client, *marks).data["recordMarks"]
    assert answer["userErrors"] == []
    return answer["batch"]


def test_marks_and_grades_stand_again_as_before(teacher: Client, school: World, owner_url: str) -> None:
    """As new versions with their reason, audit row and events; a mark that began with the batch is not entered."""
    batch = done(
        teacher,
        mark(school, score="70"),
        mark(school, "crowd 0", score="40"),
        mark(school, "eve", state="ABSENT", score=None),
    )
    answer = undo(teacher, batch).data["undoMarks"]
    assert (answer["userErrors"], answer["staying"], answer["replayed"]) == ([], [], False)
    assert [(one["version"], one["state"]) for one in answer["marks"]].count((2, "NOT_ENTERED")) == 1
    new, undone, old = history(teacher, mark_id(school))
    assert (new["score"], undone["score"]) == (old["score"], "70")
    assert (new["reason"], new["batch"]) == (f"undo of batch {batch}", answer["batch"])
    assert undone["batch"] == batch
    assert len(answer["grades"]) == 3
    with psycopg.connect(owner_url) as connection:
        events = connection.execute(
            "SELECT kind FROM usher.outbox_event WHERE school_id = %s AND sequence > 1", [school.school_id]
        ).fetchall()
        [(audit_id, details)] = connection.execute(
            "SELECT audit_id, details FROM usher.audit_operation WHERE school_id = %s AND details ? 'undone'",
            [school.school_id],
        ).fetchall()
    assert Counter(row[0] for row in events) == {"markRecorded": 6, "gradeUpdated": 6}
    assert (str(audit_id), details) == (
        answer["batch"], {"undone": batch, "marks": 3, "grades": 3, "refused": 0},
    )  # fmt: skip


def test_an_undo_is_undone(teacher: Client, school: World) -> None:
    first = undo(teacher, done(teacher, mark(school, score="70"))).data["undoMarks"]
    again = undo(teacher, first["batch"]).data["undoMarks"]
    assert [(one["version"], one["score"]) for one in again["marks"]] == [(4, "70")]


def test_what_was_changed_since_stays(teacher: Client, lead: Client, school: World) -> None:
    """The rest is put back, and a second undo finds nothing more to do."""
    batch = done(teacher, mark(school, score="70"), mark(school, "eve", score="71"))
    record(lead, mark(school, "eve", score="72"))
    answer = undo(teacher, batch).data["undoMarks"]
    assert [one["id"] for one in answer["marks"]] == [mark_id(school)]
    assert answer["staying"] == [{"id": mark_id(school, "eve"), "version": 3}]
    assert answer["userErrors"] == [{"code": "CHANGED_SINCE", "path": [*BATCH, "0"]}]
    again = undo(teacher, batch).data["undoMarks"]
    assert (again["marks"], len(again["staying"]), again["batch"]) == ([], 2, None)


def test_nothing_is_put_back_in_what_is_locked(lead: Client, teacher: Client, school: World, owner_url: str) -> None:
    """Marks of other courses are."""
    batch = done(lead, mark(school, "cat", score="70"), mark(school, "dan", "maths-11 paper 1", score="71"))
    for name in ("lockWindow", "moderateWindow"):
        took(step(lead, school, name))
        before = snapshot(owner_url, school)
        answer = undo(lead, batch, dryRun=True).data["undoMarks"]
        assert (answer["wouldWrite"], answer["userErrors"]) == (1, [{"code": "WINDOW_LOCKED", "path": [*BATCH, "0"]}])
        assert snapshot(owner_url, school) == before
    answer = undo(lead, batch).data["undoMarks"]
    assert [one["id"] for one in answer["marks"]] == [mark_id(school, "dan", course="maths-11")]
    assert answer["staying"] == [{"id": mark_id(school, "cat"), "version": 2}]


def test_one_undoes_one_s_own_and_what_one_leads(
    server: Server, teacher: Client, lead: Client, school: World, owner_url: str
) -> None:
    """For everybody else a batch is not there."""
    batch = done(teacher, mark(school, score="70"))
    theirs = done(lead, mark(school, score="71"))
    before = snapshot(owner_url, school)
    gone = [("NO_SUCH_BATCH", BATCH)]
    assert errors(undo(teacher, theirs)) == gone
    for handle in ("head", "tutor", "english", "data-manager", "exams-officer", "dpo", "pat", "ann", "mis"):
        assert errors(undo(server.client(school, handle), batch)) == gone
    for name in (str(uuid4()), "", "x" * 300, "a\x1bb", batch.upper()):
        assert errors(undo(lead, name)) == gone
    assert snapshot(owner_url, school) == before
    assert errors(undo(lead, theirs)) == []


def test_marks_that_may_no_longer_be_changed_stay(teacher: Client, school: World, owner_url: str) -> None:
    """Of one's own batch this is said, as if there were no such marks; of another's nothing is."""
    batch = done(teacher, mark(school, score="70"), mark(school, "eve", score="71"))
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "UPDATE usher.enrolment SET valid_to = current_date WHERE school_id = %s AND learner_id = %s",
            [school.school_id, school.ids["eve"]],
        )
    answer = undo(teacher, batch).data["undoMarks"]
    assert [one["id"] for one in answer["marks"]] == [mark_id(school)]
    assert (answer["staying"], answer["userErrors"]) == ([], [{"code": "NO_SUCH_BATCH", "path": BATCH}])


def test_a_dry_run_writes_nothing_and_a_repeat_nothing_again(teacher: Client, school: World, owner_url: str) -> None:
    batch = done(teacher, mark(school, score="70"))
    before = snapshot(owner_url, school)
    assert undo(teacher, batch, dryRun=True).data["undoMarks"]["wouldWrite"] == 1
    assert snapshot(owner_url, school) == before
    first = undo(teacher, batch, idempotencyKey="undo").data["undoMarks"]
    after = snapshot(owner_url, school)
    assert undo(teacher, batch, idempotencyKey="undo").data["undoMarks"] == first | {"replayed": True}
    assert undo(teacher, "other", idempotencyKey="undo").codes == ["IDEMPOTENCY_CONFLICT"]
    assert snapshot(owner_url, school) == after


QUESTIONS = [
    {"question": "1", "topic": "Algebra", "maximum": "40", "score": "30"},
    {"question": "2", "topic": "Number", "maximum": "40", "score": None},
    {"question": "3", "topic": "Number", "maximum": "40", "score": "40"},
]


def questions(client: Client, school: World) -> dict[str, str | None]:
    asked = "query($id: ID!) { node(id: $id) { ... on Mark { parts { question score } } } }"
    parts = client.ask(asked, {"id": mark_id(school)}).data["node"]["parts"]
    return {part["question"]: part["score"] for part in parts}


def test_questions_stand_again_too(teacher: Client, school: World) -> None:
    """Those of the version before, whether the batch took them away, gave others or gave the first ones."""
    given = done(teacher, mark(school, score="70", parts=QUESTIONS))
    stood = questions(teacher, school)
    assert {name: stood[name] for name in "123"} == {"1": "30", "2": None, "3": "40"}
    taken = done(teacher, mark(school, score="50"))
    assert set(questions(teacher, school).values()) == {None}
    assert errors(undo(teacher, taken)) == []
    assert questions(teacher, school) == stood
    again = done(
        teacher, mark(school, score="70", parts=[{**QUESTIONS[0], "score": "40"}, {**QUESTIONS[2], "score": "30"}])
    )
    assert questions(teacher, school) != stood
    second = undo(teacher, again).data["undoMarks"]["batch"]
    assert questions(teacher, school) == stood
    undo(teacher, second)
    assert questions(teacher, school) == {**stood, "1": "40", "3": "30"}
    assert errors(undo(teacher, given)) == [("CHANGED_SINCE", [*BATCH, "0"])]


def test_a_mark_that_keeps_its_questions_keeps_them_in_undoing(
    server: Server, teacher: Client, lead: Client, school: World
) -> None:
    """As one does that was agreed on at the same score."""
    done(teacher, mark(school, score="70", parts=QUESTIONS))
    stood = questions(teacher, school)
    for name in ("lockWindow", "moderateWindow"):
        took(step(lead, school, name))
    assert errors(moderate(lead, second(school, "70", version=2))) == []
    agreed = agree(lead, second(school, "70", version=2)).data["agreeMarks"]["batch"]
    assert questions(teacher, school) == stood
    took(step(lead, school, "reopenWindow"))
    assert errors(undo(lead, agreed)) == []
    assert questions(teacher, school) == stood


def test_an_import_of_the_first_questions_is_undone(teacher: Client, lead: Client, school: World, app_url: str) -> None:
    """By itself: the mark stays as it was typed in, without questions; and the undo is undone."""
    stood = done(teacher, mark(school, score="70"))
    given = file_of_questions(school, ("1", 30), ("2", 40))
    context = ImportContext(school.school_id, school.ids["maths-lead"])
    with psycopg.connect(app_url, autocommit=True) as connection:

        def put_in() -> ImportOutcome:
            declared = Declaration("We may give this.")
            return import_mark_parts(
                connection, given, context, declared, commit=Commit.ALL_OR_NOTHING, today=school.today
            )

        outcome = put_in()
        assert (outcome.committed, outcome.problems) == (True, ())
        assert put_in().committed
    assert questions(teacher, school) == {"1": "30", "2": "40"}
    assert [one["batch"] for one in history(teacher, mark_id(school))][:2] == [str(outcome.batch_id), stood]
    undone = undo(lead, str(outcome.batch_id)).data["undoMarks"]
    assert (undone["userErrors"], [one["score"] for one in undone["marks"]]) == ([], ["70"])
    assert questions(teacher, school) == {"1": None, "2": None}
    assert errors(undo(lead, undone["batch"])) == []
    assert questions(teacher, school) == {"1": "30", "2": "40"}


def file_of_questions(world: World, *scores: tuple[str, int]) -> bytes:
    """The file of Ann's questions in her first paper."""
    [upn] = [row["upn"] for row in world.rows[tables.LearnerRow] if row["learner_id"] == world.ids["ann"]]
    [window] = [
        row["name"] for row in world.rows[tables.AssessmentWindowRow] if row["window_id"] == world.ids["autumn"]
    ]
    head = "UPN,Academic year,Course,Window,Component,Question,Position,Topic,Score,Maximum"
    lines = [
        f'{upn},{world.year},"Mathematics, year 10",{window},1,{name},{name},Algebra,{score},40'
        for name, score in scores
    ]
    return "\n".join([head, *lines]).encode()


def sorted_tables(plan: dict[str, Any], under: bool = False) -> set[str]:
    """Tables, partitions by their own names, whose rows are sorted somewhere."""
    under = under or "Sort" in plan["Node Type"]
    found = {plan["Relation Name"]} if under and "Relation Name" in plan else set[str]()
    return found.union(*(sorted_tables(child, under) for child in plan.get("Plans", ())))


def test_a_page_of_a_large_batch_sorts_nothing_but_what_the_batch_made(
    school: World, app_url: str, pool: Pool, owner_url: str
) -> None:
    """The marks are looked up by key one after the other, and rights asked until the page is full."""
    desk = Desk(school, pool, owner_url)
    permit, context = desk.permit("maths-lead"), desk.context("maths-lead")
    statement = batches._statement(permit.plan(*WRITE), permit.plan(*READ), 501)  # pyright: ignore[reportPrivateUsage]
    given = {"school": context.school_id, "viewer": context.person_id, "today": school.today, "batch": "import"}
    values = statement.values(given | {"year": 0, "mark": UUID(int=0)})
    settings = {"app.school_id": str(context.school_id), "app.person": str(context.person_id), "app.capacity": "STAFF"}
    with psycopg.connect(app_url, cursor_factory=psycopg.RawCursor) as connection:
        for name, value in (settings | {"enable_hashjoin": "off"}).items():
            connection.execute("SELECT set_config($1, $2, true)", [name, value])
        [(explained,)] = connection.execute(f"EXPLAIN (FORMAT JSON) {statement.text}".encode(), values).fetchall()
    # The walls look for a support session, and may sort the few that a person ever had.
    sorts = sorted_tables(explained[0]["Plan"]) - {"support_decision", "support_end"}
    assert not {name for name in sorts if not name.startswith("mark_version")}
    assert "Merge" not in str(explained)


def test_an_import_is_undone_some_hundred_marks_at_a_time(
    server: Server, app_url: str, owner_url: str, today: date
) -> None:
    """Each call says where the next one begins; every mark is looked at once, and those that stay are named."""
    world = small_school(f"undo much {uuid4()}", today)
    crowd(world, 620)
    insert_world(app_url, world)
    lead = server.client(world, "maths-lead")
    batches = [
        done(lead, *(mark(world, f"crowd {place}", score="40") for place in places))
        for places in (range(310), range(310, 620))
    ]
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "UPDATE usher.mark_version SET batch = 'import' WHERE school_id = %s AND batch = ANY(%s)",
            [world.school_id, batches],
        )
    record(lead, mark(world, "crowd 7", score="41"), mark(world, "crowd 600", score="41"))
    tried = undo(lead, "import", dryRun=True).data["undoMarks"]
    sizes: list[int] = []
    staying: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        answer = undo(lead, "import", **({} if after is None else {"after": after})).data["undoMarks"]
        sizes.append(len(answer["marks"]))
        staying += answer["staying"]
        assert [error["path"] for error in answer["userErrors"]] == [
            [*BATCH, str(place)] for place in range(len(answer["staying"]))
        ]
        after = answer["next"]
        if after is None:
            break
    assert (tried["wouldWrite"], len(sizes)) == (sizes[0], 2)
    assert (sum(sizes), len(staying)) == (618, 2)
    with psycopg.connect(owner_url) as connection:
        left = connection.execute(
            "SELECT m.state, count(*) FROM usher.mark AS m "
            "JOIN usher.mark_version AS v USING (school_id, academic_year, mark_id) "
            "WHERE m.school_id = %s AND v.batch = 'import' GROUP BY 1 ORDER BY 1",
            [world.school_id],
        ).fetchall()
    assert left == [("NOT_ENTERED", 618), ("SCORED", 2)]
