"""Conditions with their constants folded, so that what is certain costs PostgreSQL nothing and reads plainly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, false, not_, null, or_, true

ALWAYS: Final[ColumnElement[Any]] = true()
NEVER: Final[ColumnElement[Any]] = false()


def all_of(conditions: Iterable[ColumnElement[Any]]) -> ColumnElement[Any]:
    found = [condition for condition in conditions if condition is not ALWAYS]
    if any(condition is NEVER for condition in found):
        return NEVER
    return and_(*found) if found else ALWAYS


def any_of(conditions: Iterable[ColumnElement[Any]]) -> ColumnElement[Any]:
    found = [condition for condition in conditions if condition is not NEVER]
    if any(condition is ALWAYS for condition in found):
        return ALWAYS
    return or_(*found) if found else NEVER


def negated(condition: ColumnElement[Any]) -> ColumnElement[Any]:
    if condition is ALWAYS:
        return NEVER
    return ALWAYS if condition is NEVER else not_(condition)


def when(condition: ColumnElement[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
    """The value where the condition holds, else NULL."""
    if condition is ALWAYS:
        return value
    return null() if condition is NEVER else case((condition, value), else_=null())
