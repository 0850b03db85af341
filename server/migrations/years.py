"""Partitions of the yearly tables, each with the walls of its parent."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

YEARS_BACK: Final = 3
YEARS_AHEAD: Final = 2

_PARENTS = text("""
    SELECT c.relname FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'usher' ORDER BY c.relname
""")
_EXISTS = text("SELECT to_regclass(:name) IS NOT NULL")
_POLICIES = text("""
    SELECT policyname, permissive, cmd, array_to_string(roles, ', ') AS roles, qual, with_check
    FROM pg_policies WHERE schemaname = 'usher' AND tablename = :parent ORDER BY policyname
""")


def academic_year(day: date) -> int:
    """The starting year of the school year that `day` lies in: it turns on 1 September."""
    return day.year if day.month >= 9 else day.year - 1


def wanted_years(today: date) -> range:
    current = academic_year(today)
    return range(current - YEARS_BACK, current + YEARS_AHEAD + 1)


def ensure_years(connection: Connection, today: date) -> None:
    """Make what is missing of the wanted years' partitions; safe to run again."""
    for parent in connection.execute(_PARENTS).scalars().all():
        for year in wanted_years(today):
            partition = f"{parent}_{year}"
            if not connection.execute(_EXISTS, {"name": f"usher.{partition}"}).scalar():
                _make(connection, parent, partition, year)


def missing_years(connection: Connection, today: date) -> list[str]:
    names = [f"{p}_{y}" for p in connection.execute(_PARENTS).scalars().all() for y in wanted_years(today)]
    return [n for n in names if not connection.execute(_EXISTS, {"name": f"usher.{n}"}).scalar()]


def _make(connection: Connection, parent: str, partition: str, year: int) -> None:
    connection.exec_driver_sql(f"CREATE TABLE usher.{partition} PARTITION OF usher.{parent} FOR VALUES IN ({year})")
    connection.exec_driver_sql(f"ALTER TABLE usher.{partition} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    for policy in connection.execute(_POLICIES, {"parent": parent}).mappings().all():
        connection.exec_driver_sql(_copy(partition, dict(policy)))


def _copy(partition: str, policy: dict[str, Any]) -> str:
    using = f" USING ({policy['qual']})" if policy["qual"] else ""
    check = f" WITH CHECK ({policy['with_check']})" if policy["with_check"] else ""
    return (
        f"CREATE POLICY {policy['policyname']} ON usher.{partition} AS {policy['permissive']} "
        f"FOR {policy['cmd']} TO {policy['roles']}{using}{check}"
    ).replace("%", "%%")
