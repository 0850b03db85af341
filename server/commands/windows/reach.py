"""Whose windows they are: who leads a course may write its marks, who exports all grades publishes what they come to."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from server.commands.statements import fetch
from server.database.context import Context
from server.database.pool import PoolConnection
from server.policies.permit import Coordinate, Permit
from server.policies.vocabulary import Capacity, relations

MARKS: Final[Coordinate] = ("mark", "write")
GRADES: Final[Coordinate] = ("grade", "export")

_ANY: Final = relations()
_LED: Final = relations(("department_course",))

# A course is in a window by its assessments.
_COURSES: Final = """\
SELECT c.course_id, EXISTS (
    SELECT 1 FROM usher.department_lead AS l
    WHERE l.school_id = $1::uuid AND l.staff_id = $4::uuid AND l.department = c.department
        AND l.valid_from <= $5::date AND (l.valid_to IS NULL OR l.valid_to > $5::date))
FROM usher.course AS c
WHERE c.school_id = $1::uuid AND ($3::uuid IS NULL OR c.course_id = $3::uuid) AND EXISTS (
    SELECT 1 FROM usher.assessment AS a
    WHERE a.school_id = $1::uuid AND a.window_id = $2::uuid AND a.course_id = c.course_id)
ORDER BY c.course_id"""


def leads_all(permit: Permit) -> bool:
    """Whether every course of the school is theirs."""
    staff = permit.profile.capacity is Capacity.STAFF
    return staff and (permit.plan(*MARKS).visible(_ANY) or permit.plan(*GRADES).visible(_ANY))


def leads_own(permit: Permit) -> bool:
    """Whether the courses of a department that they lead are theirs."""
    return permit.profile.capacity is Capacity.STAFF and permit.plan(*MARKS).visible(_LED)


async def courses_of(
    connection: PoolConnection, context: Context, permit: Permit, window_id: UUID, course_id: UUID | None, today: date
) -> list[UUID]:
    """The courses of the window that are theirs, or this one of them, in order of their keys."""
    rows = await fetch(connection, _COURSES, [context.school_id, window_id, course_id, context.person_id, today])
    everything, own = leads_all(permit), leads_own(permit)
    return [course for course, led in rows if everything or (led and own)]
