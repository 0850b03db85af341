"""Yearly facts of a demo school: attendance, behaviour, targets and teachers' comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from server.demo.calendar import THIS_YEAR, first_day
from server.demo.draw import Draw
from server.demo.people import Learner
from server.demo.timetable import Group, year_group_in
from server.demo.world import World

EVENTS: Final = (
    ("House point", 1, 30.0), ("Kind to others", 2, 12.0), ("Excellent homework", 2, 14.0), ("Late to lesson", -1, 10.0),
    ("No homework", -1, 9.0), ("Disruption", -2, 7.0), ("Missed detention", -3, 3.0), ("Removed from lesson", -4, 1.5),
)  # fmt: skip
_GOOD: Final = (
    "works with care and asks good questions", "has made strong progress since September",
    "reads the question closely and shows every step", "brings real curiosity to lessons",
)  # fmt: skip
_NEXT: Final = (
    "should now practise under timed conditions", "needs to revise the first unit before the next test",
    "should check each answer once more before moving on", "would gain from reading more widely",
)  # fmt: skip


def attendance(world: World) -> Iterator[Sequence[object]]:
    """Half days: last year's in full, this year's to the end of the first window; one in eleven is persistently away."""
    yield "UPN", "Academic year", "Possible", "Attended"
    draw = Draw(f"{world.plan.key} attendance")
    for learner in world.learners:
        often_away = draw.chance(0.09)
        for year, possible in ((world.year - 1, 378), (world.year, 76)):
            if year_group_in(learner, year, world.year) is None or (year == world.year and learner.left):
                continue
            share = 0.78 + 0.1 * draw.below(100) / 100 if often_away else 0.93 + 0.07 * draw.below(100) / 100
            yield learner.upn, year, possible, min(possible, round(possible * share))


def behaviour(world: World) -> Iterator[Sequence[object]]:
    yield "UPN", "Academic year", "Happened on", "Kind", "Points", "Note"
    draw = Draw(f"{world.plan.key} behaviour")
    table = [((kind, points), weight) for kind, points, weight in EVENTS]
    for learner in _present(world):
        seen: set[tuple[int, str]] = set()
        for _ in range(draw.weighted(((0, 0.3), (1, 0.25), (2, 0.2), (4, 0.15), (7, 0.1)))):
            kind, points = draw.weighted(table)
            day = draw.below(60)
            if (day, kind) not in seen:
                seen.add((day, kind))
                note = "Spoken to after the lesson." if points < -1 else None
                yield learner.upn, world.year, first_day(world.year) + timedelta(days=day), kind, points, note


def targets(world: World) -> Iterator[Sequence[object]]:
    """A target for each learner in each graded course of this year: what the level now suggests, and a little more."""
    yield "UPN", "Academic year", "Course", "Value", "Set on"
    for group, learner in _seats(world):
        if group.course.specification is not None:
            best, lowest = (5, 1) if group.course.tier == "F" else (9, 3 if group.course.tier == "H" else 1)
            value = max(lowest, min(best, round(5.2 + 1.7 * learner.ability)))
            title = group.course.title(group.year_group)
            yield learner.upn, world.year, title, str(value), first_day(world.year) + timedelta(days=6)


def comments(world: World) -> Iterator[Sequence[object]]:
    """Teachers' sentences for the next report of Years 10 and 11."""
    yield "UPN", "Academic year", "Course", "Window", "Text", "Written by", "Written on"
    draw = Draw(f"{world.plan.key} comments")
    window = THIS_YEAR[1]
    written = window.ends_on(world.year) + timedelta(days=7)
    for group, learner in _seats(world):
        if group.year_group >= 10 and draw.chance(0.85):
            name = learner.preferred or learner.given
            text = f"{name} {draw.one(_GOOD)} and {draw.one(_NEXT)}."
            title = group.course.title(group.year_group)
            yield learner.upn, world.year, title, window.name, text, group.teacher, written


def _present(world: World) -> list[Learner]:
    return [learner for learner in world.learners if learner.left is None]


def _seats(world: World) -> Iterator[tuple[Group, Learner]]:
    """Who sits where now: each learner once in a course."""
    for group in world.groups:
        if group.year == world.year:
            for seat in group.seats:
                if seat.until is None:
                    yield group, seat.learner
