"""One rule, and what can be wrong with the rows of a book."""

from collections.abc import Iterable
from dataclasses import dataclass

from server.errors import PolicyInvalid

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence: `role` may (or may not) do `action` with `element` on rows in `scope`.

    `role` and `element` may be groups; all `conditions` must hold; `duties` follow from a match.
    """

    id: str
    role: str
    element: str
    action: str
    scope: str
    conditions: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    effect: str = "allow"

    def row(self) -> list[str]:
        """The fields as Casbin's model holds them, never joined into a line of text."""
        conditions, duties = "+".join(self.conditions) or "-", "+".join(self.duties) or "-"
        return [self.id, self.role, self.element, self.action, self.scope, conditions, duties, self.effect]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a book, for a person to read. `rule_id` may also be a line of a file, or "book"."""

    rule_id: str
    code: str
    sentence: str


class RuleBookInvalid(PolicyInvalid):
    """A book that must not decide anything: nothing of it is used.

    Where a stored book raises this, the caller answers POLICY_UNAVAILABLE: the reader of marks drafted nothing.
    """

    opening = "the rule book can't be used"

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        first = "; ".join(f"{found.rule_id}: {found.sentence}" for found in self.findings[:5])
        more = f"; and {len(self.findings) - 5} more" if len(self.findings) > 5 else ""
        super().__init__(f"{self.opening}: {first}{more}")
