"""What one asker may read, as conditions of a statement that meets many rows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement

from server.policies.permit import Permit
from server.policies.plan import OPEN, Gate, Plan
from server.policies.vocabulary import atoms
from server.queries.ask import LEARNER_EXISTS
from server.queries.conditions import NEVER, all_of, any_of
from server.queries.constants import inline, number
from server.queries.gates import lets_pass
from server.queries.noun import TELLING
from server.queries.scopes import OF_COURSE, relation, teaches

STRUCTURE: Final = "school_structure"
# Nobody on the staff reads these of their own family, or of whom the data is restricted.
EVERYBODY: Final = Plan((OPEN, Gate(frozenset({"school"}), frozenset({"restricted", "self_family"}))))


class Sight:
    """By the plans for `read` of a permit. Conditions are never NULL."""

    def __init__(self, permit: Permit) -> None:
        self._permit = permit

    @property
    def key(self) -> Hashable:
        """The same for whoever has the same plans of the same elements."""
        permit = self._permit
        return permit.profile, permit.coordinates, permit.book_digest, permit.ceiling_digest

    def plan(self, element: str) -> Plan:
        return self._permit.plan(element, "read")

    def of_learner(self, elements: Iterable[str], learner: Any) -> ColumnElement[Any]:
        """All the elements may be read of the learner, who exists for the asker."""
        return _kept(
            self._passes(element, "learner", learner, learner.c.learner_id)
            for element in dict.fromkeys((LEARNER_EXISTS, *elements))
        )

    def of_row(self, elements: Iterable[str], row: Any) -> ColumnElement[Any]:
        """All the elements may be read of a row of one learner in one course."""
        return _kept(self._passes(element, "course", row, row.c.learner_id) for element in elements)

    def of_structure(self, row: Any) -> ColumnElement[Any]:
        """A row that is about nobody is there for the asker."""
        return _kept((self._passes(STRUCTURE, "school", row, None),))

    def of_class(self, row: Any) -> ColumnElement[Any]:
        """The class is there for the asker: what being in it tells may be told (decision 0111)."""
        known = ((element, self._open(element, row)) for element in TELLING)
        told = (all_of((row.c.reveals == inline(element), open_)) for element, open_ in known if open_ is not NEVER)
        return all_of((self.of_structure(row), any_of((row.c.reveals.is_(None), *told))))

    def partly(self, elements: Iterable[str]) -> bool:
        """Whether some of them may be read of part of EVERYBODY only, by the plans alone."""
        return any(not self.plan(element).covers(EVERYBODY) for element in (LEARNER_EXISTS, *elements))

    def by_learner(self, element: str) -> bool:
        """Whether no rule denies it for the course's sake, so that who may read it of a learner reads it of each course."""
        plan = self.plan(element)
        return not any(atoms(token) & set(OF_COURSE) for gate in plan.gates for token in gate.deny)

    def _open(self, element: str, row: Any) -> ColumnElement[Any]:
        def holds(atom: str) -> ColumnElement[Any]:
            return teaches(row, many=False) if atom == "taught" else NEVER

        plan = self.plan(element)
        return NEVER if plan.nothing else all_of(lets_pass(gate, holds) for gate in plan.gates)

    def _passes(self, element: str, family: str, row: Any, owner: Any) -> ColumnElement[Any]:
        def holds(atom: str) -> ColumnElement[Any]:
            # What is reached is found once and kept hashed, and not probed for each of many rows (decision 0065).
            return relation(family, atom, row, owner, many=True).is_(True)

        plan = self.plan(element)
        return NEVER if plan.nothing else all_of(lets_pass(gate, holds) for gate in dict.fromkeys(plan.gates))


def _kept(conditions: Iterable[ColumnElement[Any]]) -> ColumnElement[Any]:
    """All of them. SQLAlchemy makes of NEVER and others nothing but false: the statement would no longer name its school."""
    found = all_of(conditions)
    return number(1) == number(0) if found is NEVER else found
