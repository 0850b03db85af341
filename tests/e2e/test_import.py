"""Rosters and marks from files into real PostgreSQL, as the application's role: what they leave, and what faults leave."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from server.demo.packs import pack_folder
from server.errors import BadUserInput
from server.exchange.bulk import Connection, insert
from server.exchange.context import ImportContext, enter
from server.exchange.founding import FirstPerson, found_school
from server.exchange.mark_parts import import_mark_parts
from server.exchange.marks import import_marks
from server.exchange.outcome import Commit, ImportOutcome
from server.exchange.records_of_import import Declaration
from server.exchange.references import import_pack, store_codes
from server.exchange.roster import import_roster
from server.grading.contents import boundaries_from_content, specification_from_content
from server.grading.marks import MarkState
from server.grading.measures.subjects import SUBJECTS_FILE
from server.grading.measures.tables import MEASURE_FILES
from server.grading.scalar import grade
from server.register.elements import ELEMENTS
from server.register.upn import make_upn
from tests.unit.exchange.rosters import (
    ADA,
    AUTUMN,
    BEN,
    CAI,
    DEE,
    SUMMER,
    Book,
    changed,
    marks_csv,
    small_book,
    workbook,
)
from tests.unit.grading.test_packs import boundaries, row

TODAY = date(2026, 11, 21)
DECLARED = Declaration("The head has agreed that the school gives this data.")


class School:
    """One school founded for a test, and its files on their way in."""

    def __init__(self, connection: Connection, owner_url: str, folder: Path) -> None:
        self.connection = connection
        self._owner_url = owner_url
        self._folder = folder
        with connection.transaction():
            self.context = found_school(
                connection,
                name="Elm",
                academic_year=2026,
                first=FirstPerson("S1", "Mina", "Anderson"),
                now=datetime.now(UTC),
                since=SUMMER,
            )

    def roster(
        self,
        book: Book | None = None,
        commit: Commit = Commit.ALL_OR_NOTHING,
        today: date = TODAY,
        context: ImportContext | None = None,
    ) -> ImportOutcome:
        content = workbook(self._folder, book or small_book())
        return import_roster(self.connection, content, context or self.context, DECLARED, commit=commit, today=today)

    def marks(self, content: bytes, commit: Commit = Commit.ALL_OR_NOTHING) -> ImportOutcome:
        return import_marks(self.connection, content, self.context, DECLARED, commit=commit, today=TODAY)

    def rows(self, query: LiteralString) -> list[tuple[Any, ...]]:
        """What stands in the tables, seen by their owner; `%(school)s` is this school."""
        with psycopg.connect(self._owner_url) as connection:
            return connection.execute(query, {"school": self.context.school_id}).fetchall()

    def counts(self) -> dict[str, int]:
        """Rows of this school in every table."""
        with psycopg.connect(self._owner_url) as connection:
            tables = connection.execute(
                "SELECT DISTINCT table_name FROM information_schema.columns AS c "
                "JOIN pg_class AS k ON k.relname = c.table_name AND NOT k.relispartition "
                "WHERE c.table_schema = 'usher' AND c.column_name = 'school_id' AND k.relkind IN ('r', 'p')"
            ).fetchall()
            found: dict[str, int] = {}
            for (table,) in tables:
                query = sql.SQL("SELECT count(*) FROM usher.{} WHERE school_id = %s").format(sql.Identifier(table))
                [found[table]] = connection.execute(query, [self.context.school_id]).fetchone() or (0,)
            return found


@pytest.fixture
def new_school(app_url: str, owner_url: str, tmp_path: Path) -> Generator[Callable[[], School]]:
    with psycopg.connect(app_url, autocommit=True) as connection:
        import_pack(connection, pack_folder(), datetime.now(UTC))
        yield lambda: School(connection, owner_url, tmp_path)


@pytest.fixture
def school(new_school: Callable[[], School]) -> School:
    return new_school()


def sat(upn: str, *scores: object) -> list[tuple[object, ...]]:
    """Scores in the mathematics papers of the autumn; a word is a state."""
    return [
        (upn, "Maths", "Autumn 1", f"8300/{n}H", score, None, "2026-10-08")
        if isinstance(score, str)
        else (upn, "Maths", "Autumn 1", f"8300/{n}H", "SCORED", score, "2026-10-08")
        for n, score in enumerate(scores, start=1)
    ]


def test_a_roster_becomes_people_groups_and_ties(school: School) -> None:
    """Names, accents, roles, capacities, links and special-category values, with a batch, an audit row and an event."""
    outcome = school.roster()
    assert outcome.committed
    assert (outcome.refused, outcome.problems) == (0, ())
    learners = school.rows(
        "SELECT given_name, family_name, sort_key, key_stage_2, year_group FROM usher.learner "
        "WHERE school_id = %(school)s ORDER BY sort_key"
    )
    assert [row[1] for row in learners] == ["Khan", "Ó Sé", "O'Neill", "Smith-Jones"]
    assert learners[1][3] == Decimal("98.5")
    special = school.rows(
        "SELECT element, value FROM usher.learner_special WHERE school_id = %(school)s ORDER BY element"
    )
    assert dict(special)["sen_needs"] == ["SPLD", "SLCN"]
    assert dict(special)["ethnicity"] == "WBRI"
    assert len(special) == 7
    capacities = school.rows(
        "SELECT capacity, count(*) FROM usher.access_profile WHERE school_id = %(school)s GROUP BY 1 ORDER BY 1"
    )
    assert capacities == [("LEARNER", 4), ("PARENT", 2), ("STAFF", 3)]
    [batch] = school.rows(
        "SELECT kind, declared_by, rows_accepted, rows_refused FROM usher.import_batch WHERE school_id = %(school)s"
    )
    assert batch == ("roster", school.context.person_id, outcome.accepted, 0)
    [(kind, file, reason, elements, profile, policy, roles)] = school.rows(
        "SELECT kind, details ->> 'file', reason, elements, profile_version, policy_version, roles "
        "FROM usher.audit_operation WHERE school_id = %(school)s"
    )
    assert (kind, file, reason) == ("import", "roster", DECLARED.statement)
    assert profile > 0
    assert policy == 1
    assert roles == ["data_manager"]
    assert len(elements["ethnicity"]) == 1
    assert {name: len(elements[name]) for name in ("name", "date_of_birth", "groups", "learner_address")} == {
        "name": 4,
        "date_of_birth": 4,
        "groups": 3,
        "learner_address": 4,
    }
    assert set(elements) <= set(ELEMENTS)
    assert school.rows("SELECT sequence, kind FROM usher.outbox_event WHERE school_id = %(school)s") == [
        (1, "rosterImported")
    ]


def test_a_staff_member_who_is_a_parent_is_one_person_with_two_capacities(school: School) -> None:
    """So that what a school decides about one's own family can hold."""
    school.roster()
    rows = school.rows(
        "SELECT a.capacity FROM usher.guardian AS g JOIN usher.staff AS s ON s.school_id = g.school_id "
        "AND s.staff_id = g.guardian_id JOIN usher.access_profile AS a ON a.school_id = s.school_id "
        "AND a.person_id = s.staff_id WHERE g.school_id = %(school)s ORDER BY 1"
    )
    assert rows == [("PARENT",), ("STAFF",)]


def test_targets_have_exact_points_with_thirds_and_by_the_course_s_own_scale(school: School, owner_url: str) -> None:
    """5+ is a third of a point above 5; Art goes by its own words once it has them; what stands so is not written again."""
    head: list[object] = ["Academic year", "UPN", "Course", "Value", "Set on"]

    def aim(*rows: tuple[str, str, str]) -> Book:
        listed: list[list[object]] = [[2026, upn, course, value, AUTUMN] for upn, course, value in rows]
        return changed(lambda book: book.update(Targets=[[*head], *listed]))

    targets: LiteralString = (
        "SELECT value, points, third, version FROM usher.target WHERE school_id = %(school)s ORDER BY value"
    )
    book = aim((ADA, "Maths", "5+"), (BEN, "Maths", "6-"), (CAI, "Maths", "7"), (ADA, "Art", "Secure"))
    for _ in range(2):
        assert school.roster(book).committed
        assert school.rows(targets) == [
            ("5+", Decimal(5), 1, 1), ("6-", Decimal(6), -1, 1), ("7", Decimal(7), 0, 1), ("Secure", None, 0, 1),
        ]  # fmt: skip
    with psycopg.connect(owner_url) as owner:
        owner.execute(
            "INSERT INTO usher.course_scale (school_id, course_id, version, grades, points, set_by, set_at)"
            " SELECT c.school_id, c.course_id, v.version, '{Secure,New}', v.points, %(by)s, now()"
            " FROM usher.course AS c, (VALUES (1, '{9,1}'::text[]), (2, '{2.5,1}'::text[])) AS v(version, points)"
            " WHERE c.school_id = %(school)s AND c.name = 'Art'",
            {"school": school.context.school_id, "by": school.context.person_id},
        )
    assert school.roster(book).committed
    assert school.rows(targets)[-1] == ("Secure", Decimal("2.5"), 0, 2)


def test_the_same_roster_again_changes_nothing(school: School) -> None:
    """Only the batch, its audit row and its event are new: no row twice, no profile raised, no special value again."""
    school.roster()
    before, profiles = (
        school.counts(),
        school.rows("SELECT * FROM usher.access_profile WHERE school_id = %(school)s ORDER BY 2, 3"),
    )
    outcome = school.roster(today=TODAY + timedelta(days=1))
    assert outcome.counts == {}
    after = school.counts()
    assert {table: after[table] - before[table] for table in after if after[table] != before[table]} == {
        "import_batch": 1,
        "audit_operation": 1,
        "outbox_event": 1,
    }
    assert school.rows("SELECT * FROM usher.access_profile WHERE school_id = %(school)s ORDER BY 2, 3") == profiles


def test_a_check_and_a_file_with_a_fault_leave_nothing(school: School) -> None:
    """All or nothing: compared table by table with what stood before."""

    def spoil(book: Book) -> None:
        book["Learners"][1][1] = "Z" + ADA[1:]

    before = school.counts()
    assert not school.roster(commit=Commit.CHECK).committed
    refused = school.roster(changed(spoil))
    assert not refused.committed
    assert next((p.sheet, p.row, p.code) for p in refused.problems) == ("Learners", 2, "1510")
    assert school.counts() == before


def test_good_rows_are_kept_when_asked_and_rows_that_name_bad_ones_are_reported(school: School) -> None:
    """Ada's row is refused, so are the three that name her; the rest comes in, and nothing ends for want of a row."""

    def spoil(book: Book) -> None:
        book["Learners"][1][1] = "Z" + ADA[1:]

    outcome = school.roster(changed(spoil), Commit.GOOD_ROWS)
    assert outcome.committed
    assert {(p.sheet, p.row, p.code) for p in outcome.problems} == {
        ("Learners", 2, "1510"),
        ("TutorMembers", 2, "UNKNOWN_REFERENCE"),
        ("GuardianLinks", 2, "UNKNOWN_REFERENCE"),
        ("Enrolments", 2, "UNKNOWN_REFERENCE"),
        ("Enrolments", 5, "UNKNOWN_REFERENCE"),
    }
    assert school.rows("SELECT count(*) FROM usher.learner WHERE school_id = %(school)s") == [(3,)]
    school.roster()
    assert school.roster(changed(spoil), Commit.GOOD_ROWS).counts == {}


def test_a_changed_name_is_dated(school: School) -> None:
    """The former name keeps its days; twice on one day leaves one new name."""
    school.roster()

    def rename(name: str) -> Callable[[Book], None]:
        return lambda book: book["Learners"][2].__setitem__(3, name)

    school.roster(changed(rename("Smith")))
    school.roster(changed(rename("Smyth")))
    names = school.rows(
        "SELECT family_name, valid_from, valid_to FROM usher.learner_name AS n WHERE school_id = %(school)s "
        "AND given_name = 'Ben' ORDER BY valid_from"
    )
    assert names == [("Smith-Jones", SUMMER, TODAY), ("Smyth", TODAY, None)]
    assert school.rows("SELECT version FROM usher.learner WHERE school_id = %(school)s AND given_name = 'Ben'") == [
        (3,)
    ]


def test_profiles_rise_with_roles_links_and_training_and_with_nothing_else(school: School) -> None:
    """A plan made for the former profile must not answer any more."""
    school.roster()

    def change(book: Book) -> None:
        book["Staff"][2][7] = "class_teacher"
        book["GuardianLinks"][1][5] = TODAY
        book["Training"] = [
            ["Staff MIS id", "Course", "Completed on", "Expires on", "Evidence"],
            ["S3", "sen", AUTUMN, date(2029, 9, 1), "Certificate 7"],
        ]
        book["Learners"][4][3] = "Khan-Bell"

    school.roster(changed(change))
    versions = school.rows(
        "SELECT coalesce(s.mis_id, g.mis_id, l.mis_id), a.capacity FROM usher.access_profile AS a "
        "LEFT JOIN usher.staff AS s ON s.school_id = a.school_id AND s.staff_id = a.person_id AND a.capacity = 'STAFF' "
        "LEFT JOIN usher.guardian AS g ON g.school_id = a.school_id AND g.guardian_id = a.person_id AND a.capacity = 'PARENT' "
        "LEFT JOIN usher.learner AS l ON l.school_id = a.school_id AND l.learner_id = a.person_id "
        "WHERE a.school_id = %(school)s AND a.profile_version > 1 ORDER BY 1"
    )
    assert versions == [("G1", "PARENT"), ("S2", "STAFF"), ("S3", "STAFF")]


def test_who_is_no_longer_in_a_class_leaves_it_today(school: School) -> None:
    """The teacher of a class that a learner left must not go on teaching them."""
    school.roster()

    def move(book: Book) -> None:
        book["Enrolments"][2] = [2026, "11Ma2", BEN, TODAY, None]

    outcome = school.roster(changed(move))
    assert outcome.counts["enrolment"].ended == 1
    rows = school.rows(
        "SELECT c.name, e.valid_to FROM usher.enrolment AS e JOIN usher.class AS c ON c.school_id = e.school_id "
        "AND c.class_id = e.class_id JOIN usher.learner AS l ON l.school_id = e.school_id AND l.learner_id = e.learner_id "
        "WHERE e.school_id = %(school)s AND l.given_name = 'Ben' ORDER BY 1"
    )
    assert rows == [("11Ma1", TODAY), ("11Ma2", None)]


def test_cover_and_work_by_hand_survive_a_roster_that_leaves_them_out(school: School) -> None:
    """They have an end of their own; without one they are refused."""

    def cover(until: date | None) -> Callable[[Book], None]:
        return lambda book: book["Teaching"].append([2026, "11Ma1", "S3", "COVER", AUTUMN, until])

    assert {p.code for p in school.roster(changed(cover(None))).problems} == {"REQUIRED"}
    school.roster(changed(cover(date(2026, 12, 18))))
    school.roster()
    rows = school.rows("SELECT valid_to FROM usher.teaching_assignment WHERE school_id = %(school)s AND kind = 'COVER'")
    assert rows == [(date(2026, 12, 18),)]


def test_a_temporary_number_is_replaced_for_the_same_mis_id(school: School) -> None:
    """The learner stays the same person, and may not take another learner's number."""
    school.roster()
    number = make_upn(381, 2001, 2019, 77)

    def renumber(book: Book) -> None:
        book["Learners"][4][1] = number

    assert school.roster(changed(renumber)).counts["learner"].changed == 1

    def swap(book: Book) -> None:
        book["Learners"][3][0], book["Learners"][4][0] = "L4", "L3"

    assert {p.code for p in school.roster(changed(swap)).problems} >= {"CONFLICT"}


def test_special_values_are_appended_where_they_differ(school: School) -> None:
    """A trained member of staff adds what changed; an operator, who may not read, adds what another file says."""
    school.roster()

    def change(book: Book) -> None:
        book["Learners"][1][16] = "E"

    query: LiteralString = (
        "SELECT count(*), count(*) FILTER (WHERE value = to_jsonb('E'::text)) FROM usher.learner_special "
        "WHERE school_id = %(school)s"
    )
    staff = ImportContext(school.context.school_id, school.context.person_id, "STAFF")
    with school.connection.transaction():
        enter(school.connection, staff)
        dates = {"completed_on": SUMMER, "expires_on": date(2099, 1, 1), "evidence": "Certificate"}
        held = [
            {"certificate_id": uuid4(), "person_id": staff.person_id, "course": course, **dates}
            for course in ("sen", "welfare", "equality")
        ]
        insert(school.connection, "training_certificate", staff.school_id, held)
    school.roster(changed(change), context=staff)
    assert school.rows(query) == [(8, 1)]
    # The operator cannot compare: the values of Ada's row are appended, with the same meaning.
    school.roster()
    assert school.rows(query) == [(15, 1)]


def test_only_staff_of_the_school_may_declare(new_school: Callable[[], School]) -> None:
    """A person of another school, or nobody, gives no data."""
    one, other = new_school(), new_school()
    foreign = ImportContext(one.context.school_id, other.context.person_id)
    with pytest.raises(BadUserInput, match="staff of the school"):
        one.roster(context=foreign)
    with pytest.raises(BadUserInput, match="declaration"):
        Declaration("  ")


def test_the_answer_does_not_tell_whether_a_number_exists_elsewhere(new_school: Callable[[], School]) -> None:
    """A learner of another school and a number that nobody has get the same report, and both can be admitted."""
    one, other = new_school(), new_school()
    other.roster()

    def without(book: Book) -> None:
        book["Learners"] = book["Learners"][:1] + book["Learners"][2:]

    stranger = make_upn(381, 2001, 2019, 99)
    one.roster(changed(without), Commit.GOOD_ROWS)
    known, unknown = (one.marks(marks_csv(*sat(upn, 40))) for upn in (ADA, stranger))
    assert known.problems == unknown.problems
    assert known.problems[0].code == "UNKNOWN_REFERENCE"
    assert one.roster().committed


def test_marks_become_versions_and_grades_of_the_scalar_engine(school: School) -> None:
    """Each state and score, computed in bulk, equals what the engine says of that learner alone."""
    school.roster()
    given = {
        ADA: (70, 61, 55),
        BEN: (12, "ABSENT", 30),
        CAI: (40, "NOT_ENTERED", "PENDING"),
    }
    outcome = school.marks(marks_csv(*(row for upn, scores in given.items() for row in sat(upn, *scores))))
    assert outcome.committed
    [(rules, figures)] = school.rows(
        "SELECT s.content, b.content FROM usher.course AS c JOIN usher.specification AS s USING (specification_id) "
        "JOIN usher.boundary_set AS b ON b.boundary_set_id = c.boundary_set_id "
        "WHERE c.school_id = %(school)s AND c.name = 'Maths'"
    )
    specification, boundaries = specification_from_content(rules), boundaries_from_content(figures)
    stored = school.rows(
        "SELECT l.upn, g.status, g.value, g.subject_mark, g.floor, g.ceiling, g.engine_version FROM usher.grade AS g "
        "JOIN usher.learner AS l ON l.school_id = g.school_id AND l.learner_id = g.learner_id WHERE g.school_id = %(school)s"
    )
    assert len(stored) == 3
    for upn, status, value, subject_mark, floor, ceiling, version in stored:
        marks = {
            f"8300/{n}H": MarkState(score) if isinstance(score, str) else score
            for n, score in enumerate(given[upn], start=1)
        }
        result = grade(specification, boundaries, marks)
        assert (status, value) == (result.status.value.upper(), result.grade)
        assert subject_mark == (str(result.subject_mark) if result.subject_mark is not None else None)
        assert (floor, ceiling) == (
            result.floor.grade if result.floor else None,
            result.ceiling.grade if result.ceiling else None,
        )
        assert version == result.engine_version
    versions = school.rows("SELECT version, capacity, batch FROM usher.mark_version WHERE school_id = %(school)s")
    assert set(versions) == {(1, "OPERATOR", str(outcome.batch_id))}
    assert len(versions) == 9


def test_the_same_marks_again_change_nothing_and_another_score_is_a_new_version(school: School) -> None:
    """History keeps what was recorded before; the grade follows."""
    school.roster()
    school.marks(marks_csv(*sat(ADA, 70, 61, 55)))
    before = school.counts()
    assert school.marks(marks_csv(*sat(ADA, 70, 61, 55))).counts == {}
    assert school.counts()["mark_version"] == before["mark_version"]
    assert school.counts()["grade"] == before["grade"]
    school.marks(marks_csv(*sat(ADA, 71, 61, "ABSENT")))
    kept = school.rows(
        "SELECT o.version, o.subject_mark, g.version, g.subject_mark, o.replaced_at = g.computed_at "
        "FROM usher.grade_version AS o JOIN usher.grade AS g USING (school_id, academic_year, grade_id) "
        "WHERE o.school_id = %(school)s"
    )
    assert kept == [(1, "186", 2, "132", True)]
    versions = school.rows(
        "SELECT a.component_code, v.version, v.state, v.score FROM usher.mark_version AS v JOIN usher.mark AS m "
        "USING (school_id, academic_year, mark_id) JOIN usher.assessment AS a ON a.school_id = m.school_id "
        "AND a.assessment_id = m.assessment_id WHERE v.school_id = %(school)s ORDER BY 1, 2"
    )
    assert versions == [
        ("8300/1H", 1, "SCORED", 70),
        ("8300/1H", 2, "SCORED", 71),
        ("8300/2H", 1, "SCORED", 61),
        ("8300/3H", 1, "SCORED", 55),
        ("8300/3H", 2, "ABSENT", None),
    ]
    [(version, flags, subject_mark)] = school.rows(
        "SELECT version, flags, subject_mark FROM usher.grade WHERE school_id = %(school)s"
    )
    assert (version, flags, subject_mark) == (2, ["absent:8300/3H"], "132")


def test_bad_marks_are_all_reported_and_none_is_kept(school: School) -> None:
    """Above the maximum, off the step, not a number, a state with a score, nobody's course, never in the class."""
    school.roster()
    day = "2026-10-08"
    rows = (
        (ADA, "Maths", "Autumn 1", "8300/1H", "SCORED", 81, day),
        (ADA, "Maths", "Autumn 1", "8300/2H", "SCORED", 40.5, day),
        (ADA, "Maths", "Autumn 1", "8300/3H", "SCORED", "NaN", day),
        (ADA, "Art", "Autumn 1", "Folder", "SCORED", 12.5, day),
        (BEN, "Maths", "Autumn 1", "8300/1H", "SCORED", -1, day),
        (BEN, "Maths", "Autumn 1", "8300/2H", "ABSENT", 3, day),
        (BEN, "Maths", "Autumn 1", "8300/3H", "SCORED", None, day),
        (BEN, "Art", "Autumn 1", "Folder", "SCORED", 3, day),
        (DEE, "Maths", "Autumn 1", "8300/1H", "SCORED", 3, day),
        (CAI, "Latin", "Autumn 1", "8300/1H", "SCORED", 3, day),
        (CAI, "Maths", "Spring 1", "8300/1H", "SCORED", 3, day),
        (CAI, "Maths", "Autumn 1", "8300/9H", "SCORED", 3, day),
        (CAI, "Maths", "Autumn 1", "8300/1H", "LATE", None, day),
        (CAI, "Maths", "Autumn 1", "8300/2H", "SCORED", 3, "yesterday"),
        (CAI, "Maths", "Autumn 1", "8300/3H", "SCORED", 3, day),
        (CAI, "Maths", "Autumn 1", "8300/3H", "SCORED", 4, day),
    )
    before = school.counts()
    outcome = school.marks(marks_csv(*rows))
    assert not outcome.committed
    assert [(p.row, p.code) for p in sorted(outcome.problems, key=lambda p: p.row or 0)] == [
        (2, "MARK_ABOVE_MAXIMUM"),
        (3, "MARK_STEP"),
        (4, "MARK_NOT_A_NUMBER"),
        (6, "MARK_BELOW_ZERO"),
        (7, "MARK_STATE"),
        (8, "MARK_STATE"),
        (9, "NOT_ENROLLED"),
        (10, "NOT_ENROLLED"),
        (11, "UNKNOWN_REFERENCE"),
        (12, "UNKNOWN_REFERENCE"),
        (13, "UNKNOWN_REFERENCE"),
        (14, "UNKNOWN_CODE"),
        (15, "BAD_VALUE"),
        (16, "DUPLICATE"),
        (17, "DUPLICATE"),
    ]
    assert school.counts() == before
    kept = school.marks(marks_csv(*rows), Commit.GOOD_ROWS)
    assert (kept.committed, kept.accepted, kept.refused) == (True, 1, 15)
    assert school.rows("SELECT state, score FROM usher.mark WHERE school_id = %(school)s") == [
        ("SCORED", Decimal("12.5"))
    ]


def test_marks_by_question_must_add_up(school: School) -> None:
    """The parts of a mark are its own score, question by question."""
    school.roster()
    school.marks(marks_csv(*sat(ADA, 70), *sat(BEN, 40)))
    head = "UPN,Academic year,Course,Window,Component,Question,Position,Topic,Score,Maximum"

    def part(upn: str, question: int, score: int) -> str:
        return f"{upn},2026,Maths,Autumn 1,8300/1H,{question},{question},Algebra,{score},40"

    content = "\n".join([head, part(ADA, 1, 40), part(ADA, 2, 30), part(BEN, 1, 10), part(BEN, 2, 20)]).encode()

    def send(commit: Commit) -> ImportOutcome:
        return import_mark_parts(school.connection, content, school.context, DECLARED, commit=commit, today=TODAY)

    assert [(p.row, p.code) for p in send(Commit.ALL_OR_NOTHING).problems] == [(4, "MARK_PARTS"), (5, "MARK_PARTS")]
    first = send(Commit.GOOD_ROWS)
    assert first.committed
    assert send(Commit.GOOD_ROWS).committed
    asked: LiteralString = "SELECT question, score FROM usher.mark_part WHERE school_id = %(school)s ORDER BY question"
    assert school.rows(asked) == [("1", 40), ("2", 30)]
    content = "\n".join([head, part(ADA, 2, 35), part(ADA, 3, 35)]).encode()
    outcome = send(Commit.GOOD_ROWS)
    assert send(Commit.GOOD_ROWS).committed
    assert school.rows(asked) == [("1", None), ("2", 35), ("3", 35)]
    kept = "SELECT version, question, score FROM usher.mark_part_version WHERE school_id = %(school)s ORDER BY question"
    assert school.rows(kept) == [(2, "1", 40), (2, "2", 30)]
    assert school.rows(
        "SELECT version, score, batch FROM usher.mark_version WHERE school_id = %(school)s AND version > 1 ORDER BY version"
    ) == [(2, 70, str(first.batch_id)), (3, 70, str(outcome.batch_id))]
    school.marks(marks_csv(*sat(ADA, 60)))
    assert [score for _, score in school.rows(asked)] == [None, None, None]


def test_another_series_grades_the_course_again(school: School) -> None:
    """A roster that names other boundaries computes its grades anew; taking the specification away is refused."""
    school.roster()
    school.marks(marks_csv(*sat(ADA, 60, 55, 52)))

    def series(book: Book) -> None:
        book["Courses"][1][6] = "June 2018"

    assert school.roster(changed(series)).counts["grade"].changed == 1
    [(name, version)] = school.rows(
        "SELECT b.series, g.version FROM usher.grade AS g JOIN usher.boundary_set AS b USING (boundary_set_id) "
        "WHERE g.school_id = %(school)s"
    )
    assert (name, version) == ("June 2018", 2)

    def none(book: Book) -> None:
        book["Courses"][1][5:7] = [None, None]

    assert "CONFLICT" in {p.code for p in school.roster(changed(none)).problems}


def test_another_specification_lets_the_series_of_a_window_lapse(school: School, owner_url: str) -> None:
    """Its grades are others; the shift stays, and the choice stays readable. The same specification changes nothing of it."""
    school.roster()
    with psycopg.connect(owner_url) as owner:
        owner.execute(
            "INSERT INTO usher.window_grading (school_id, course_id, window_id, version, shift, specification_id,"
            " boundary_set_id, reason, set_by, set_at) SELECT c.school_id, c.course_id, w.window_id, 1, 3,"
            " b.specification_id, b.boundary_set_id, 'A mock.', %(by)s, now() FROM usher.course AS c"
            " JOIN usher.assessment_window AS w USING (school_id) JOIN usher.specification AS s USING (specification_id)"
            " JOIN usher.specification AS r ON r.code = s.code"
            " JOIN usher.boundary_set AS b ON b.specification_id = r.specification_id AND b.series = 'June 2018'"
            " WHERE c.school_id = %(school)s AND c.name = 'Maths' ORDER BY r.version DESC, b.version DESC LIMIT 1",
            {"school": school.context.school_id, "by": school.context.person_id},
        )
    graded: LiteralString = (
        "SELECT s.code, b.series, g.shift FROM usher.grade AS g JOIN usher.boundary_set AS b USING (boundary_set_id)"
        " JOIN usher.specification AS s ON s.specification_id = g.specification_id WHERE g.school_id = %(school)s"
    )
    assert school.marks(marks_csv(*sat(ADA, 60, 55, 52))).committed
    assert school.rows(graded) == [("AQA:8300:H", "June 2018", 3)]
    assert school.roster().committed
    assert school.rows(graded) == [("AQA:8300:H", "June 2018", 3)]

    def foundation(book: Book) -> None:
        book["Courses"][1][5] = "AQA:8300:F"
        for paper in book["Assessments"][1:4]:
            paper[3] = str(paper[3]).replace("H", "F")

    assert school.roster(changed(foundation)).committed
    sitting = [
        (upn, course, window, str(paper).replace("H", "F"), *rest)
        for upn, course, window, paper, *rest in sat(BEN, 60, 55, 52)
    ]
    assert school.marks(marks_csv(*sitting)).committed
    chosen: LiteralString = "SELECT version, shift FROM usher.window_grading WHERE school_id = %(school)s"
    assert ("AQA:8300:F", "June 2025", 3) in school.rows(graded)
    assert ("AQA:8300:F", "June 2018", 3) not in school.rows(graded)
    assert school.rows(chosen) == [(1, 3)]


def test_an_assessment_with_marks_keeps_its_maximum(school: School) -> None:
    """A lower maximum would make stored marks impossible."""
    school.roster()
    school.marks(marks_csv((ADA, "Art", "Autumn 1", "Folder", "SCORED", 19, "2026-10-08")))

    def lower(book: Book) -> None:
        book["Assessments"][4][5] = 10

    assert [(p.sheet, p.row, p.code) for p in school.roster(changed(lower)).problems] == [
        ("Assessments", 5, "CONFLICT")
    ]


def test_a_hundred_thousand_rows_are_read_and_reported(school: School) -> None:
    """Every bad row of a very large file is named, and nothing of it is kept."""
    school.roster()
    count = 100_000
    lines = [f"{ADA},2026,Maths,Autumn 1,8300/1H,SCORED,{n},2026-10-08" for n in range(81, 81 + count)]
    content = marks_csv() + "\n".join(lines).encode()
    outcome = school.marks(content)
    assert (outcome.committed, outcome.accepted, outcome.refused) == (False, 0, count)
    assert {p.row for p in outcome.problems} == set(range(2, count + 2))


def test_a_pack_is_stored_once(school: School, owner_url: str) -> None:
    """Its content is known by digest: the second time adds nothing."""
    again = import_pack(school.connection, pack_folder(), datetime.now(UTC))
    assert (again.specifications, again.boundary_sets, again.tables) == (0, 0, 0)
    assert again.known > 50
    store_codes(school.connection)
    assert store_codes(school.connection) == 0
    with psycopg.connect(owner_url) as connection:
        [(versions,)] = connection.execute("SELECT max(version) FROM usher.specification").fetchall()
    assert versions >= 1


def test_tables_of_measures_are_stored_as_they_are(school: School, tmp_path: Path) -> None:
    """All four of the pack, word for word; a pack of nothing else is one, and a changed file is the next version."""
    read = "SELECT name, content, version FROM usher.measure_table ORDER BY version"
    stored = {(name, content): version for name, content, version in school.connection.execute(read)}
    assert {(name, (pack_folder() / name).read_bytes().decode()) for name in MEASURE_FILES} <= stored.keys()
    folder = tmp_path / "subjects alone"
    folder.mkdir()
    line = "TEST:9999,other,GCSE (9-1) Full Course,,,made for tests,made for tests\n"
    header = (pack_folder() / SUBJECTS_FILE).read_text("utf-8").splitlines(keepends=True)[0]
    (folder / SUBJECTS_FILE).write_text(header + line, "utf-8")
    done = import_pack(school.connection, folder, datetime.now(UTC))
    assert (done.specifications, done.tables) == (0, 1)
    found = school.connection.execute(
        "SELECT max(version) FROM usher.measure_table WHERE name = %s", [SUBJECTS_FILE]
    ).fetchone()
    assert found == (max(version for (name, _), version in stored.items() if name == SUBJECTS_FILE) + 1,)


def test_a_pack_off_the_interval_rule_is_stored_with_a_warning_and_a_faulty_one_is_not(
    school: School, tmp_path: Path
) -> None:
    """Each fault with its file, row, field and remedy; nothing of the pack is stored, its sound rows neither."""
    path = tmp_path / "linear_qualifications.json"
    path.write_text(json.dumps([row(id="W:1:H:June_2025", boundaries=boundaries(g8=151))]), "utf-8")
    done = import_pack(school.connection, tmp_path, datetime.now(UTC))
    assert (done.boundary_sets, [each.code for each in done.warnings]) == (1, ["INTERVAL_RULE"])
    count = "SELECT count(*) FROM usher.boundary_set"
    before = school.connection.execute(count).fetchone()
    path.write_text(json.dumps([row(id="W:2:H:June_2025"), row(id="W:3:H:June_2025", max_mark=210)]), "utf-8")
    with pytest.raises(BadUserInput) as refused:
        import_pack(school.connection, tmp_path, datetime.now(UTC))
    assert str(refused.value) == (
        "Nothing is stored. WEIGHTS_DO_NOT_SUM linear_qualifications.json W:3:H:June_2025: The weighted maxima add up "
        "to 200, not to 210. Correct a factor, a maximum or the subject's maximum. `usher grading verify` names all faults."
    )
    assert school.connection.execute(count).fetchone() == before


def test_a_huge_table_of_measures_is_refused_and_nothing_is_stored(school: School, tmp_path: Path) -> None:
    folder = tmp_path / "huge subjects"
    folder.mkdir()
    header = (pack_folder() / SUBJECTS_FILE).read_text("utf-8").splitlines(keepends=True)[0]
    line = f"TEST:9999,other,GCSE (9-1) Full Course,,,made for tests,{'x' * 5 * 2**20}\n"
    (folder / SUBJECTS_FILE).write_text(header + line, "utf-8")
    count = "SELECT count(*) FROM usher.measure_table"
    before = school.connection.execute(count).fetchone()
    with pytest.raises(BadUserInput):
        import_pack(school.connection, folder, datetime.now(UTC))
    assert school.connection.execute(count).fetchone() == before


def test_imports_of_one_school_wait_for_each_other(school: School, app_url: str) -> None:
    """A second import of the same school blocks until the first has ended; another school's doesn't."""
    with psycopg.connect(app_url) as first, psycopg.connect(app_url) as second:
        enter(first, school.context)
        second.execute("SET LOCAL lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            second.execute("SELECT pg_advisory_xact_lock(%s)", [school.context.school_id.int % 2**63])
        second.rollback()
        enter(second, ImportContext(UUID(int=school.context.school_id.int ^ 1), school.context.person_id))


_LOCK = """\
INSERT INTO usher.window_step (school_id, window_id, course_id, step, state, taken_by, taken_at)
SELECT a.school_id, a.window_id, a.course_id, 1, %(state)s, %(person)s, now() FROM (
    SELECT DISTINCT school_id, window_id, course_id FROM usher.assessment WHERE school_id = %(school)s) AS a"""
_COURSES = "SELECT course_id FROM usher.course WHERE school_id = %(school)s ORDER BY course_id FOR NO KEY UPDATE"


def _close(connection: psycopg.Connection[Any], school: School, state: str = "LOCKED") -> None:
    """All courses in all windows, in this transaction, as lockWindow does."""
    given = {"school": school.context.school_id, "person": school.context.person_id, "state": state}
    connection.execute(_COURSES, given)
    connection.execute(_LOCK, given)


@pytest.mark.parametrize("state", ["LOCKED", "MODERATING"])
def test_files_obey_the_windows(school: School, owner_url: str, state: str) -> None:
    """Rows that would change something are refused; those that say what stands already are let pass."""
    school.roster()
    school.marks(marks_csv(*sat(ADA, 70, 61)))
    with psycopg.connect(owner_url) as connection:
        _close(connection, school, state)
    before = school.counts()
    content = marks_csv(*sat(ADA, 70, 62), *sat(BEN, 40))
    for commit in (Commit.CHECK, Commit.ALL_OR_NOTHING):
        outcome = school.marks(content, commit)
        assert [(p.row, p.code, p.column) for p in outcome.problems] == [
            (3, "WINDOW_LOCKED", "Window"),
            (4, "WINDOW_LOCKED", "Window"),
        ]
        assert (outcome.committed, outcome.accepted, outcome.refused) == (False, 1, 2)
    assert school.counts() == before
    assert school.marks(marks_csv(*sat(ADA, 70, 61))).problems == ()
    kept = school.marks(content, Commit.GOOD_ROWS)
    assert (kept.committed, kept.counts) == (True, {})


def test_questions_obey_the_windows(school: School, owner_url: str) -> None:
    school.roster()
    school.marks(marks_csv(*sat(ADA, 70), *sat(BEN, 40)))
    head = "UPN,Academic year,Course,Window,Component,Question,Position,Topic,Score,Maximum"

    def send(*parts: tuple[str, int]) -> ImportOutcome:
        lines = [f"{upn},2026,Maths,Autumn 1,8300/1H,1,1,Algebra,{score},80" for upn, score in parts]
        content = "\n".join([head, *lines]).encode()
        return import_mark_parts(
            school.connection, content, school.context, DECLARED, commit=Commit.ALL_OR_NOTHING, today=TODAY
        )

    assert send((ADA, 70)).committed
    with psycopg.connect(owner_url) as connection:
        _close(connection, school)
    before = school.counts()
    assert [(p.row, p.code) for p in send((ADA, 70), (BEN, 40)).problems] == [(3, "WINDOW_LOCKED")]
    assert school.counts() == before
    assert send((ADA, 70)).problems == ()


def test_a_lock_that_comes_first_refuses_the_file_that_waits_for_it(school: School, owner_url: str) -> None:
    """The file reads how courses stand once it holds them."""
    school.roster()
    with psycopg.connect(owner_url) as connection, ThreadPoolExecutor(1) as threads:
        _close(connection, school)
        waiting = threads.submit(school.marks, marks_csv(*sat(ADA, 70)))
        with psycopg.connect(owner_url, autocommit=True) as watcher:
            query = "SELECT count(*) > 0 FROM pg_locks WHERE pid = %s AND NOT granted"
            while not waiting.done() and watcher.execute(query, [school.connection.info.backend_pid]).fetchone() != (
                True,
            ):
                time.sleep(0.01)
        assert not waiting.done()
        connection.commit()
        outcome = waiting.result(60)
    assert [p.code for p in outcome.problems] == ["WINDOW_LOCKED"]
    assert not outcome.committed
