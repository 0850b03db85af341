"""A book's impact on the school's own people, and on what they asked lately, as values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from server.queries.ids import GlobalId
from server.queries.kinds import kind
from server.queries.reach.impact_on_people import Difference, PeopleImpact
from server.queries.reach.replay import Replay, Replayed
from server.register.elements import ELEMENTS
from server.resolvers.access.kinds import FEW, FIRST
from server.resolvers.naming import REACHED_LEARNER, REACHED_PERSON, Naming, person_id

Value = dict[str, Any]


_COUNTS: Final = (
    ("element", "DataElement!", "The data element."),
    ("action", "DataAction!", "The action with it."),
    ("stated", "Boolean!", "True: only by somebody who gives a reason or a purpose, or within school hours."),
    ("special", "Boolean!", "True: special category."),
    ("gained", "Int!", "Of how many learners it could be done now and could not before."),
    ("lost", "Int!", "Of how many learners it could be done no more."),
    ("staffGained", "Int!", "Of how many members of staff it could be done now and could not before."),
    ("staffLost", "Int!", "Of how many members of staff it could be done no more."),
)
_GROUP: Final = kind(
    "PeopleImpactGroup",
    "People with the same roles, taken together.",
    ("capacity", "Capacity!", "The capacity they act in."),
    ("roles", "[String!]!", "Their roles."),
    ("people", "Int!", "How many of them gain or lose something."),
    *_COUNTS,
)
_PERSON: Final = kind(
    "PersonImpact",
    "What one person gains and loses of one element.",
    ("person", "ReachedPerson!", "The person."),
    *_COUNTS,
    ("gainedLearners", "[ReachedLearner!]!", f"The learners gained, at most {FEW}."),
    ("lostLearners", "[ReachedLearner!]!", f"The learners lost, at most {FEW}."),
)
_PEOPLE: Final = kind(
    "PeopleImpact",
    "Who of the school's people would gain and lose sight of whom, as they are related today.",
    ("gaining", "Int!", "How many people gain something."),
    ("losing", "Int!", "How many people lose something."),
    ("learnersGained", "Int!", "The learners of whom somebody gains something."),
    ("learnersLost", "Int!", "The learners of whom somebody loses something."),
    ("groups", "[PeopleImpactGroup!]!", "By roles and element, in the register's order."),
    ("people", "[PersonImpact!]!", f"One by one, at most {FIRST}; none for those who may not read the audit."),
)
_TURN: Final = kind(
    "ReplayedTurn",
    "What becomes of the rows that an operation could reach.",
    ("element", "DataElement!", "Of which element."),
    ("action", "DataAction!", "For which use."),
    ("turn", "String!", "GAINED: more of them. LOST: fewer. OTHER: others."),
)
_OPERATION: Final = kind(
    "ReplayedOperation",
    "A recorded operation that would be answered otherwise.",
    ("id", "ID!", "The audit entry."),
    ("occurredAt", "DateTime!", "When it was asked."),
    ("person", "ID", "By whom; null where retention has removed it."),
    ("capacity", "Capacity!", "In what capacity."),
    ("roles", "[String!]!", "With which roles."),
    ("kind", "String!", "read, write, export or import."),
    ("operation", "String", "What the client called it."),
    ("turns", "[ReplayedTurn!]!", "What would differ."),
)
_REPLAY: Final = kind(
    "PolicyReplay",
    "The school's last recorded operations once more, under the other book.",
    ("lookedAt", "Int!", "How many were replayed."),
    ("since", "DateTime", "The oldest of them."),
    ("differing", "Int!", "How many would be answered otherwise."),
    ("operations", "[ReplayedOperation!]!", f"Those, the newest first; at most {FIRST}."),
)
PEOPLE_KINDS: Final = (
    REACHED_PERSON, REACHED_LEARNER, _GROUP, _PERSON, _PEOPLE, _TURN, _OPERATION, _REPLAY,
)  # fmt: skip


def people_value(impact: PeopleImpact, naming: Naming) -> Value:
    """`naming` knows the people and learners of `named`."""
    return counted_value(impact) | {"people": [_person(one, impact, naming) for one in impact.differences[:FIRST]]}


def counted_value(impact: PeopleImpact) -> Value:
    """Without anybody's id."""
    return {
        "gaining": len(impact.gaining),
        "losing": len(impact.losing),
        "learnersGained": impact.learners_gained.bit_count(),
        "learnersLost": impact.learners_lost.bit_count(),
        "groups": _groups(impact),
        "people": [],
    }


def named(impact: PeopleImpact) -> tuple[list[UUID], list[UUID]]:
    """The learners and the people that a value may name."""
    shown = impact.differences[:FIRST]
    learners = 0
    for one in shown:
        learners |= one.gained.learners | one.lost.learners
    return impact.school.learner_ids(learners) if shown else [], [one.person.person_id for one in shown]


def replay_value(replay: Replay) -> Value:
    return {
        "lookedAt": replay.looked_at,
        "since": replay.since,
        "differing": len(replay.changed),
        "operations": [_operation(one) for one in replay.changed[:FIRST]],
    }


def _groups(impact: PeopleImpact) -> list[Value]:
    found: dict[tuple[Any, ...], list[Difference]] = {}
    for one in impact.differences:
        roles = tuple(one.person.profile.named())
        found.setdefault((one.element, one.action, one.stated, one.person.capacity.value, roles), []).append(one)
    return [
        {"capacity": capacity, "roles": list(roles), "people": len(several), **_counts(several)}
        for (_, _, _, capacity, roles), several in found.items()
    ]


def _person(one: Difference, impact: PeopleImpact, naming: Naming) -> Value:
    def learners(mask: int) -> Any:
        async def told() -> list[Value]:
            return naming.told(impact.school.learner_ids(mask)[:FEW])

        return told

    return {
        "person": naming.person(one.person),
        **_counts((one,)),
        "gainedLearners": learners(one.gained.learners),
        "lostLearners": learners(one.lost.learners),
    }


def _counts(several: Sequence[Difference]) -> Value:
    first = several[0]
    return {
        "element": first.element.upper(),
        "action": first.action.upper(),
        "stated": first.stated,
        "special": ELEMENTS[first.element].guarded,
        "gained": _together(one.gained.learners for one in several),
        "lost": _together(one.lost.learners for one in several),
        "staffGained": _together(one.gained.staff for one in several),
        "staffLost": _together(one.lost.staff for one in several),
    }


def _together(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found.bit_count()


def _operation(one: Replayed) -> Value:
    operation = one.operation
    return {
        "id": str(GlobalId("aud", operation.audit_id)),
        "occurredAt": operation.occurred_at,
        "person": None if operation.person_id is None else person_id(operation.person_id),
        "capacity": operation.profile.capacity.value,
        "roles": operation.profile.named(),
        "kind": operation.kind,
        "operation": operation.name,
        "turns": [
            {"element": element.upper(), "action": action.upper(), "turn": turn.value}
            for element, action, turn in one.turns
        ],
    }
