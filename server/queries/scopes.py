"""What each scope means, as SQL: one predicate a relation and family of rows, written once.

A family says how a row is tied to people: `learner` (owned by the learner `owner`), `course` (owned, and of one course),
`report` (owned, and published or not), `report_line` (both), `guardian` (a guardian's link to a learner), `staff`
(a member of staff), `home` (the own school of the caller), `school` (no person). A relation that a family has not
is false there. The caller wraps each
in (...) IS TRUE: a predicate that is NULL would turn NOT(...) into NULL and hide a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, exists, func, or_, select

from server.queries.binds import SCHOOL, TODAY, VIEWER, current
from server.queries.conditions import ALWAYS, NEVER
from server.queries.noun import alias
from server.tables import (
    CourseRow,
    DepartmentLeadRow,
    EnrolmentRow,
    GuardianLinkRow,
    LearnerAssignmentRow,
    LearnerFlagRow,
    LearnerRow,
    PastoralAssignmentRow,
    PublicationRow,
    TeachingAssignmentRow,
    TutorMembershipRow,
)

Predicate = Callable[[Any], ColumnElement[bool]]


def _own(owner: Any) -> ColumnElement[bool]:
    return owner == VIEWER


def _child(owner: Any) -> ColumnElement[bool]:
    link = alias(GuardianLinkRow)
    return exists().where(
        link.c.school_id == SCHOOL,
        link.c.learner_id == owner,
        link.c.guardian_id == VIEWER,
        link.c.verified_at.is_not(None),
        *current(link),
    )


def _teaching(*conditions: Callable[[Any, Any], ColumnElement[bool]]) -> ColumnElement[bool]:
    taught, seat = alias(TeachingAssignmentRow), alias(EnrolmentRow)
    return exists(
        select(seat.c.learner_id)
        .select_from(seat.join(taught, and_(taught.c.school_id == SCHOOL, taught.c.class_id == seat.c.class_id)))
        .where(
            seat.c.school_id == SCHOOL,
            taught.c.staff_id == VIEWER,
            *(condition(taught, seat) for condition in conditions),
        )
    )


def _now(taught: Any, seat: Any) -> ColumnElement[bool]:
    return and_(*current(taught), *current(seat))


def _taught(owner: Any) -> ColumnElement[bool]:
    return _teaching(lambda _, seat: seat.c.learner_id == owner, _now)


def _taught_before(owner: Any) -> ColumnElement[bool]:
    """Once in one class with the viewer as its teacher, on a day that both sides share and that has passed."""

    def together(taught: Any, seat: Any) -> ColumnElement[bool]:
        begins, ends = _shared(taught, seat)
        return and_(begins < ends, ends <= TODAY)

    return _teaching(lambda _, seat: seat.c.learner_id == owner, together)


def _taught_next(owner: Any) -> ColumnElement[bool]:
    """To be in one class with the viewer as its teacher, on a day that both sides share and that is to come."""

    def together(taught: Any, seat: Any) -> ColumnElement[bool]:
        begins, ends = _shared(taught, seat)
        return and_(begins > TODAY, or_(ends.is_(None), begins < ends))

    return _teaching(lambda _, seat: seat.c.learner_id == owner, together)


def _shared(taught: Any, seat: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The first day that both share, and the first that they no longer do; NULL where neither has an end."""
    begins = func.greatest(taught.c.valid_from, seat.c.valid_from, type_=Date())
    return begins, func.least(taught.c.valid_to, seat.c.valid_to, type_=Date())


def _taught_course(owner: Any, course: Any) -> ColumnElement[bool]:
    return _teaching(lambda _, seat: seat.c.learner_id == owner, lambda _, seat: seat.c.course_id == course, _now)


def _pastoral(owner: Any) -> ColumnElement[bool]:
    """In a tutor group, or a year group, that the viewer looks after."""
    care, member, learner = alias(PastoralAssignmentRow), alias(TutorMembershipRow), alias(LearnerRow)
    by_group = exists(
        select(member.c.learner_id)
        .select_from(
            member.join(care, and_(care.c.school_id == SCHOOL, care.c.tutor_group_id == member.c.tutor_group_id))
        )
        .where(
            member.c.school_id == SCHOOL,
            member.c.learner_id == owner,
            care.c.staff_id == VIEWER,
            *current(member),
            *current(care),
        )
    )
    care_of_year = alias(PastoralAssignmentRow)
    by_year = exists(
        select(learner.c.learner_id)
        .select_from(
            learner.join(
                care_of_year,
                and_(care_of_year.c.school_id == SCHOOL, care_of_year.c.year_group == learner.c.year_group),
            )
        )
        .where(
            learner.c.school_id == SCHOOL,
            learner.c.learner_id == owner,
            care_of_year.c.staff_id == VIEWER,
            *current(care_of_year),
        )
    )
    return or_(by_group, by_year)


def _department(owner: Any, course: Any | None = None) -> ColumnElement[bool]:
    """In a current class of a course whose department the viewer leads; with `course`, of that course."""
    lead, studied, seat = alias(DepartmentLeadRow), alias(CourseRow), alias(EnrolmentRow)
    return exists(
        select(seat.c.learner_id)
        .select_from(
            seat.join(studied, and_(studied.c.school_id == SCHOOL, studied.c.course_id == seat.c.course_id)).join(
                lead, and_(lead.c.school_id == SCHOOL, lead.c.department == studied.c.department)
            )
        )
        .where(
            seat.c.school_id == SCHOOL,
            seat.c.learner_id == owner,
            *(() if course is None else (seat.c.course_id == course,)),
            lead.c.staff_id == VIEWER,
            *current(seat),
            *current(lead),
        )
    )


def _given(kind: str) -> Predicate:
    def predicate(owner: Any) -> ColumnElement[bool]:
        given = alias(LearnerAssignmentRow)
        return exists().where(
            given.c.school_id == SCHOOL,
            given.c.learner_id == owner,
            given.c.staff_id == VIEWER,
            given.c.kind == kind,
            *current(given),
        )

    return predicate


def _flagged(kind: str) -> Predicate:
    def predicate(owner: Any) -> ColumnElement[bool]:
        flag = alias(LearnerFlagRow)
        return exists().where(
            flag.c.school_id == SCHOOL, flag.c.learner_id == owner, flag.c.kind == kind, *current(flag)
        )

    return predicate


def _self_family(owner: Any) -> ColumnElement[bool]:
    """The viewer, in whatever capacity, is a guardian of the learner, verified or not."""
    link = alias(GuardianLinkRow)
    return exists().where(
        link.c.school_id == SCHOOL, link.c.learner_id == owner, link.c.guardian_id == VIEWER, *current(link)
    )


def _left(owner: Any) -> ColumnElement[bool]:
    learner = alias(LearnerRow)
    return exists().where(learner.c.school_id == SCHOOL, learner.c.learner_id == owner, learner.c.left_on <= TODAY)


def _published(publication: Any) -> ColumnElement[bool]:
    live = alias(PublicationRow)
    return exists().where(live.c.school_id == SCHOOL, live.c.publication_id == publication, live.c.status == "LIVE")


OF_LEARNER: dict[str, Predicate] = {
    "own": _own,
    "child": _child,
    "taught": _taught,
    "taught_before": _taught_before,
    "taught_next": _taught_next,
    "pastoral": _pastoral,
    "department": _department,
    "caseload": _given("CASELOAD"),
    "assigned": _given("ASSIGNED"),
    "protected": _flagged("PROTECTED"),
    "restricted": _flagged("RESTRICTED"),
    "opted_out": _flagged("OPTED_OUT"),
    "self_family": _self_family,
    "left": _left,
}
OWNED = ("learner", "course", "report", "report_line", "guardian")


def relation(family: str, token: str, row: Any, owner: Any | None) -> ColumnElement[bool]:
    """Whether the atomic relation `token` holds for a row of `family`; `row` is its table, `owner` its learner column."""
    if token == "school":  # noqa: S105
        return ALWAYS
    if family in ("course", "report_line") and token in ("taught_course", "department_course"):
        return (_taught_course if token == "taught_course" else _department)(owner, row.c.course_id)  # noqa: S105
    if family in ("report", "report_line") and token == "published":  # noqa: S105
        return _published(row.c.publication_id)
    if family == "guardian" and token == "own":  # noqa: S105
        return row.c.guardian_id == VIEWER
    if family == "home" and token == "own":  # noqa: S105
        return ALWAYS
    if family == "staff" and token == "own":  # noqa: S105
        return row.c.staff_id == VIEWER
    if family in OWNED and token in OF_LEARNER:
        return OF_LEARNER[token](owner)
    return NEVER


def of_the_learner(token: str) -> bool:
    """Whether the relation looks at nothing but the row's learner, so that a proven learner's flag may be used again."""
    return token in OF_LEARNER
