"""Mark: what a learner got in an assessment, its parts and its history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, cast, exists, literal, or_, select

from server.queries.binds import SCHOOL
from server.queries.noun import Filter, Leaf, Many, Noun, One, Order, Row, alias, table
from server.tables import AssessmentRow, MarkModerationRow, MarkPartRow, MarkRow, MarkVersionRow


def assessment_of(row: Row) -> Select[*tuple[Any, ...]]:
    held = alias(AssessmentRow)
    return select(held.c.maximum, held.c.held_on).where(
        held.c.school_id == SCHOOL, held.c.assessment_id == row.c.assessment_id
    )


def of_mark(row: Row, of: Any, _: Any) -> list[Any]:
    return [of.c.academic_year == row.c.academic_year, of.c.mark_id == row.c.mark_id]


MARK = Noun(
    name="Mark",
    prefix="mrk",
    table=table(MarkRow),
    key="mark_id",
    owner=lambda r: r.c.learner_id,
    relations="course",
    yearly=True,
    description="What a learner got in one attempt at an assessment.",
    sides={"assessment": assessment_of},
    fields=(
        Leaf("state", "MarkState", "mark", lambda r: r.c.state, "Whether there is a score, and why not."),
        Leaf("score", "Decimal", "mark", lambda r: r.c.score, "Raw mark, exact; null unless SCORED."),
        Leaf("maximum", "Decimal", "mark", lambda r: r.side("assessment").maximum, "The highest raw mark."),
        Leaf("attempt", "Int", "mark", lambda r: r.c.attempt, "1 for the first attempt."),
        Leaf("recordedAt", "DateTime", "mark", lambda r: r.c.recorded_at, "When this version was recorded."),
        Leaf("version", "Int", "mark", lambda r: r.c.version, "Rises with each change; give it as expectedVersion."),
        One(
            "assessment", "Assessment", lambda r, of, _: [of.c.assessment_id == r.c.assessment_id], "What was assessed."
        ),
        One("learner", "Learner", lambda r, of, _: [of.c.learner_id == r.c.learner_id], "Whose mark it is."),
        Many("parts", "MarkPart", of_mark, "The mark by question.", "POSITION", usual=30),
        Many("history", "MarkVersion", of_mark, "Every version, newest first.", "VERSION", newest_first=True, usual=5),
    ),
    filters=(
        Filter("state", "CodeFilter", "mark", lambda r: r.c.state, "The mark's state."),
        Filter("score", "DecimalFilter", "mark", lambda r: r.c.score, "Raw mark."),
    ),
    orders=(
        Order("RECORDED_AT", "mark", lambda r: r.c.recorded_at, "By the time it was recorded."),
        Order("SCORE", "mark", lambda r: r.c.score, "By raw mark, lowest first."),
    ),
)

MARK_PART = Noun(
    name="MarkPart",
    exists_as="Mark",
    prefix="mpt",
    table=table(MarkPartRow),
    key="question",
    owner=lambda r: r.c.learner_id,
    relations="course",
    yearly=True,
    node=False,
    description="One question's share of a mark.",
    fields=(
        Leaf("question", "String", "mark", lambda r: r.c.question, "The question."),
        Leaf("topic", "String", "mark", lambda r: r.c.topic, "What the question is about."),
        Leaf("score", "Decimal", "mark", lambda r: r.c.score, "Raw mark on the question."),
        Leaf("maximum", "Decimal", "mark", lambda r: r.c.maximum, "The most the question gives."),
    ),
    orders=(Order("POSITION", "mark", lambda r: r.c.position, "As on the paper."),),
)


def _same_version(row: Row, said: Any) -> ColumnElement[bool]:
    return and_(
        said.c.academic_year == row.c.academic_year,
        said.c.mark_id == row.c.mark_id,
        said.c.version == row.c.version,
    )


def _of_version(row: Row, said: Any, _: Any) -> list[Any]:
    """Second marks: who agrees a mark says so of their own version."""
    return [_same_version(row, said), said.c.moderated_by != row.c.recorded_by]


def _agreed(row: Row) -> ColumnElement[bool]:
    said = alias(MarkModerationRow)
    return exists().where(
        said.c.school_id == SCHOOL, _same_version(row, said), said.c.moderated_by == row.c.recorded_by
    )


def _markers(row: Row, staff: Any, _: Any) -> list[Any]:
    before, said = alias(MarkVersionRow), alias(MarkModerationRow)
    one = cast(literal(1, literal_execute=True), Integer)
    first = select(before.c.recorded_by).where(
        before.c.school_id == SCHOOL,
        before.c.academic_year == row.c.academic_year,
        before.c.mark_id == row.c.mark_id,
        before.c.version == row.c.version - one,
    )
    second = select(said.c.moderated_by).where(
        said.c.school_id == SCHOOL,
        said.c.academic_year == row.c.academic_year,
        said.c.mark_id == row.c.mark_id,
        said.c.version == row.c.version - one,
    )
    return [_agreed(row), or_(staff.c.staff_id.in_(first), staff.c.staff_id.in_(second))]


MARK_MODERATION = Noun(
    name="MarkModeration",
    exists_as="Mark",
    prefix="mmd",
    table=table(MarkModerationRow),
    key="moderated_by",
    owner=lambda r: r.c.learner_id,
    relations="course",
    yearly=True,
    node=False,
    description="What a second marker gave for a version of a mark, and why.",
    fields=(
        Leaf("score", "Decimal", "mark", lambda r: r.c.score, "Raw mark."),
        Leaf("reason", "String", "mark", lambda r: r.c.reason, "Why."),
        Leaf("moderatedAt", "DateTime", "mark", lambda r: r.c.moderated_at, "When."),
        One("moderatedBy", "Staff", lambda r, of, _: [of.c.staff_id == r.c.moderated_by], "The second marker."),
    ),
    orders=(Order("MODERATED_AT", "mark", lambda r: r.c.moderated_at, "By time."),),
)

MARK_VERSION = Noun(
    name="MarkVersion",
    exists_as="Mark",
    prefix="mvn",
    table=table(MarkVersionRow),
    key="version",
    owner=lambda r: r.c.learner_id,
    relations="course",
    yearly=True,
    node=False,
    description="A mark as it once stood.",
    fields=(
        Leaf("version", "Int", "mark", lambda r: r.c.version, "1 for the first."),
        Leaf("state", "MarkState", "mark", lambda r: r.c.state, "Whether there was a score."),
        Leaf("score", "Decimal", "mark", lambda r: r.c.score, "Raw mark then."),
        Leaf("recordedAt", "DateTime", "mark", lambda r: r.c.recorded_at, "When it was recorded."),
        Leaf("reason", "String", "mark", lambda r: r.c.reason, "Why it was changed."),
        Leaf("capacity", "Capacity", "mark", lambda r: r.c.capacity, "In which capacity it was recorded."),
        Leaf("batch", "String", "mark", lambda r: r.c.batch, "What it came with: give it to undoMarks."),
        Leaf(
            "agreed",
            "Boolean",
            "mark",
            _agreed,
            "Whether it is the mark that was agreed after a second marker's score.",
        ),
        One("recordedBy", "Staff", lambda r, of, _: [of.c.staff_id == r.c.recorded_by], "Who recorded it."),
        Many(
            "moderations",
            "MarkModeration",
            _of_version,
            "What second markers gave for this version, newest first.",
            "MODERATED_AT",
            newest_first=True,
            usual=3,
        ),
        Many("markers", "Staff", _markers, "Of an agreed mark: who marked the version before it.", "NAME", usual=3),
    ),
    orders=(Order("VERSION", "mark", lambda r: r.c.version, "By version."),),
)
