"""The values every statement knows: the school, the viewer and the day; always bind parameters, cast where they stand."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Date, Text, Uuid, bindparam, or_

SCHOOL: Final[BindParameter[Any]] = bindparam("school", type_=Uuid(), required=False)
VIEWER: Final[BindParameter[Any]] = bindparam("viewer", type_=Uuid(), required=False)
CAPACITY: Final[BindParameter[Any]] = bindparam("capacity", type_=Text(), required=False)
TODAY: Final[BindParameter[Any]] = bindparam("today", type_=Date(), required=False)


def current(table: Any, day: ColumnElement[Any] = TODAY) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The dates of `table` include `day`: valid_from is the first day, valid_to the first day no longer."""
    return table.c.valid_from <= day, or_(table.c.valid_to.is_(None), table.c.valid_to > day)
