"""Rules that the ceiling would disarm: they promise what the guardrails take away."""

from collections import defaultdict
from collections.abc import Iterator

from server.policies.ceiling import CEILING_ALONE
from server.policies.reach import Reach
from server.policies.rule import Finding

# The permissions of the guardrails that one role and element come under, and the first such pair, sorted.
Part = tuple[str, str, tuple[Reach, ...]]


class Disarming:
    """The guardrails' permissions by role, element and action, to hold many rules against."""

    def __init__(self, ceiling: tuple[Reach, ...]) -> None:
        above: dict[tuple[str, str, str], list[Reach]] = defaultdict(list)
        for row in ceiling:
            if row.rule.effect == "allow":
                for role in row.roles:
                    for element in row.elements:
                        above[role, element, row.rule.action].append(row)
        self._above = {key: tuple(rows) for key, rows in above.items()}
        self._parts: dict[tuple[frozenset[str], frozenset[str], str], tuple[Part, ...]] = {}

    def findings(self, reach: Reach) -> Iterator[Finding]:
        """At most one finding: the first role and element of the rule for which the ceiling is narrower."""
        if reach.rule.effect != "allow":
            return
        for role, element, above in self._parts_of(reach):
            found = _compare(reach, role, element, above)
            if found:
                yield found
                return

    def _parts_of(self, reach: Reach) -> tuple[Part, ...]:
        """A group is many roles and elements under few permissions: each set of permissions is looked at once."""
        key = (reach.roles, reach.elements, reach.rule.action)
        if key not in self._parts:
            parts: dict[tuple[int, ...], Part] = {}
            for role in sorted(reach.roles):
                for element in sorted(reach.elements - CEILING_ALONE):
                    above = self._above.get((role, element, reach.rule.action), ())
                    parts.setdefault(tuple(id(row) for row in above), (role, element, above))
            self._parts[key] = tuple(parts.values())
        return self._parts[key]


def _compare(reach: Reach, role: str, element: str, above: tuple[Reach, ...]) -> Finding | None:
    rule = reach.rule
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
