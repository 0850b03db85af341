"""Mark: what a learner got in an assessment, its parts and its history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from server.queries.binds import SCHOOL
from server.queries.noun import Filter, Leaf, Many, Noun, One, Order, Row, alias, table
from server.tables import AssessmentRow, MarkPartRow, MarkRow, MarkVersionRow


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
    ),
    orders=(Order("VERSION", "mark", lambda r: r.c.version, "By version."),),
)
