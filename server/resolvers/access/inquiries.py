"""explain, whoCanSee and whatCanSee: why access is as it is, and whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from server.errors import BadUserInput, Forbidden
from server.policies.explanation import Cited, Remedy
from server.policies.vocabulary import SCOPES, Capacity
from server.queries.ids import GlobalId, decode
from server.queries.noun import Argument
from server.queries.reach.access import Seen
from server.queries.reach.explaining import Answer, Question, explain
from server.queries.reach.masks import positions
from server.queries.reach.people import Person, people_of
from server.queries.reach.stating import acting
from server.queries.reach.who_can_see import Onlooker, Shown, Sights, what_can_see, who_can_see
from server.register.elements import ELEMENTS
from server.resolvers.access.gate import AUDIT, GATE, exported, may
from server.resolvers.access.kinds import FIRST, OF_EXPLAIN, OF_WHAT, OF_WHO
from server.resolvers.inquiry import Inquirer, Inquiry
from server.resolvers.naming import Naming, person_id

Given = dict[str, Any]
Value = dict[str, Any]

_PERSON: Final = Argument("person", "ID!", "The person: an id that begins with per_, stf_ or lrn_.")
_CAPACITY: Final = Argument("capacity", "Capacity", "Where a person has several; the first of theirs where left out.")
_LEARNER: Final = Argument("learner", "ID!", "The learner.")
_ELEMENT: Final = Argument("element", "DataElement!", "The element.")
_ACTION: Final = Argument("action", "DataAction", "READ where left out.")
_SUPPOSED: Final = Argument(
    "supposed", "Boolean", "True: as if a reason and every purpose were given, within school hours."
)
_PEOPLE: Final = ("per", "stf", "lrn")


async def _explain(given: Given, inquirer: Inquirer) -> Value | None:
    key, capacity = _key(given["person"]), given.get("capacity")
    oneself = (key, capacity or inquirer.asked.principal.capacity) == _asker(inquirer)
    _governed(inquirer, oneself=oneself)
    person = _oneself(inquirer) if oneself else await _somebody(inquirer, key, capacity)
    if person is None:
        return None
    question = Question(
        acting(person, inquirer.now, stating=bool(given.get("supposed"))),
        given["element"].lower(),
        _action(given),
        _id(given.get("learner"), "learner", "lrn"),
        _id(given.get("course"), "course", "crs"),
        oneself=not may(inquirer, "read"),
    )
    found = await explain(inquirer.connection, inquirer.school_id, inquirer.now, inquirer.asked.planner, question)
    inquirer.log(AUDIT, () if question.learner_id is None else (question.learner_id,))
    inquirer.details["person"] = str(key)
    return None if found is None else _answer(found, person, inquirer)


async def _who(given: Given, inquirer: Inquirer) -> Value | None:
    learner_id, element, action = (
        decode(given["learner"], ("learner",), "lrn").key,
        given["element"].lower(),
        _action(given),
    )
    found = await who_can_see(
        inquirer.connection,
        inquirer.school_id,
        inquirer.now,
        inquirer.asked.planner,
        learner_id,
        element,
        action,
        stating=bool(given.get("supposed")),
    )
    inquirer.log(AUDIT, (learner_id,))
    if found is None:
        return None
    naming = Naming(inquirer, (learner_id,), (one.person.person_id for one in found))
    return {
        "learner": naming.learner(learner_id),
        "element": element.upper(),
        "action": action.upper(),
        "policyVersion": inquirer.asked.standing.policy_version,
        "total": len(found),
        "people": [_onlooker(one, naming) for one in found[:FIRST]],
        "csv": _who_table(found, naming, inquirer),
    }


async def _what(given: Given, inquirer: Inquirer) -> Value | None:
    key = _key(given["person"])
    person = await _somebody(inquirer, key, given.get("capacity"))
    inquirer.log(AUDIT)
    inquirer.details["person"] = str(key)
    if person is None:
        return None
    action = _action(given)
    found = await what_can_see(
        inquirer.connection,
        inquirer.school_id,
        inquirer.now,
        inquirer.asked.planner,
        person,
        action,
        stating=bool(given.get("supposed")),
    )
    seen = Seen()
    for one in found.shown:
        seen |= one.seen
    naming = Naming(inquirer, found.school.learner_ids(seen.learners), (key,))
    return {
        "person": naming.person(person),
        "facts": sorted(person.profile.facts),
        "action": action.upper(),
        "policyVersion": inquirer.asked.standing.policy_version,
        "elements": [_shown(one, found, naming) for one in found.shown],
        "csv": _what_table(found, seen, naming, inquirer),
    }


def _governed(inquirer: Inquirer, *, oneself: bool) -> None:
    """Whoever is told nothing of what is withheld is not told why either."""
    silent = inquirer.asked.principal.capacity in (Capacity.PARENT, Capacity.LEARNER)
    if may(inquirer, "read") or (oneself and not silent):
        return
    raise Forbidden("explain tells you of yourself alone: ask your school's data protection officer.", ("person",))


def _asker(inquirer: Inquirer) -> tuple[UUID, str]:
    return inquirer.person_id, inquirer.asked.principal.capacity


def _oneself(inquirer: Inquirer) -> Person:
    return Person(inquirer.person_id, inquirer.asked.profile)


async def _somebody(inquirer: Inquirer, key: UUID, capacity: str | None) -> Person | None:
    people = await people_of(inquirer.connection, inquirer.school_id, inquirer.now)
    found = (one for one in people if one.person_id == key and capacity in (None, one.capacity.value))
    return min(found, key=lambda one: one.order, default=None)


def _key(text: str) -> UUID:
    found = decode(text, ("person",))
    if found.prefix not in _PEOPLE:
        raise BadUserInput(
            "person is the id of another type: give one that begins with per_, stf_ or lrn_.", ("person",)
        )
    return found.key


def _id(text: str | None, argument: str, prefix: str) -> UUID | None:
    return None if text is None else decode(text, (argument,), prefix).key


def _action(given: Given) -> str:
    return (given.get("action") or "READ").lower()


def _answer(found: Answer, person: Person, inquirer: Inquirer) -> Value:
    question, told = found.question, found.explanation
    learner_id, course_id = question.learner_id, found.row.course_id
    naming = Naming(inquirer, () if learner_id is None else (learner_id,), (person.person_id,))
    return {
        "person": naming.person(person),
        "learner": None if learner_id is None else naming.learner(learner_id),
        "element": question.element.upper(),
        "action": question.action.upper(),
        "course": None if course_id is None else str(GlobalId("crs", course_id)),
        "visible": found.visible,
        "exists": found.exists,
        "decision": told.decision,
        "sentence": told.sentence,
        "relations": sorted(found.row.held),
        "granting": _rules(told.granting),
        "blocking": _rules(told.blocking),
        "guardrailsGranting": _rules(told.guardrails_granting),
        "guardrailsBlocking": _rules(told.guardrails_blocking),
        "against": list(told.against),
        "hindering": [
            {"element": element.upper(), "sentence": other.sentence} for (element, _), other in found.hindering
        ],
        "missing": _remedies(told.missing),
        "changes": _remedies(told.changes),
    }


def _rules(rules: Iterable[Cited]) -> list[Value]:
    return [{"rule": one.rule_id, "sentence": one.sentence} for one in rules]


def _remedies(remedies: Iterable[Remedy]) -> list[Value]:
    return [
        {"sentence": one.sentence} | {part: sorted(words) for part, words in asdict(one).items()} for one in remedies
    ]


def _onlooker(one: Onlooker, naming: Naming) -> Value:
    return {
        "person": naming.person(one.person),
        "through": list(one.through),
        "phrases": [SCOPES[token] for token in one.through],
        "courses": [str(GlobalId("crs", course)) for course in one.courses],
        "logged": one.logged,
    }


def _who_table(found: Sequence[Onlooker], naming: Naming, inquirer: Inquirer) -> Any:
    async def rows() -> list[list[object]]:
        called = (await naming.names()).people
        return [
            [
                person_id(one.person.person_id),
                called.get(one.person.person_id),
                one.person.capacity.value,
                " ".join(one.person.profile.named()),
                " ".join(one.through),
                "yes" if one.logged else "no",
            ]
            for one in found
        ]

    return exported(inquirer, "whoCanSee", ("person", "name", "capacity", "roles", "through", "logged"), rows)


def _shown(one: Shown, found: Sights, naming: Naming) -> Value:
    async def learners() -> list[Value]:
        return naming.told(found.school.learner_ids(one.seen.learners)[:FIRST])

    return {
        "element": one.element.upper(),
        "special": ELEMENTS[one.element].guarded,
        "learners": one.seen.learners.bit_count(),
        "staff": one.seen.staff.bit_count(),
        "school": one.seen.school,
        "logged": one.logged,
        "shown": learners,
    }


def _what_table(found: Sights, seen: Seen, naming: Naming, inquirer: Inquirer) -> Any:
    columns = [one for one in found.shown if one.seen.learners]

    async def rows() -> list[list[object]]:
        called = (await naming.names()).learners
        inquirer.log(AUDIT, found.school.learner_ids(seen.learners))
        return [
            [
                str(GlobalId("lrn", learner_id)),
                called.get(learner_id),
                *("yes" if one.seen.learners >> position & 1 else "" for one in columns),
            ]
            for position in positions(seen.learners)
            for learner_id in found.school.learner_ids(1 << position)
        ]

    return exported(inquirer, "whatCanSee", ("learner", "learner_name", *(one.element for one in columns)), rows)


EXPLAIN: Final = Inquiry(
    "explain",
    "AccessExplanation",
    "Why a person may or may not use an element of a learner: of anybody for the officer, of yourself for staff.",
    (
        _PERSON,
        _CAPACITY,
        _ELEMENT,
        Argument("learner", "ID", "The learner; left out for rows of no learner."),
        Argument("course", "ID", "The course; the one that shows the most where left out."),
        _ACTION,
        _SUPPOSED,
    ),
    frozenset(),
    _explain,
    OF_EXPLAIN,
    heavy=True,
)
WHO_CAN_SEE: Final = Inquiry(
    "whoCanSee",
    "WhoCanSee",
    "Everybody who can see an element of a learner now; null for no learner of the school.",
    (_LEARNER, _ELEMENT, _ACTION, _SUPPOSED),
    GATE,
    _who,
    OF_WHO,
    heavy=True,
)
WHAT_CAN_SEE: Final = Inquiry(
    "whatCanSee",
    "WhatCanSee",
    "All that a person can see now; null for nobody of the school.",
    (_PERSON, _CAPACITY, _ACTION, _SUPPOSED),
    GATE,
    _what,
    OF_WHAT,
    heavy=True,
)
