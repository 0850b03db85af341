"""What each scope means, as SQL: one predicate a relation and family of rows, written once.

A family says how a row is tied to people: `learner` (owned by the learner `owner`), `course` (owned, and of one course),
`report` (owned, and published or not), `report_line` (both), `guardian` (a guardian's link to a learner), `staff`
(a member of staff), `home` (the own school of the caller), `school` (no person). A relation that a family has not
is false there. The caller wraps each
in (...) IS TRUE: a predicate that is NULL would turn NOT(...) into NULL and hide a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, exists, func, or_, select, tuple_

from server.queries.binds import SCHOOL, TODAY, VIEWER, current
from server.queries.conditions import ALWAYS, NEVER
from server.queries.noun import alias
from server.tables import (
    ClientOptOutRow,
    CourseRow,
    DepartmentLeadRow,
    EnrolmentRow,
    GuardianLinkRow,
    LearnerAssignmentRow,
    LearnerFlagRow,
    LearnerRow,
    LinkRestrictionEndRow,
    LinkRestrictionRow,
    PastoralAssignmentRow,
    PublicationRow,
    TeachingAssignmentRow,
    TutorMembershipRow,
)


@dataclass(frozen=True, slots=True)
class Reached:
    """The rows that make a relation hold, and those of their columns that a row's own values must equal."""

    rows: Select[Any]
    keys: tuple[ColumnElement[Any], ...]

    def holds(self, values: tuple[Any, ...], many: bool) -> ColumnElement[bool]:
        """For one row an index is probed; for many rows PostgreSQL finds what is reached once and keeps it hashed.

        It hashes IN whatever it thinks of the number of rows, which it can't know behind the walls; EXISTS it does not.
        """
        if many:
            wanted = values[0] if len(values) == 1 else tuple_(*values)
            return wanted.in_(self.rows.with_only_columns(*self.keys))
        return exists(self.rows.where(*(key == value for key, value in zip(self.keys, values, strict=True))))


Reach = Callable[[], tuple[Reached, ...]]
"""What is reached by any of several ways."""


def _child() -> tuple[Reached, ...]:
    link = alias(GuardianLinkRow)
    rows = select(link.c.learner_id).where(
        link.c.school_id == SCHOOL,
        link.c.guardian_id == VIEWER,
        link.c.verified_at.is_not(None),
        *current(link),
        unrestricted(link),
    )
    return (Reached(rows, (link.c.learner_id,)),)


def unrestricted(link: Any) -> ColumnElement[bool]:
    """No court order or protection stands between the link's guardian and its learner."""
    kept, lifted = alias(LinkRestrictionRow), alias(LinkRestrictionEndRow)
    ended = exists(
        select(lifted.c.restriction_id).where(
            lifted.c.school_id == SCHOOL, lifted.c.restriction_id == kept.c.restriction_id
        )
    )
    return ~exists(
        select(kept.c.restriction_id).where(
            kept.c.school_id == SCHOOL,
            kept.c.guardian_id == link.c.guardian_id,
            kept.c.learner_id == link.c.learner_id,
            ~ended,
        )
    )


def _teaching(*conditions: Callable[[Any, Any], ColumnElement[bool]], course: bool = False) -> tuple[Reached, ...]:
    """Learners of the viewer's classes; with `course`, each with the course of the class."""
    taught, seat = alias(TeachingAssignmentRow), alias(EnrolmentRow)
    rows = (
        select(seat.c.learner_id)
        .select_from(seat.join(taught, and_(taught.c.school_id == SCHOOL, taught.c.class_id == seat.c.class_id)))
        .where(
            seat.c.school_id == SCHOOL,
            taught.c.staff_id == VIEWER,
            *(condition(taught, seat) for condition in conditions),
        )
    )
    return (Reached(rows, (seat.c.learner_id, seat.c.course_id) if course else (seat.c.learner_id,)),)


def _now(taught: Any, seat: Any) -> ColumnElement[bool]:
    return and_(*current(taught), *current(seat))


def _taught() -> tuple[Reached, ...]:
    return _teaching(_now)


def _taught_before() -> tuple[Reached, ...]:
    """Once in one class with the viewer as its teacher, on a day that both sides share and that has passed."""

    def together(taught: Any, seat: Any) -> ColumnElement[bool]:
        begins, ends = _shared(taught, seat)
        return and_(begins < ends, ends <= TODAY)

    return _teaching(together)


def _taught_next() -> tuple[Reached, ...]:
    """To be in one class with the viewer as its teacher, on a day that both sides share and that is to come."""

    def together(taught: Any, seat: Any) -> ColumnElement[bool]:
        begins, ends = _shared(taught, seat)
        return and_(begins > TODAY, or_(ends.is_(None), begins < ends))

    return _teaching(together)


def _shared(taught: Any, seat: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The first day that both share, and the first that they no longer do; NULL where neither has an end."""
    begins = func.greatest(taught.c.valid_from, seat.c.valid_from, type_=Date())
    return begins, func.least(taught.c.valid_to, seat.c.valid_to, type_=Date())


def _taught_course() -> tuple[Reached, ...]:
    return _teaching(_now, course=True)


def _pastoral() -> tuple[Reached, ...]:
    """In a tutor group, or a year group, that the viewer looks after."""
    care, member, learner = alias(PastoralAssignmentRow), alias(TutorMembershipRow), alias(LearnerRow)
    by_group = (
        select(member.c.learner_id)
        .select_from(
            member.join(care, and_(care.c.school_id == SCHOOL, care.c.tutor_group_id == member.c.tutor_group_id))
        )
        .where(member.c.school_id == SCHOOL, care.c.staff_id == VIEWER, *current(member), *current(care))
    )
    care_of_year = alias(PastoralAssignmentRow)
    by_year = (
        select(learner.c.learner_id)
        .select_from(
            learner.join(
                care_of_year,
                and_(care_of_year.c.school_id == SCHOOL, care_of_year.c.year_group == learner.c.year_group),
            )
        )
        .where(learner.c.school_id == SCHOOL, care_of_year.c.staff_id == VIEWER, *current(care_of_year))
    )
    return Reached(by_group, (member.c.learner_id,)), Reached(by_year, (learner.c.learner_id,))


def _department(course: bool = False) -> tuple[Reached, ...]:
    """In a current class of a course whose department the viewer leads; with `course`, each with that course."""
    lead, studied, seat = alias(DepartmentLeadRow), alias(CourseRow), alias(EnrolmentRow)
    rows = (
        select(seat.c.learner_id)
        .select_from(
            seat.join(studied, and_(studied.c.school_id == SCHOOL, studied.c.course_id == seat.c.course_id)).join(
                lead, and_(lead.c.school_id == SCHOOL, lead.c.department == studied.c.department)
            )
        )
        .where(seat.c.school_id == SCHOOL, lead.c.staff_id == VIEWER, *current(seat), *current(lead))
    )
    return (Reached(rows, (seat.c.learner_id, seat.c.course_id) if course else (seat.c.learner_id,)),)


def _department_course() -> tuple[Reached, ...]:
    return _department(course=True)


def _given(kind: str) -> Reach:
    def reach() -> tuple[Reached, ...]:
        given = alias(LearnerAssignmentRow)
        rows = select(given.c.learner_id).where(
            given.c.school_id == SCHOOL, given.c.staff_id == VIEWER, given.c.kind == kind, *current(given)
        )
        return (Reached(rows, (given.c.learner_id,)),)

    return reach


def _flagged(kind: str) -> Reach:
    def reach() -> tuple[Reached, ...]:
        flag = alias(LearnerFlagRow)
        rows = select(flag.c.learner_id).where(flag.c.school_id == SCHOOL, flag.c.kind == kind, *current(flag))
        return (Reached(rows, (flag.c.learner_id,)),)

    return reach


def _opted_out() -> tuple[Reached, ...]:
    """Left out of the data of all programs, or of the viewer's, which is one."""
    left_out = alias(ClientOptOutRow)
    rows = select(left_out.c.learner_id).where(
        left_out.c.school_id == SCHOOL, left_out.c.program_id == VIEWER, left_out.c.ended_at.is_(None)
    )
    return (*_flagged("OPTED_OUT")(), Reached(rows, (left_out.c.learner_id,)))


def _self_family() -> tuple[Reached, ...]:
    """The viewer, in whatever capacity, is a guardian of the learner, verified or not."""
    link = alias(GuardianLinkRow)
    rows = select(link.c.learner_id).where(link.c.school_id == SCHOOL, link.c.guardian_id == VIEWER, *current(link))
    return (Reached(rows, (link.c.learner_id,)),)


def _protected_home() -> tuple[Reached, ...]:
    """A guardian of a protected learner: the home that a sibling's link would tell is the protected one's."""
    link, flag = alias(GuardianLinkRow), alias(LearnerFlagRow)
    flagged = and_(flag.c.school_id == SCHOOL, flag.c.learner_id == link.c.learner_id, flag.c.kind == "PROTECTED")
    rows = (
        select(link.c.guardian_id)
        .select_from(link.join(flag, flagged))
        .where(link.c.school_id == SCHOOL, *current(link), *current(flag))
    )
    return (Reached(rows, (link.c.guardian_id,)),)


def _left() -> tuple[Reached, ...]:
    learner = alias(LearnerRow)
    rows = select(learner.c.learner_id).where(learner.c.school_id == SCHOOL, learner.c.left_on <= TODAY)
    return (Reached(rows, (learner.c.learner_id,)),)


def _published() -> tuple[Reached, ...]:
    live = alias(PublicationRow)
    rows = select(live.c.publication_id).where(live.c.school_id == SCHOOL, live.c.status == "LIVE")
    return (Reached(rows, (live.c.publication_id,)),)


def teaches(row: Any, *, many: bool) -> ColumnElement[bool]:
    """Whether the viewer teaches the class now."""
    taught = alias(TeachingAssignmentRow)
    rows = select(taught.c.class_id).where(taught.c.school_id == SCHOOL, taught.c.staff_id == VIEWER, *current(taught))
    return Reached(rows, (taught.c.class_id,)).holds((row.c.class_id,), many).is_(True)


OWN = "own"
OWNER = "owner"
HOME = "home"
PROTECTED = "protected"
OF_THE_GUARDIAN = (OWN, PROTECTED)
OF_LEARNER: dict[str, Reach] = {
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
    "opted_out": _opted_out,
    "self_family": _self_family,
    "left": _left,
}
OF_COURSE: dict[str, Reach] = {"taught_course": _taught_course, "department_course": _department_course}
OWNED = ("learner", "course", "report", "report_line", "guardian")


@dataclass(frozen=True, slots=True)
class Way:
    """A relation that holds for a row whose `columns` are among what `reach` gives; OWNER is the row's learner."""

    reach: Reach
    columns: tuple[str, ...]


def way(family: str, token: str) -> Way | None:
    """How the rows of `family` are found that the atomic relation holds for; None: it never does. Not for `school`, `own`."""
    if family in ("course", "report_line") and token in OF_COURSE:
        return Way(OF_COURSE[token], (OWNER, "course_id"))
    if family in ("report", "report_line") and token == "published":  # noqa: S105
        return Way(_published, ("publication_id",))
    if family == "guardian" and token == PROTECTED:
        return Way(_protected_home, ("guardian_id",))
    if family in OWNED and token in OF_LEARNER:
        return Way(OF_LEARNER[token], (OWNER,))
    return None


def own_column(family: str) -> str | None:
    """The column that holds the viewer's id in the viewer's own rows; None where a family has no rows of anybody."""
    if family == "guardian":
        return "guardian_id"
    if family == "staff":
        return "staff_id"
    return OWNER if family in OWNED else None


def relation(family: str, token: str, row: Any, owner: Any | None, *, many: bool = False) -> ColumnElement[bool]:
    """Whether the atomic relation `token` holds for a row of `family`; `row` is its table, `owner` its learner column.

    `many`: the statement asks it of a list of rows.
    """
    if token == "school" or (family, token) == (HOME, OWN):  # noqa: S105
        return ALWAYS
    if token == OWN:
        column = own_column(family)
        return NEVER if column is None else _value(column, row, owner) == VIEWER
    found = way(family, token)
    if found is None:
        return NEVER
    values = tuple(_value(column, row, owner) for column in found.columns)
    ways = [one.holds(values, many) for one in found.reach()]
    return ways[0] if len(ways) == 1 else or_(*ways)


def _value(column: str, row: Any, owner: Any | None) -> Any:
    return owner if column == OWNER else row.c[column]


def of_the_learner(token: str) -> bool:
    """Whether the relation looks at nothing but the row's learner, so that a proven learner's flag may be used again."""
    return token == OWN or token in OF_LEARNER
