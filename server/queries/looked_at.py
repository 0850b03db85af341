"""Which window of a learner's course is looked at where none is named, and which courses they follow."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Uuid, and_, bindparam, case, exists, or_, select

from server.queries.binds import SCHOOL, TODAY, current
from server.queries.constants import inline, number
from server.queries.noun import alias
from server.tables import AssessmentRow, AssessmentWindowRow, EnrolmentRow, MarkRow


def window_looked_at(course: Any, learner: Any) -> Any:
    """The window asked for, if the course has papers in it.

    Otherwise the newest begun in which the learner has a mark, or none does the newest in which the course has papers:
    what was known of them does not vanish on the day on which another window begins.
    """
    window, paper = alias(AssessmentWindowRow), alias(AssessmentRow)
    has_papers = exists(
        select(paper.c.assessment_id)
        .where(
            paper.c.school_id == SCHOOL,
            paper.c.course_id == course.c.course_id,
            paper.c.window_id == window.c.window_id,
        )
        .correlate(course, window)
    )
    chosen = or_(
        window.c.window_id == bindparam("window", type_=Uuid(), required=False),
        and_(bindparam("newest", type_=Boolean(), required=False).is_(True), window.c.starts_on <= TODAY),
    )
    return (
        select(window.c.window_id, window.c.name)
        .where(window.c.school_id == SCHOOL, chosen, has_papers)
        .order_by(
            case((_marked(course, learner, window), number(0)), else_=number(1)),
            window.c.ends_on.desc(),
            window.c.window_id,
        )
        .limit(number(1))
        .correlate(course, learner)
        .lateral("looked_at")
    )


def _marked(course: Any, learner: Any, window: Any) -> Any:
    """Something was entered for the learner there."""
    paper, mark = alias(AssessmentRow), alias(MarkRow)
    of_paper = and_(
        mark.c.school_id == SCHOOL,
        mark.c.academic_year == paper.c.academic_year,
        mark.c.assessment_id == paper.c.assessment_id,
    )
    return exists(
        select(mark.c.mark_id)
        .select_from(paper.join(mark, of_paper))
        .where(
            paper.c.school_id == SCHOOL,
            paper.c.course_id == course.c.course_id,
            paper.c.window_id == window.c.window_id,
            mark.c.learner_id == learner.c.learner_id,
            mark.c.state != inline("NOT_ENTERED"),
        )
        .correlate(course, learner, window)
    )


def followed(course: Any, learner: Any) -> Any:
    """The learner is in a class of the course today; or was, and the course is asked for."""
    seat = alias(EnrolmentRow)
    asked_for = course.c.course_id == bindparam("course", type_=Uuid(), required=False)
    return exists(
        select(seat.c.enrolment_id).where(
            seat.c.school_id == SCHOOL,
            seat.c.learner_id == learner.c.learner_id,
            seat.c.course_id == course.c.course_id,
            seat.c.valid_from <= TODAY,
            or_(and_(*current(seat)), asked_for),
        )
    )
