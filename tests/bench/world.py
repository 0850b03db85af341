"""Many schools for the bench: the two demo schools as imported from their files, and as many copies as are wanted.

A copy is one INSERT ... SELECT a table: every row of the school with every id replaced, so that shapes, distributions
and ties are those of the demo. A new id begins as the old one does, with its time, so that keys stay as ordered as
UUIDv7 makes them. The superuser makes it, without checking foreign keys: they hold as those of the original do, and
statistics that don't know the new school yet make PostgreSQL check each of them by a wrong index.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import Table
from sqlalchemy.types import Uuid

from server.demo.files import write_files
from server.demo.packs import pack_folder
from server.exchange.first_reports import publish_first_reports
from server.exchange.loading import load_demo
from server.exchange.progress import Progress, silent
from server.tables import metadata
from tests.bench.questions import give_questions

Connection = psycopg.Connection[tuple[Any, ...]]

# What happened to the original did not happen to its copy.
_LEFT_OUT: Final = frozenset({"audit_operation", "idempotency_record", "import_batch", "outbox_event"})
# Ids of what all schools share.
_SHARED: Final = frozenset({"specification_id", "boundary_set_id"})


@dataclass(frozen=True, slots=True)
class BenchSchool:
    """`suffix` follows each demo identity in this school: `teacher` here signs in as `teacher` + suffix."""

    school_id: UUID
    learners: int
    marks: int
    suffix: str


def generate_world(
    app_url: str, superuser_url: str, schools: int, marks: int, progress: Progress = silent
) -> list[BenchSchool]:
    """Fill an empty, migrated database with that many schools and about that many marks, largest schools first.

    The demo's larger school comes as often as the number of marks needs, and at least once; the smaller one fills up.
    One school alone is the larger.
    """
    with tempfile.TemporaryDirectory() as folder:
        today = datetime.now(UTC).date()
        write_files(Path(folder), today)
        larger, smaller = load_demo(app_url, Path(folder), [pack_folder()], progress, today=today)
        publish_first_reports(app_url)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for school_id in (larger, smaller):
            give_questions(connection, school_id)
        originals = [_school(connection, school_id, "") for school_id in (larger, smaller)]
        if schools == 1:
            _removed(connection, originals.pop().school_id)
        made = list(originals)
        # Or else every copy would read all schools, by the statistics of two.
        connection.execute("ANALYZE; SET enable_seqscan = off; SET session_replication_role = replica")
        for original, number in _copies(originals[0], originals[-1], schools, marks):
            made.append(_copy(connection, original, number))
            progress(description="Copying schools", advance=1, total=schools - len(originals))
        connection.execute("VACUUM (ANALYZE)")
    return sorted(made, key=lambda school: (-school.marks, school.suffix))


def _copies(larger: BenchSchool, smaller: BenchSchool, schools: int, marks: int) -> Iterator[tuple[BenchSchool, int]]:
    """Originals to copy, each with a number."""
    if schools <= 2:
        return
    wanted = round((marks - schools * smaller.marks) / (larger.marks - smaller.marks))
    large = max(1, min(schools - 1, wanted))
    for number in range(2, schools):
        yield (larger if number <= large else smaller), number


def _removed(connection: Connection, school_id: UUID) -> None:
    for table in reversed(metadata.sorted_tables):
        if "school_id" in table.c:
            statement = sql.SQL("DELETE FROM {} WHERE school_id = %s").format(sql.Identifier("usher", table.name))
            connection.execute(statement, [school_id])


def _school(connection: Connection, school_id: UUID, suffix: str) -> BenchSchool:
    def count(table: str) -> int:
        query = sql.SQL("SELECT count(*) FROM {} WHERE school_id = %s").format(sql.Identifier("usher", table))
        [found] = connection.execute(query, [school_id]).fetchone() or (0,)
        return found

    return BenchSchool(school_id, count("learner"), count("mark"), suffix)


def _copy(connection: Connection, original: BenchSchool, number: int) -> BenchSchool:
    suffix = f"-{number}"
    with connection.transaction():
        for table in metadata.sorted_tables:
            if "school_id" in table.c and table.name not in _LEFT_OUT:
                connection.execute(_statement(table, number, suffix), [original.school_id])
    [school_id] = connection.execute(
        sql.SQL("SELECT {}").format(_renewed(sql.SQL("%s::uuid"), number)), [original.school_id] * 2
    ).fetchone() or (original.school_id,)
    return BenchSchool(school_id, original.learners, original.marks, suffix)


def _statement(table: Table, number: int, suffix: str) -> sql.Composed:
    columns = [sql.Identifier(column.name) for column in table.columns]
    values = [_value(table, column.name, number, suffix) for column in table.columns]
    return sql.SQL("INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE school_id = %s").format(
        table=sql.Identifier("usher", table.name),
        columns=sql.SQL(", ").join(columns),
        values=sql.SQL(", ").join(values),
    )


def _value(table: Table, column: str, number: int, suffix: str) -> sql.Composable:
    name = sql.Identifier(column)
    if isinstance(table.c[column].type, Uuid) and column not in _SHARED:
        return _renewed(name, number)
    if (table.name, column) in {("login_identity", "identity"), ("login_identity", "school_name"), ("school", "name")}:
        return sql.SQL("{} || {}").format(name, sql.Literal(suffix if column == "identity" else f" {number}"))
    if (table.name, column) == ("outbox_head", "last_sequence"):
        return sql.Literal(0)
    return name


def _renewed(value: sql.Composable, number: int) -> sql.Composed:
    """Another id for the same row of another school; NULL stays NULL."""
    return sql.SQL("(left({id}::text, 24) || right(md5({number} || {id}::text), 12))::uuid").format(
        id=value, number=sql.Literal(f"{number} ")
    )
