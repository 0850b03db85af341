"""New boundaries: every course that is graded by an older version is graded anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import structlog

from server.commands.jobs.job import Desk
from server.commands.policy.in_name_of import schools
from server.commands.regrading import Regraded, Standing, courses_left, regrade_course, standing
from server.database.pool import Pool
from server.database.school_by_school import school_by_school

Progress = Callable[[UUID, UUID, Regraded, int], None]
"""School, course, what became of it, and how many courses of the school are left."""


async def regrade(desk: Desk, now: datetime) -> int:
    """How many courses were graded anew; each is a line in the log."""
    del now  # a grade's time is that of its own transaction: a run may take long
    return await regrade_all(desk.pool, _log)


async def regrade_all(pool: Pool, progress: Progress) -> int:
    """Of all schools, course by course. Raises the first fault, after everything else has had its turn."""

    async def work(school_id: UUID) -> int:
        return await regrade_school(pool, school_id, progress)

    return sum((await school_by_school(await schools(pool), work)).values())


async def standings(pool: Pool) -> list[Standing]:
    async def work(school_id: UUID) -> Standing:
        return await standing(pool, school_id)

    return list((await school_by_school(await schools(pool), work)).values())


async def regrade_school(pool: Pool, school_id: UUID, progress: Progress) -> int:
    """How many of its courses were graded anew. Raises the first fault, after all of them have had their turn."""
    waiting = await courses_left(pool, school_id)
    faults: list[Exception] = []
    done = 0
    for place, course_id in enumerate(waiting, start=1):
        try:
            regraded = await regrade_course(pool, school_id, course_id, datetime.now(UTC))
        except Exception as fault:  # one course's fault keeps no other waiting
            faults.append(fault)
            continue
        if regraded is not None:
            done += 1
            progress(school_id, course_id, regraded, len(waiting) - place + len(faults))
    if faults:
        raise faults[0]
    return done


def _log(school_id: UUID, course_id: UUID, regraded: Regraded, left: int) -> None:
    structlog.get_logger().info(
        "course graded anew",
        school=str(school_id),
        course=str(course_id),
        grades=regraded.grades,
        changed=regraded.changed,
        stand={str(window): grades for window, grades in regraded.left.items()},
        left=left,
    )
