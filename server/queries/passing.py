"""A plan as a condition of a statement: which rows pass."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from server.policies.plan import Gate, Plan
from server.queries.conditions import all_of
from server.queries.gates import lets_pass
from server.queries.scopes import relation


def passes(plan: Plan, family: str, row: Any, owner: Any) -> ColumnElement[bool]:
    """Whether both gates of `plan` let a row of `family` pass; never NULL."""
    upper, lower = plan.gates
    gates = (lower,) if _implies(lower, upper) else (upper,) if _implies(upper, lower) else plan.gates
    # IS TRUE: a predicate that is NULL would turn NOT(...) into NULL and hide a fault.
    return all_of(lets_pass(gate, lambda atom: relation(family, atom, row, owner).is_(True)) for gate in gates)


def _implies(one: Gate, other: Gate) -> bool:
    """Every row that `one` lets pass, `other` does: so the statement need not look at `other`."""
    return one.allow <= other.allow and other.deny <= one.deny
