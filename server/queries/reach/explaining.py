"""Why one person may or may not use an element of one learner: the rules, asked of the rows that really are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from server.database.pool import PoolConnection
from server.policies.explanation import Explanation, explained, explained_to_oneself
from server.policies.permit import Coordinate
from server.policies.planner import Planner
from server.policies.vocabulary import DENY_ONLY_SCOPES, relations
from server.queries.ask import LEARNER_EXISTS
from server.queries.reach.access import Sight, Viewpoint
from server.queries.reach.masks import positions
from server.queries.reach.people import Person
from server.queries.reach.places import READ, Place, places
from server.queries.reach.plans import Plans
from server.queries.reach.relations import ATOMS, KEYS, relations_of
from server.queries.reach.school import School, school_of

_NOBODYS: Final = relations()


@dataclass(frozen=True, slots=True)
class Question:
    """`learner_id` None: of rows that are no learner's. `course_id` None: of the course that shows the most."""

    person: Person
    element: str
    action: str
    learner_id: UUID | None
    course_id: UUID | None = None
    oneself: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row in which the element stands, by the relations that hold between it and the person."""

    family: str
    held: frozenset[str]
    course_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`visible`: whether the API would show it. `exists`: there is such a row; where there is none, `row` is a supposed
    one, of the learner. `hindering` are needed elements that are refused on this row."""

    question: Question
    row: Row
    exists: bool
    visible: bool
    explanation: Explanation
    hindering: tuple[tuple[Coordinate, Explanation], ...]


async def explain(
    connection: PoolConnection, school_id: UUID, now: datetime, planner: Planner, question: Question
) -> Answer | None:
    """None for a learner whom the school does not have. Who asks about themselves is told nothing of a learner whom
    they may not know of, not even that there is none. Raises psycopg.Error."""
    if question.learner_id is None:
        return await asyncio.to_thread(_answer, planner, question, [_ownerless(question)], _NOBODYS)
    school = await school_of(connection, school_id, question.learner_id)
    held = await relations_of(connection, school_id, now.date(), KEYS, [question.person.person_id])
    if not school.learners.size and not question.oneself:
        return None
    view = Viewpoint(school, held, question.person.person_id)
    return await asyncio.to_thread(_of_learner, planner, question, school, view)


def _of_learner(planner: Planner, question: Question, school: School, view: Viewpoint) -> Answer:
    learner = _held(view, "learner", 0) if school.learners.size else _NOBODYS
    known = Plans(planner).of(question.person.profile, LEARNER_EXISTS, READ).visible(learner)
    if question.oneself and not (school.learners.size and known):
        return _answer(planner, question, [Row("learner", _NOBODYS)], _NOBODYS)
    rows = list(_rows(question, view, Sight(view, question.person.profile, Plans(planner))))
    # What is recorded of a learner is not told to those who ask about themselves.
    exists = bool(rows) or question.oneself
    return _answer(planner, question, rows or [Row("learner", learner)], learner, exists=exists)


def _rows(question: Question, view: Viewpoint, sight: Sight) -> Iterator[Row]:
    """For those who ask about themselves, only rows that are there at all for them: the others' facts are kept."""
    for place in places(question.element):
        rows = view.school.families[place.family]
        there = sight.existing(place) if question.oneself and place.owned else rows.all
        for position in positions(there) if place.owned else ():
            course = UUID(rows.columns["course_id"][position]) if "course_id" in rows.columns else None
            if question.course_id in (None, course):
                yield Row(place.family, _held(view, place.family, position), course)


def _held(view: Viewpoint, family: str, position: int) -> frozenset[str]:
    return relations(atom for atom in ATOMS if view.held(family, atom) >> position & 1)


def _ownerless(question: Question) -> Row:
    family = next((place.family for place in places(question.element) if not place.owned), "school")
    return Row(family, _NOBODYS)


def _answer(
    planner: Planner, question: Question, rows: list[Row], learner: frozenset[str], *, exists: bool = True
) -> Answer:
    """Of the row that shows the most: one that is visible, else one that only something else hinders."""
    plans, profile = Plans(planner), question.person.profile
    coordinate = (question.element, question.action)

    def rank(row: Row) -> tuple[bool, bool]:
        passes = plans.of(profile, *coordinate).visible(row.held)
        return not (passes and not _hindering(plans, question, row, learner)), not passes

    row = min(rows, key=rank)
    ask = explained_to_oneself if question.oneself else explained
    needed = _hindering(plans, question, row, learner)
    explanation = ask(planner, profile, *coordinate, row.held)
    hindering = tuple(((element, READ), ask(planner, profile, element, READ, held)) for element, held in needed.items())
    shown = Row(row.family, row.held - DENY_ONLY_SCOPES.keys(), row.course_id) if question.oneself else row
    visible = exists and explanation.decision and not hindering
    return Answer(question, shown, exists, visible, explanation, hindering)


def _hindering(plans: Plans, question: Question, row: Row, learner: frozenset[str]) -> dict[str, frozenset[str]]:
    """Elements whose refusal hides the row, or the learner whom it belongs to, each with the relations it is asked of."""
    if question.action != READ or question.learner_id is None:
        return {}
    profile, found = question.person.profile, dict[str, frozenset[str]]()
    if not plans.of(profile, LEARNER_EXISTS, READ).visible(learner):
        found[LEARNER_EXISTS] = learner
    needed = next((one.existence for one in _places(question.element, row)), ())
    if not any(plans.of(profile, one, READ).visible(row.held) for one in needed):
        found |= dict.fromkeys(needed, row.held)
    found.pop(question.element, None)
    return found


def _places(element: str, row: Row) -> Iterator[Place]:
    """A report itself is not asked: its lines tell whether it exists."""
    return (place for place in places(element) if place.family == row.family and row.family != "report")
