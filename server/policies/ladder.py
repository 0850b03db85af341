"""Why a value is withheld, from policy and relations only, never from whether a value exists."""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from server.policies.plan import Gate, Plan
from server.policies.profile import Profile
from server.policies.vocabulary import CONDITIONS, DENY_ONLY_SCOPES, JOINED, ROW_FACTS


class Reason(StrEnum):
    NOT_PERMITTED = "NOT_PERMITTED"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    TRAINING_REQUIRED = "TRAINING_REQUIRED"
    NOT_PUBLISHED = "NOT_PUBLISHED"
    REASON_REQUIRED = "REASON_REQUIRED"


Rung = tuple[Reason, Plan | None]

TRAINED = frozenset(word for word in CONDITIONS if word.startswith("trained:"))
GIVEN = frozenset(word for word in CONDITIONS if word == "reason" or word.startswith("purpose:"))


def ladder(profile: Profile, plan_of: Callable[[Profile], Plan]) -> tuple[Rung, ...]:
    """The rungs for a row that the profile's own plan withholds; the first whose plan passes names the reason.

    Suppositions are ordered by what helps first: a certificate, then a reason, then both (where the certificate is
    named). A row that only a denial withholds answers OUT_OF_SCOPE before any of them, so that a protected child
    shows no reason of its own.
    """
    actual = _without_protection(plan_of(profile))
    rungs: list[Rung] = [(Reason.OUT_OF_SCOPE, actual)] if not actual.nothing else []
    suppositions = (
        (Reason.TRAINING_REQUIRED, TRAINED),
        (Reason.REASON_REQUIRED, GIVEN),
        (Reason.TRAINING_REQUIRED, TRAINED | GIVEN),
    )
    seen = [actual]
    for reason, facts in suppositions:
        supposed = _without_protection(plan_of(profile.with_facts(facts)))
        if not any(plan.covers(supposed) for plan in seen):
            rungs.append((reason, supposed))
            seen.append(supposed)
    published = _as_if_published(actual)
    if not any(plan.covers(published) for plan in seen):
        rungs.append((Reason.NOT_PUBLISHED, published))
        seen.append(published)
    last = Reason.OUT_OF_SCOPE if any(not plan.nothing for plan in seen) else Reason.NOT_PERMITTED
    useful = rungs if {reason for reason, _ in rungs} - {last} else []
    return (*useful, (last, None))


def _without_protection(plan: Plan) -> Plan:
    """The plan without denials that protect a person: a protected child answers as any other."""
    first, second = plan.gates
    return replace(plan, gates=(_bare(first), _bare(second)), duties=frozenset())


def _bare(gate: Gate) -> Gate:
    return Gate(gate.allow, gate.deny.difference(DENY_ONLY_SCOPES))


def _as_if_published(plan: Plan) -> Plan:
    first, second = plan.gates
    return replace(plan, gates=(_published(first), _published(second)))


def _published(gate: Gate) -> Gate:
    return Gate(frozenset(_without_row_fact(token) for token in gate.allow), gate.deny)


def _without_row_fact(token: str) -> str:
    parts = [part for part in JOINED.get(token, (token,)) if part not in ROW_FACTS]
    return parts[0]
