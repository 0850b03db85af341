"""A gate of a plan as a condition, of whatever tells which relations hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement

from server.policies.plan import Gate
from server.policies.vocabulary import atoms
from server.queries.conditions import all_of, any_of, negated


def lets_pass(gate: Gate, holds: Callable[[str], ColumnElement[Any]]) -> ColumnElement[Any]:
    """`holds` is the condition of a relation to the row, never NULL; it isn't asked for school, which always holds."""

    def token(scope: str) -> ColumnElement[Any]:
        return all_of(holds(atom) for atom in sorted(atoms(scope)) if atom != "school")

    allowed = any_of(token(scope) for scope in sorted(gate.allow))
    return all_of((allowed, *(negated(token(scope)) for scope in sorted(gate.deny))))
