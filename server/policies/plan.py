"""What Casbin's answers become: which rows may be seen, as sets of scope tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from server.policies.vocabulary import atoms


@dataclass(frozen=True, slots=True)
class Gate:
    """One book's answer: rows in any of `allow`, except those in any of `deny`."""

    allow: frozenset[str]
    deny: frozenset[str] = frozenset()

    def passes(self, rels: frozenset[str]) -> bool:
        """`rels` is a whole relation set, as `vocabulary.relations` makes it."""
        return bool(rels & self.allow) and not rels & self.deny


CLOSED = Gate(frozenset())
OPEN = Gate(frozenset({"school"}))


@dataclass(frozen=True, slots=True)
class Plan:
    """A row is visible where both gates pass: the ceiling's, then the school's."""

    gates: tuple[Gate, Gate]
    duties: frozenset[str] = frozenset()

    def visible(self, rels: frozenset[str]) -> bool:
        return self.gates[0].passes(rels) and self.gates[1].passes(rels)

    @property
    def nothing(self) -> bool:
        """True where no row can ever pass."""
        return next(_least_rows(self), None) is None

    @property
    def everything(self) -> bool:
        """True where every row of the school passes."""
        return self.covers(_ALL)

    @property
    def tokens(self) -> frozenset[str]:
        """All scope tokens that the plan looks at."""
        return frozenset(token for gate in self.gates for token in gate.allow | gate.deny)

    def covers(self, other: Plan) -> bool:
        """True exactly where each row that passes `other` passes this plan too.

        Allowing is monotone and denying antitone in what holds for a row, so that only the least rows that pass
        `other` need a look, each also with one token of this plan's denials added.
        """
        for row in _least_rows(other):
            if not self._admits(row):
                return False
            for token in self._denied:
                widened = row | atoms(token)
                if not _hits(widened, other._denied):
                    return False
        return True

    @property
    def _denied(self) -> frozenset[str]:
        return self.gates[0].deny | self.gates[1].deny

    def _admits(self, row: frozenset[str]) -> bool:
        return all(_hits(row, gate.allow) and not _hits(row, gate.deny) for gate in self.gates)


def _hits(row: frozenset[str], tokens: frozenset[str]) -> bool:
    return any(row >= atoms(token) for token in tokens)


def _least_rows(plan: Plan) -> Iterator[frozenset[str]]:
    """The smallest sets of relations that pass: one allow token of each gate, and `school`."""
    first, second = plan.gates
    denied = first.deny | second.deny
    for one in first.allow:
        for two in second.allow:
            row = frozenset({"school"}) | atoms(one) | atoms(two)
            if not _hits(row, denied):
                yield row


_ALL = Plan((OPEN, OPEN))
