"""Worlds into a database, and transactions in which row-level security sees one of their people."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from server import tables
from server.tables.row import Row
from tests.leaks.sentinels import plant
from tests.worlds.world import World, qualified


def insert_world(url: str, world: World, *, families: bool = True) -> None:
    """Insert all rows in one transaction, as the role of `url`, in staff capacity; reference rows may exist.

    Without `families` no decision is added that lets them in, which older tables can't hold.

    Every world holds sentinels: see tests/leaks/sentinels.py.
    """
    plant(world)
    if families:
        let_families_in(world)
    with psycopg.connect(url) as connection, connection.pipeline():
        _set_context(connection, world.school_id, "STAFF", world.ids.get("head", world.school_id))
        for table, rows in world.rows.items():
            if table in _AFTER_ROLES:
                continue
            if table in _JOINING:
                _insert_joining(connection, table, rows)
            elif table in _BY_HAND:
                _insert_by_hand(connection, table, rows)
            elif table not in _DECLARED:
                insert_rows(connection, table, rows)
        _insert_declared(connection, world)
        for table in _AFTER_ROLES:
            _insert_by_hand(connection, table, world.rows.get(table, []))


def let_families_in(world: World) -> None:
    """Every world's parents and learners are let in by a decision of its first member of staff, unless it says otherwise."""
    staff = world.rows.get(tables.StaffRow, [])
    if not staff or tables.AppActivationRow in world.rows:
        return
    for app in ("PARENT", "LEARNER"):
        world.add(
            tables.AppActivationRow,
            activation_id=world.new_id(),
            app=app,
            assessment="Folder 12 of the office",
            declaration="Assessed and agreed by the governors.",
            decided_by=world.ids.get("head", staff[0]["staff_id"]),
            decided_at=world.morning - timedelta(days=400),
        )


# What an import brings that one of the staff declares, who must be there: last of all.
_DECLARED: Final = (tables.RoleAssignmentRow, tables.ClientGrantRow, tables.AppActivationRow)
# What whoever redeems a code adds.
_JOINING: Final = (tables.InvitationTryRow, tables.InvitationRedemptionRow)
# What takes a role, and not only a hand.
_AFTER_ROLES: Final = (tables.AppActivationEndRow, tables.ClientOptOutRow)
# Rows that only the person may add whom the column names, in that capacity.
_BY_HAND: Final[dict[type[Row], tuple[str, str]]] = {
    tables.AppActivationEndRow: ("ended_by", "STAFF"),
    tables.BreakGlassEndRow: ("ended_by", "STAFF"),
    tables.BreakGlassRow: ("person_id", "STAFF"),
    tables.ClientOptOutRow: ("recorded_by", "STAFF"),
    tables.CourseScaleRow: ("set_by", "STAFF"),
    tables.FieldMasterRow: ("set_by", "STAFF"),
    tables.ForecastConfirmationRow: ("confirmed_by", "STAFF"),
    tables.LearnerMergeRow: ("merged_by", "STAFF"),
    tables.InvitationEndRow: ("ended_by", "STAFF"),
    tables.InvitationRow: ("invited_by", "STAFF"),
    tables.LinkRestrictionEndRow: ("ended_by", "STAFF"),
    tables.LinkRestrictionRow: ("decided_by", "STAFF"),
    tables.MarkModerationRow: ("moderated_by", "STAFF"),
    tables.RosterClosingDecisionRow: ("decided_by", "STAFF"),
    tables.RosterClosingRow: ("requested_by", "CLIENT"),
    tables.SupportDecisionRow: ("decided_by", "STAFF"),
    tables.SupportEndRow: ("ended_by", "STAFF"),
    tables.SupportRequestRow: ("requester_id", "OPERATOR"),
    tables.TargetRow: ("set_by", "STAFF"),
    tables.TeacherEstimateRow: ("recorded_by", "STAFF"),
    tables.WindowGradingRow: ("set_by", "STAFF"),
    tables.WindowStepRow: ("taken_by", "STAFF"),
}


def by_hand(connection: psycopg.Connection[Any], table: type[Row], *rows: Mapping[str, Any]) -> None:
    """Rows of one person in such a table in that person's name; the transaction is whose it was afterwards."""
    names = ("app.person", "app.capacity")
    before = [connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in names]
    column, capacity = _BY_HAND[table]
    _set(connection, "person", rows[0][column])
    _set(connection, "capacity", capacity)
    insert_rows(connection, table, rows)
    for name, held in zip(("person", "capacity"), before, strict=True):
        _set(connection, name, held[0] if held else "")


def _insert_declared(connection: psycopg.Connection[Any], world: World) -> None:
    staff = world.rows.get(tables.StaffRow, [])
    for table in _DECLARED:
        for declarer, rows in groupby(world.rows.get(table, []), key=_declarer):
            _set_context(connection, world.school_id, "CLIENT", declarer or staff[0]["staff_id"])
            insert_rows(connection, table, rows)


def _declarer(row: Mapping[str, Any]) -> UUID | None:
    return row.get("declared_by") or row.get("decided_by")


def _insert_joining(connection: psycopg.Connection[Any], table: type[Row], rows: Iterable[Mapping[str, Any]]) -> None:
    _set(connection, "capacity", "JOINING")
    insert_rows(connection, table, rows)
    _set(connection, "capacity", "STAFF")


def _insert_by_hand(connection: psycopg.Connection[Any], table: type[Row], rows: Iterable[Mapping[str, Any]]) -> None:
    for person, several in groupby(rows, key=lambda row: row.get(_BY_HAND[table][0])):
        if person is None:
            insert_rows(connection, table, several)
        else:
            by_hand(connection, table, *several)


def insert_rows(connection: psycopg.Connection[Any], table: type[Row], rows: Iterable[Mapping[str, Any]]) -> None:
    """Plain INSERTs, those of the same columns at once; a reference row that exists is left as it is."""
    described = table.metadata.tables[qualified(table)]
    with connection.cursor() as cursor:
        for columns, several in groupby(rows, key=tuple):
            statement = sql.SQL("INSERT INTO usher.{} ({}) VALUES ({}){}").format(
                sql.Identifier(described.name),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.SQL(", ").join(sql.Placeholder() for _ in columns),
                sql.SQL("" if described.info["tenant"] else " ON CONFLICT DO NOTHING"),
            )
            cursor.executemany(
                statement,
                [[_adapted(value, described.c[name].type) for name, value in row.items()] for row in several],
            )


@contextmanager
def acting(url: str, world: World, capacity: str, person: str) -> Generator[psycopg.Connection[tuple[Any, ...]]]:
    """A transaction in which row-level security sees `person` in that capacity; rolled back at the end."""
    with psycopg.connect(url) as connection:
        _set_context(connection, world.school_id, capacity, world.ids[person])
        yield connection
        connection.rollback()


def _set_context(connection: psycopg.Connection[Any], school_id: UUID, capacity: str, person_id: UUID) -> None:
    for name, value in (("school_id", school_id), ("person", person_id), ("capacity", capacity)):
        _set(connection, name, value)


def _set(connection: psycopg.Connection[Any], name: str, value: object) -> None:
    connection.execute(sql.SQL("SET LOCAL {} = {}").format(sql.Identifier("app", name), sql.Literal(str(value))))


def _adapted(value: Any, kind: object) -> Any:
    return Jsonb(value) if type(kind).__name__ == "JSONB" and value is not None else value
