"""What one account may not see of a world, by the oracle; how to change it or take it away behind their back, and undo it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from server import tables
from server.policies.shipped import starting_book
from server.tables.row import Row
from tests.leaks.changes import CHANGES, SPECIAL, Changed, Values
from tests.oracle.asker import asker
from tests.oracle.enforcing import Books
from tests.oracle.rows import Rows
from tests.oracle.things import Thing
from tests.oracle.visibility import Visibility
from tests.worlds import World, insert_rows

Owner = psycopg.Connection[tuple[Any, ...]]
_BOOKS: list[Books] = []


def books() -> Books:
    """The book that schools begin with: one for all accounts, since it remembers what it was asked."""
    if not _BOOKS:
        _BOOKS.append(Books(starting_book()))
    return _BOOKS[0]


@dataclass(frozen=True, slots=True)
class Account:
    handle: str
    capacity: str

    def __str__(self) -> str:
        return f"{self.handle} as {self.capacity}"


def accounts(world: World) -> list[Account]:
    """Everybody who may act today, in each of their capacities: new accounts of the world are among them."""
    handles = {key: handle for handle, key in world.ids.items()}
    rows = world.rows[tables.AccessProfileRow]
    live = [row for row in rows if row.get("valid_to") is None or row["valid_to"] > world.today]
    return [Account(handles[row["person_id"]], row["capacity"]) for row in live]


def alike(world: World) -> list[tuple[Account, ...]]:
    """Accounts by what rules know of them: those of one profile are asked the same, and share statements."""
    rows = Rows(world)
    found: dict[object, list[Account]] = {}
    for one in accounts(world):
        standing = asker(rows, world.ids[one.handle], one.capacity).standing
        found.setdefault((one.capacity, standing), []).append(one)
    return [tuple(several) for several in found.values()]


@dataclass(frozen=True, slots=True)
class Cell:
    """One row's columns of one element, with what they hold and what they are changed to."""

    of: Changed
    row: Values
    new: Values

    @property
    def old(self) -> Values:
        return {name: self.row.get(name) for name in self.new}


@dataclass(frozen=True, slots=True)
class Gone:
    """Rows of a table that are taken away, found in their school by `keys`."""

    table: type[Row]
    keys: tuple[str, ...]
    rows: Sequence[Values]


class Hidden:
    """What `account` may not see of `world`."""

    def __init__(self, world: World, account: Account) -> None:
        self.world = world
        self.account = account
        self._rows = Rows(world)
        self._person = world.ids[account.handle]
        self.visibility = Visibility(self._rows, books(), asker(self._rows, self._person, account.capacity))
        self.cells = [cell for of in CHANGES for cell in self._cells(of)]
        self.special = list(self._special())

    def shown(self, kind: str, element: str, row: Values) -> bool:
        """Whether some answer may tell the account the element of the row."""
        things = [Thing(kind, one, self.world.today) for one in self._things(kind, row)]
        return any(self.visibility.exists(one) and self.visibility.can(one, element) for one in things)

    def exists(self, kind: str) -> bool:
        """Whether the one row of a root field that is never null is there."""
        return self.visibility.exists(Thing(kind, {}, date.min))

    def _things(self, kind: str, row: Values) -> Iterable[Values]:
        """A guardian is told of through each of their links."""
        if kind == "Guardian" and "link_id" not in row:
            return self._rows.where("guardian_link", guardian_id=row["guardian_id"])
        if kind == "Learner" and "given_name" not in row:
            return self._rows.where("learner", learner_id=row["learner_id"])
        return (row,)

    def _cells(self, of: Changed) -> Iterator[Cell]:
        for place, row in enumerate(self.world.rows.get(of.table, ())):
            if not of.type or not self.shown(of.type, of.element, row):
                new = {name: new(row, place) for name, new in self._columns(of)}
                yield Cell(of, row, within_the_age(row, new, self.world.today))

    def _columns(self, of: Changed) -> Iterator[tuple[str, Any]]:
        """The year group of a learner makes the relation `pastoral` of those who look after a whole year."""
        cares = any(
            row["staff_id"] == self._person and row.get("year_group") is not None
            for row in self.world.rows.get(tables.PastoralAssignmentRow, ())
        )
        return ((name, new) for name, new in of.columns.items() if not (cares and name == "year_group"))

    def _special(self) -> Iterator[Values]:
        for learner in self.world.rows[tables.LearnerRow]:
            for element, value in SPECIAL.items():
                if not self.shown("Learner", element, learner):
                    yield {
                        "school_id": self.world.school_id,
                        "special_id": self.world.new_id(),
                        "learner_id": learner["learner_id"],
                        "element": element,
                        "value": value,
                        "recorded_at": self.world.morning,
                        "recorded_by": self.world.ids["head"],
                        "source": "test",
                    }

    def __len__(self) -> int:
        return len(self.cells) + len(self.special)

    @contextmanager
    def changed(self, owner: Owner) -> Generator[None]:
        """Every hidden cell holds another value."""
        _write(owner, [(cell, cell.new) for cell in self.cells])
        insert_rows(owner, tables.LearnerSpecialRow, self.special)
        owner.commit()
        yield
        _write(owner, [(cell, cell.old) for cell in self.cells])
        _delete(owner, tables.LearnerSpecialRow, ("special_id",), self.special)
        owner.commit()

    @contextmanager
    def removed(self, owner: Owner) -> Generator[None]:
        """Rows that the account can't know of are not there at all."""
        gone = self.removable()
        for one in reversed(gone):
            _delete(owner, one.table, one.keys, one.rows)
        owner.commit()
        yield
        for one in gone:
            insert_rows(owner, one.table, one.rows)
        owner.commit()

    def in_memory(self) -> tuple[Rows, Rows, Rows]:
        """The world's rows as they are, changed, and without what is hidden: for what answers from rows alone."""
        changed, removed = Rows(self.world), Rows(self.world)
        for cell in self.cells:
            keys = {key: cell.row[key] for key in cell.of.keys}
            held = changed.tables[_table(cell.of.table)]
            changed.tables[_table(cell.of.table)] = [
                {**row, **cell.new} if all(row[key] == value for key, value in keys.items()) else row for row in held
            ]
        changed.tables["learner_special"] = [*changed.all("learner_special"), *self.special]
        for one in self.removable():
            gone = {tuple(row[key] for key in one.keys) for row in one.rows}
            removed.tables[_table(one.table)] = [
                row for row in removed.all(_table(one.table)) if tuple(row[key] for key in one.keys) not in gone
            ]
        return Rows(self.world), changed, removed

    def removable(self) -> list[Gone]:
        """Those first to which others refer."""
        year = "academic_year"
        marks = self._unknown(tables.MarkRow, "Mark")
        gone = {row["mark_id"] for row in marks}
        grades = self._unknown(tables.GradeRow, "Grade")
        targets = self._unknown(tables.TargetRow, "Target")
        contact = ("learner_address", "learner_contact")
        return [
            Gone(tables.MarkRow, (year, "mark_id"), marks),
            Gone(tables.MarkVersionRow, (year, "mark_id", "version"), self._of_marks(tables.MarkVersionRow, gone)),
            Gone(tables.MarkPartRow, (year, "mark_id", "question"), self._of_marks(tables.MarkPartRow, gone)),
            Gone(
                tables.MarkPartVersionRow,
                (year, "mark_id", "version", "question"),
                self._of_marks(tables.MarkPartVersionRow, gone),
            ),
            Gone(
                tables.MarkModerationRow,
                (year, "mark_id", "version", "moderated_by"),
                self._of_marks(tables.MarkModerationRow, gone),
            ),
            Gone(tables.GradeRow, (year, "grade_id"), grades),
            Gone(tables.GradeVersionRow, (year, "grade_id", "version"), self._of_grades(grades)),
            Gone(tables.TargetRow, (year, "target_id"), targets),
            Gone(tables.TargetVersionRow, (year, "target_id", "version"), self._of_targets(targets)),
            Gone(tables.TeacherEstimateRow, ("estimate_id",), self._unknown(tables.TeacherEstimateRow, "Forecast")),
            Gone(
                tables.ForecastConfirmationRow,
                ("confirmation_id",),
                self._unknown(tables.ForecastConfirmationRow, "Forecast"),
            ),
            Gone(
                tables.BehaviourEventRow,
                (year, "behaviour_event_id"),
                self._unknown(tables.BehaviourEventRow, "BehaviourEvent"),
            ),
            Gone(tables.AttendanceRow, (year, "learner_id"), self._untold(tables.AttendanceRow, ("attendance",))),
            Gone(tables.LearnerContactRow, ("learner_id",), self._untold(tables.LearnerContactRow, contact)),
            Gone(tables.LearnerSpecialRow, ("special_id",), self._untold_special()),
            Gone(tables.ReportLineRow, ("report_line_id",), self._unknown(tables.ReportLineRow, "ReportLine")),
            *self._memberships(),
            Gone(tables.CourseCommentRow, (year, "comment_id"), self.world.rows.get(tables.CourseCommentRow, [])),
        ]

    def _memberships(self) -> list[Gone]:
        """Places in classes and forms, unless the account's own relations are made of them."""
        if any(
            row["staff_id"] == self._person
            for table in (tables.TeachingAssignmentRow, tables.PastoralAssignmentRow, tables.DepartmentLeadRow)
            for row in self.world.rows.get(table, ())
        ):
            return []
        groups = ("groups",)
        return [
            Gone(tables.EnrolmentRow, ("enrolment_id",), self._untold(tables.EnrolmentRow, groups)),
            Gone(tables.TutorMembershipRow, ("tutor_membership_id",), self._untold(tables.TutorMembershipRow, groups)),
        ]

    def _of_marks(self, table: type[Row], marks: set[Any]) -> Sequence[Values]:
        return [row for row in self.world.rows.get(table, ()) if row["mark_id"] in marks]

    def _of_grades(self, grades: Sequence[Values]) -> Sequence[Values]:
        gone = {row["grade_id"] for row in grades}
        return [row for row in self.world.rows.get(tables.GradeVersionRow, ()) if row["grade_id"] in gone]

    def _of_targets(self, targets: Sequence[Values]) -> Sequence[Values]:
        gone = {row["target_id"] for row in targets}
        return [row for row in self.world.rows.get(tables.TargetVersionRow, ()) if row["target_id"] in gone]

    def _unknown(self, table: type[Row], kind: str) -> list[Values]:
        rows = self.world.rows.get(table, ())
        return [row for row in rows if not self.visibility.exists(Thing(kind, row, self.world.today))]

    def _untold(self, table: type[Row], elements: tuple[str, ...]) -> list[Values]:
        return [
            row
            for row in self.world.rows.get(table, ())
            if not any(self.shown("Learner", element, {"learner_id": row["learner_id"]}) for element in elements)
        ]

    def _untold_special(self) -> list[Values]:
        rows = self.world.rows.get(tables.LearnerSpecialRow, ())
        return [row for row in rows if not self.shown("Learner", row["element"], {"learner_id": row["learner_id"]})]


def _write(owner: Owner, values: list[tuple[Cell, Values]]) -> None:
    """One UPDATE a set of columns, of many rows."""
    statements: dict[bytes, list[list[Any]]] = {}
    for cell, new in values:
        keys = ("school_id", *cell.of.keys)
        statement = sql.SQL("UPDATE usher.{} SET {} WHERE {}").format(
            _name(cell.of.table), _pairs(new, ", "), _pairs(keys, " AND ")
        )
        bound = [*new.values(), *(cell.row[key] for key in keys)]
        statements.setdefault(statement.as_string(owner).encode(), []).append(bound)
    _each(owner, statements)


def _delete(owner: Owner, table: type[Row], keys: tuple[str, ...], rows: Iterable[Values]) -> None:
    keys = ("school_id", *keys)
    statement = sql.SQL("DELETE FROM usher.{} WHERE {}").format(_name(table), _pairs(keys, " AND "))
    _each(owner, {statement.as_string(owner).encode(): [[row[key] for key in keys] for row in rows]})


def _each(owner: Owner, statements: dict[bytes, list[list[Any]]]) -> None:
    with owner.cursor() as cursor:
        for statement, bound in statements.items():
            cursor.executemany(statement, [[_adapted(value) for value in one] for one in bound])


def _adapted(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict) else value


def _name(table: type[Row]) -> sql.Identifier:
    return sql.Identifier(_table(table))


def _table(table: type[Row]) -> str:
    return vars(table)["__tablename__"]


def _pairs(names: Iterable[str], between: LiteralString) -> sql.Composed:
    return sql.SQL(between).join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in names)


def changed_everywhere(world: World) -> dict[str, list[Values]]:
    """The rows of the world as if everything had been changed, by table: what values there may be afterwards."""
    rows = Rows(world).tables
    found = {name: [dict(row) for row in of] for name, of in rows.items()}
    for of in CHANGES:
        for place, row in enumerate(found.get(vars(of.table)["__tablename__"], ())):
            row.update({name: new(row, place) for name, new in of.columns.items()})
    for row in found["learner_special"]:
        row["value"] = SPECIAL[row["element"]]
    return {name: [*of] for name, of in found.items()}


def within_the_age(row: Values, new: dict[str, Any], today: date) -> dict[str, Any]:
    """Who may read the age is told that much of the date of birth: the other day is one of the same age."""
    held: date | None = row.get("date_of_birth")
    if held is None or "date_of_birth" not in new:
        return new
    days = (held + timedelta(days=count) for count in (25, -25, 50, -50))
    return {**new, "date_of_birth": next(day for day in days if _age(day, today) == _age(held, today))}


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
