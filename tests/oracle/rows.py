"""A world's rows, held whole: every table as plain dictionaries, with the few look-ups that answers need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from server.tables import metadata
from server.tables.row import SCHEMA
from tests.worlds import World

Values = Mapping[str, Any]


class Rows:
    """`today` is the day that dates are compared with; `tables` are rows by table name, missing columns as None."""

    def __init__(self, world: World) -> None:
        self.today = world.today
        self.moment: datetime | None = None  # by which sessions of hours are judged; now where it is None
        self.school_id = world.school_id
        self.tables: dict[str, list[Values]] = {}
        for row_class, rows in world.rows.items():
            name = str(vars(row_class)["__tablename__"])
            columns = metadata.tables[f"{SCHEMA}.{name}"].c.keys()
            self.tables[name] = [{column: row.get(column) for column in columns} for row in rows]

    def all(self, table: str) -> list[Values]:
        return self.tables.get(table, [])

    def where(self, table: str, **wanted: Any) -> Iterator[Values]:
        return (row for row in self.all(table) if all(row[name] == value for name, value in wanted.items()))

    def one(self, table: str, **wanted: Any) -> Values | None:
        """The first such row; keys are unique, so there is no other."""
        return next(self.where(table, **wanted), None)

    def current(self, table: str, day: date, **wanted: Any) -> Iterator[Values]:
        return (row for row in self.where(table, **wanted) if holds(row, day))

    def newest_special(self, learner_id: UUID, element: str) -> Any:
        """The value of the newest row, by id; None where nothing was recorded."""
        found = list(self.where("learner_special", learner_id=learner_id, element=element))
        return max(found, key=by("special_id"))["value"] if found else None

    @property
    def school(self) -> Values:
        return self.all("school")[0]


def holds(row: Values, day: date) -> bool:
    """`valid_from` is the first day, `valid_to` the first day no longer."""
    return row["valid_from"] <= day and (row["valid_to"] is None or day < row["valid_to"])


def by(column: str) -> Callable[[Values], Any]:
    return lambda row: row[column]
