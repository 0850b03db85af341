"""accessChanges: what people came to see and lost sight of between two nights."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final
from uuid import UUID

from server.commands.policy.judging import stored_book
from server.errors import PolicyUnavailable
from server.policies.planner import Planner
from server.queries.kinds import kind
from server.queries.noun import Argument
from server.queries.policy_history import version
from server.queries.reach.access_changes import AccessChanges, AccountChange, Changed, access_changes
from server.queries.reach.snapshots import night_of
from server.resolvers.access.gate import AUDIT, GATE, exported
from server.resolvers.access.kinds import FEW, FIRST
from server.resolvers.inquiry import Inquirer, Inquiry
from server.resolvers.naming import REACHED_LEARNER, REACHED_PERSON, Naming, person_id

Value = dict[str, Any]

_CAUSE: Final = kind(
    "AccessCause",
    "What changed and so changed access.",
    ("kind", "String!", "ACCOUNT, RULES, ROLE, FACT, RELATION or SCHOOL."),
    ("told", "[String!]!", "What of that kind changed for this person."),
)
_CHANGE: Final = kind(
    "AccessChange",
    "Elements of which a person gained and lost the same, for the same causes.",
    ("person", "ReachedPerson!", "The person."),
    ("elements", "[DataElement!]!", "The elements."),
    ("gained", "Int!", "Of how many learners they are seen now and were not before."),
    ("lost", "Int!", "Of how many learners they are seen no more."),
    ("staffGained", "Int!", "The same, of members of staff."),
    ("staffLost", "Int!", "The same, of members of staff."),
    ("gainedLearners", "[ReachedLearner!]!", f"The learners gained, at most {FEW}."),
    ("lostLearners", "[ReachedLearner!]!", f"The learners lost, at most {FEW}."),
    ("causes", "[AccessCause!]!", "Each would have done it alone; where none would, all together did."),
)
_CHANGES: Final = kind(
    "AccessChanges",
    "What changed between two nights in what people can read.",
    ("from", "Date!", "The earlier night."),
    ("to", "Date!", "The later night."),
    ("policyFrom", "Int!", "The version of the rule book in the earlier night."),
    ("policyTo", "Int!", "The version in the later night."),
    ("people", "Int!", "How many accounts gained or lost something."),
    ("changes", "[AccessChange!]!", f"What, account by account; of at most {FIRST} accounts."),
    ("csv", "String!", "Of all accounts, as a table, for those who may export the audit."),
)


async def _access_changes(given: dict[str, Any], inquirer: Inquirer) -> Value | None:
    days = (_day(given["from"]), _day(given["to"]))
    nights = [await night_of(inquirer.connection, inquirer.school_id, day) for day in sorted(days)]
    inquirer.log(AUDIT)
    before, after = nights
    if before is None or after is None:
        return None
    old, new = [await _planner(one.policy_version, inquirer) for one in (before, after)]
    found = await access_changes(before, after, old, new)
    naming = Naming(inquirer, _learners(found), (one.person.person_id for one in found.accounts))
    return {
        "from": before.day,
        "to": after.day,
        "policyFrom": before.policy_version,
        "policyTo": after.policy_version,
        "people": len(found.accounts),
        "changes": [_change(one, each, found, naming) for one in found.accounts[:FIRST] for each in one.changes],
        "csv": _table(found, naming, inquirer),
    }


async def _planner(number: int, inquirer: Inquirer) -> Planner:
    """Raises PolicyUnavailable for a version that can't be read."""
    asked = inquirer.asked
    if number == asked.standing.policy_version:
        return asked.planner
    row = await version(inquirer.connection, inquirer.school_id, number)
    if row is None:
        raise PolicyUnavailable("A rule book of those nights can't be loaded: ask for another night.")
    return Planner(stored_book(row.content), asked.planner.ceiling)


def _day(given: Any) -> date:
    return given if isinstance(given, date) else date.fromisoformat(given)


def _learners(found: AccessChanges) -> Iterable[UUID]:
    seen = 0
    for account in found.accounts:
        for one in account.changes:
            seen |= one.gained.learners | one.lost.learners
    return found.school.learner_ids(seen)


def _change(account: AccountChange, one: Changed, found: AccessChanges, naming: Naming) -> Value:
    def learners(mask: int) -> Any:
        async def told() -> list[Value]:
            return naming.told(found.school.learner_ids(mask)[:FEW])

        return told

    return {
        "person": naming.person(account.person),
        "elements": [element.upper() for element in one.elements],
        "gained": one.gained.learners.bit_count(),
        "lost": one.lost.learners.bit_count(),
        "staffGained": one.gained.staff.bit_count(),
        "staffLost": one.lost.staff.bit_count(),
        "gainedLearners": learners(one.gained.learners),
        "lostLearners": learners(one.lost.learners),
        "causes": [{"kind": cause.value, "told": list(account.told[cause])} for cause in one.causes],
    }


def _table(found: AccessChanges, naming: Naming, inquirer: Inquirer) -> Any:
    async def rows() -> list[list[object]]:
        called = (await naming.names()).people
        return [
            [
                person_id(account.person.person_id),
                called.get(account.person.person_id),
                account.person.capacity.value,
                " ".join(one.elements),
                one.gained.learners.bit_count(),
                one.lost.learners.bit_count(),
                one.gained.staff.bit_count(),
                one.lost.staff.bit_count(),
                " ".join(f"{cause}: {' '.join(account.told[cause])}" for cause in one.causes),
            ]
            for account in found.accounts
            for one in account.changes
        ]

    heading = ("person", "name", "capacity", "elements", "gained", "lost", "staff_gained", "staff_lost", "causes")
    return exported(inquirer, "accessChanges", heading, rows)


ACCESS_CHANGES: Final = Inquiry(
    "accessChanges",
    "AccessChanges",
    "What changed in what people can read, between the nightly snapshots of two days; null before the first of them.",
    (
        Argument("from", "Date!", "The newest snapshot of this day or before it."),
        Argument("to", "Date!", "The newest snapshot of this day or before it."),
    ),
    GATE,
    _access_changes,
    (REACHED_PERSON, REACHED_LEARNER, _CAUSE, _CHANGE, _CHANGES),
    heavy=True,
)
