"""Report: what the school published about a learner, frozen."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from server.queries.binds import SCHOOL, VIEWER
from server.queries.noun import Filter, Leaf, Many, Noun, One, Order, Row, alias, table
from server.tables import PublicationRow, ReportLineRow, ReportReceiptRow, ReportRow


def publication_of(row: Row) -> Select[*tuple[Any, ...]]:
    held = alias(PublicationRow)
    return select(held.c.name, held.c.academic_year, held.c.status).where(
        held.c.school_id == SCHOOL, held.c.publication_id == row.c.publication_id
    )


def receipt_of(row: Row) -> Select[*tuple[Any, ...]]:
    """The viewer's own receipt: nobody sees another's."""
    held = alias(ReportReceiptRow)
    return select(held.c.received_at).where(
        held.c.school_id == SCHOOL, held.c.report_id == row.c.report_id, held.c.person_id == VIEWER
    )


REPORT = Noun(
    name="Report",
    prefix="rep",
    table=table(ReportRow),
    key="report_id",
    owner=lambda r: r.c.learner_id,
    relations="report",
    description="What the school published about one learner, as it stood then.",
    sides={"publication": publication_of, "receipt": receipt_of},
    fields=(
        Leaf("name", "String", "groups", lambda r: r.side("publication").name, "The publication's name."),
        Leaf("publishedAt", "DateTime", "groups", lambda r: r.c.published_at, "When it was published."),
        Leaf(
            "version", "Int", "groups", lambda r: r.c.version, "1 for the first; a corrected report is a new version."
        ),
        Leaf(
            "receipt", "DateTime", "groups", lambda r: r.side("receipt").received_at, "When you said you had read it."
        ),
        One("learner", "Learner", lambda r, of, _: [of.c.learner_id == r.c.learner_id], "Whom it is about."),
        Many(
            "lines",
            "ReportLine",
            lambda r, of, _: [of.c.report_id == r.c.report_id],
            "One a course.",
            "POSITION",
            usual=15,
        ),
    ),
    filters=(Filter("publishedAt", "DateTimeFilter", "groups", lambda r: r.c.published_at, "When it was published."),),
    orders=(Order("PUBLISHED_AT", "groups", lambda r: r.c.published_at, "By the time of publication."),),
)

REPORT_LINE = Noun(
    name="ReportLine",
    prefix="rln",
    table=table(ReportLineRow),
    key="report_line_id",
    owner=lambda r: r.c.learner_id,
    relations="report_line",
    node=False,
    description="One course of a report.",
    fields=(
        Leaf("course", "String", "groups", lambda r: r.c.course_name, "Name of the course."),
        Leaf("teacher", "String", "staff_name", lambda r: r.c.teacher_name, "Who taught it."),
        Leaf("grade", "String", "grade", lambda r: r.c.grade, "The grade."),
        Leaf("specification", "String", "grade", lambda r: r.c.specification, "Code of the grade's specification."),
        Leaf("series", "String", "grade", lambda r: r.c.series, "The series whose boundaries were used."),
        Leaf("shift", "Int", "grade", lambda r: r.c.shift, "How far boundaries were shifted, in per cent."),
        Leaf("method", "String", "grade", lambda r: r.c.rounding, "How a fractional total was rounded."),
        Leaf("confidence", "String", "grade", lambda r: r.c.confidence, "How sure the boundaries were."),
        Leaf("target", "String", "target", lambda r: r.c.target, "The target."),
        Leaf("comment", "String", "comment", lambda r: r.c.comment, "The teacher's comment."),
    ),
    orders=(Order("POSITION", "groups", lambda r: r.c.position, "As printed."),),
)
