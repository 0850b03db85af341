"""Assessments, and marks that follow each learner's attainment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from server.demo.calendar import LAST_YEAR, THIS_YEAR, Window
from server.demo.draw import Draw
from server.demo.people import Learner
from server.demo.subjects import TOPICS, Course, Paper
from server.demo.timetable import Group

STATES = (("SCORED", 0.927), ("ABSENT", 0.035), ("NOT_ENTERED", 0.022), ("PENDING", 0.012), ("EXEMPT", 0.004))


@dataclass(frozen=True, slots=True)
class Assessment:
    year: int
    title: str
    course: Course
    window: Window
    paper: Paper
    held_on: date


@dataclass(frozen=True, slots=True)
class Mark:
    assessment: Assessment
    learner: Learner
    state: str
    score: str
    day: date


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a mark whose paper is recorded by question."""

    mark: Mark
    question: str
    position: int
    topic: str
    score: str
    maximum: str


def windows(year: int, now: int) -> tuple[Window, ...]:
    return THIS_YEAR if year == now else LAST_YEAR


def assessments(found: list[Group], now: int) -> list[Assessment]:
    """Each paper of each course in each window; a window that is not whole has the first paper alone."""
    courses = {(group.year, group.course.title(group.year_group)): group.course for group in found}
    rows: list[Assessment] = []
    for (year, title), course in courses.items():
        for window in windows(year, now):
            papers = course.papers if window.whole or course.specification is None else course.papers[:1]
            for place, paper in enumerate(papers):
                held = window.starts_on(year) + timedelta(days=1 + 3 * place)
                rows.append(Assessment(year, title, course, window, paper, held))
    return rows


def marks(found: list[Group], rows: list[Assessment], seed: str) -> Iterator[Mark]:
    """A mark for each learner who sat in a class of the course on the day."""
    by_course: dict[tuple[int, str], list[Group]] = {}
    for group in found:
        by_course.setdefault((group.year, group.course.title(group.year_group)), []).append(group)
    for row in rows:
        if not row.window.sat:
            continue
        draw = Draw(f"{seed} {row.year} {row.title} {row.window.name} {row.paper.code}")
        for group in by_course[row.year, row.title]:
            for seat in group.seats:
                if seat.since <= row.held_on and (seat.until is None or row.held_on < seat.until):
                    yield _mark(draw, row, seat.learner)


def _mark(draw: Draw, row: Assessment, learner: Learner) -> Mark:
    state = draw.weighted(STATES)
    day = row.held_on + timedelta(days=draw.between(1, 6))
    return Mark(row, learner, state, _score(draw, row, learner) if state == "SCORED" else "", day)


def _score(draw: Draw, row: Assessment, learner: Learner) -> str:
    """A foundation paper is easier; each sitting varies about the learner's level."""
    middle = {"H": 0.42, "F": 0.62, None: 0.52}[row.course.tier]
    share = middle + 0.15 * learner.ability + 0.07 * draw.normal()
    steps = Decimal(row.paper.maximum) / Decimal(row.paper.step)
    reached = round(max(0.02, min(0.99, share)) * float(steps))
    return str(reached * Decimal(row.paper.step))


def parts(mark: Mark, seed: str) -> Iterator[Part]:
    """Six questions by topic, which add up to the paper's maximum and to the mark's score."""
    draw = Draw(f"{seed} parts {mark.learner.mis_id} {mark.assessment.paper.code}")
    maximum, left = int(mark.assessment.paper.maximum), int(mark.score)
    sizes = [maximum // len(TOPICS) + (1 if place < maximum % len(TOPICS) else 0) for place in range(len(TOPICS))]
    for place, (topic, size) in enumerate(zip(TOPICS, sizes, strict=True)):
        after = sum(sizes[place + 1 :])
        low, high = max(0, left - after), min(size, left)
        score = min(high, max(low, round(left * size / (size + after)) + draw.between(-2, 2)))
        left -= score
        yield Part(mark, str(place + 1), place + 1, topic, str(score), str(size))
