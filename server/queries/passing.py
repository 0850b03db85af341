"""A plan as a condition of a statement: which rows pass."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, true

from server.policies.plan import Gate, Plan
from server.policies.vocabulary import atoms
from server.queries.scopes import relation


def passes(plan: Plan, family: str, row: Any, owner: Any) -> ColumnElement[bool]:
    """Whether both gates of `plan` let a row of `family` pass; never NULL."""
    upper, lower = plan.gates
    gates = (lower,) if _implies(lower, upper) else (upper,) if _implies(upper, lower) else plan.gates
    return and_(true(), *(_gate(gate, family, row, owner) for gate in gates))


def _implies(one: Gate, other: Gate) -> bool:
    """Every row that `one` lets pass, `other` does: so the statement need not look at `other`."""
    return one.allow <= other.allow and other.deny <= one.deny


def _gate(gate: Gate, family: str, row: Any, owner: Any) -> ColumnElement[bool]:
    if not gate.allow:
        return false()
    allowed = or_(*(_token(token, family, row, owner) for token in sorted(gate.allow)))
    denied = or_(false(), *(_token(token, family, row, owner) for token in sorted(gate.deny)))
    return and_(allowed, not_(denied))


def _token(token: str, family: str, row: Any, owner: Any) -> ColumnElement[bool]:
    if token == "school":  # noqa: S105 - a scope's name
        return true()
    # IS TRUE: a predicate that is NULL would turn NOT(...) into NULL and hide a fault.
    held = [relation(family, atom, row, owner).is_(True) for atom in sorted(atoms(token)) if atom != "school"]
    return and_(true(), *held)
