"""Rules that the ceiling would disarm: they promise what the guardrails take away."""

from collections.abc import Iterator

from server.policies.ceiling import CEILING_ALONE
from server.policies.reach import Reach
from server.policies.rule import Finding


def disarmed_findings(reach: Reach, ceiling: tuple[Reach, ...]) -> Iterator[Finding]:
    """At most one finding: the first role and element of the rule for which the ceiling is narrower."""
    if reach.rule.effect != "allow":
        return
    for role in sorted(reach.roles):
        for element in sorted(reach.elements - CEILING_ALONE):
            found = _compare(reach, role, element, ceiling)
            if found:
                yield found
                return


def _compare(reach: Reach, role: str, element: str, ceiling: tuple[Reach, ...]) -> Finding | None:
    rule = reach.rule
    above = [
        row
        for row in ceiling
        if row.rule.effect == "allow"
        and row.rule.action == rule.action
        and role in row.roles
        and element in row.elements
    ]
    if not above:
        sentence = f"the guardrails allow no {role} to {rule.action} {element}: remove the rule"
        return Finding(rule.id, "ceiling_closed", sentence)
    armed = [row for row in above if row.conditions <= reach.conditions]
    if not armed:
        nearest = min(
            (row.conditions - reach.conditions for row in above), key=lambda words: (len(words), sorted(words))
        )
        sentence = f"{role}, {rule.action} {element}: needs the condition {' and '.join(sorted(nearest))}"
        return Finding(rule.id, "ceiling_condition", sentence)
    if not any(row.atoms <= reach.atoms for row in armed):
        scopes = " or ".join(sorted({row.rule.scope for row in armed}))
        sentence = f"{role}, {rule.action} {element}: scope {rule.scope} is wider than {scopes}"
        return Finding(rule.id, "ceiling_scope", sentence)
    return None
