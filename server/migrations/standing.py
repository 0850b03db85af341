"""How the walls and grants of a database stand, beside how they stand in one that was just migrated.

The versions add up to them, and no list but a finished database has all of it: `python -m tools.walls` writes what a new
one has into standing.json.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, LiteralString, TypeAlias

import psycopg

Table: TypeAlias = Mapping[str, Any]
"""`closed`: whether row-level security is on and forced; `walls` by name; `grants` by role."""
Connection = psycopg.AsyncConnection[tuple[Any, ...]]

FILE: Final = Path(__file__).parent / "standing.json"
_SHOWN: Final = 5
_TABLES: LiteralString = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, p.relname
FROM pg_catalog.pg_class AS c
LEFT JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = c.oid LEFT JOIN pg_catalog.pg_class AS p ON p.oid = i.inhparent
WHERE c.relnamespace = pg_catalog.to_regnamespace('usher') AND c.relkind IN ('r', 'p') ORDER BY c.relname
"""
_WALLS: LiteralString = """
SELECT c.relname, w.polname, w.polpermissive, w.polcmd::text,
    ARRAY(SELECT r.rolname::text FROM pg_catalog.pg_roles AS r WHERE r.oid = ANY (w.polroles) ORDER BY 1),
    pg_catalog.pg_get_expr(w.polqual, w.polrelid), pg_catalog.pg_get_expr(w.polwithcheck, w.polrelid)
FROM pg_catalog.pg_policy AS w JOIN pg_catalog.pg_class AS c ON c.oid = w.polrelid
WHERE c.relnamespace = pg_catalog.to_regnamespace('usher') ORDER BY c.relname, w.polname
"""
# Privileges of columns are named with their column; 0 is PUBLIC.
_GRANTS: LiteralString = """
SELECT g.relname, coalesce(r.rolname::text, 'PUBLIC'), g.what FROM (
    SELECT c.relname, c.relowner, a.grantee, a.privilege_type AS what
    FROM pg_catalog.pg_class AS c, pg_catalog.aclexplode(c.relacl) AS a
    WHERE c.relnamespace = pg_catalog.to_regnamespace('usher') AND c.relkind IN ('r', 'p')
    UNION ALL
    SELECT c.relname, c.relowner, a.grantee, a.privilege_type || ' ' || t.attname
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_attribute AS t ON t.attrelid = c.oid,
        pg_catalog.aclexplode(t.attacl) AS a
    WHERE c.relnamespace = pg_catalog.to_regnamespace('usher') AND c.relkind IN ('r', 'p')
) AS g LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = g.grantee WHERE g.grantee <> g.relowner ORDER BY 1, 2, 3
"""
_MAJOR: LiteralString = "SELECT current_setting('server_version_num')::int / 10000"


async def standing(connection: Connection) -> dict[str, Any]:
    """`postgresql`, its major version, `tables` by name, and what of `partitions` isn't as of their tables.

    Raises psycopg.Error.
    """
    [(major,)] = await _rows(connection, _MAJOR)
    tables: dict[str, dict[str, Any]] = {}
    parents: dict[str, str] = {}
    for name, closed, parent in await _rows(connection, _TABLES):
        tables[name] = {"closed": closed, "walls": {}, "grants": {}}
        if parent is not None:
            parents[name] = parent
    for table, name, permissive, command, roles, using, check in await _rows(connection, _WALLS):
        digest = hashlib.sha256(f"{using}|{check}".encode()).hexdigest()[:16]
        kind = f"{'PERMISSIVE' if permissive else 'RESTRICTIVE'} {command} {' '.join(roles) or 'PUBLIC'}"
        tables[table]["walls"][name] = [kind, digest]
    for table, role, what in await _rows(connection, _GRANTS):
        tables[table]["grants"].setdefault(role, []).append(what)
    odd = [name for name, parent in parents.items() if not _as_its_table(tables[name], tables[parent])]
    return {
        "postgresql": major,
        "tables": {name: table for name, table in tables.items() if name not in parents},
        "partitions": odd,
    }


def expected() -> dict[str, Any]:
    """What `standing` says of a new database of this version, on the PostgreSQL that comes along."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def differing_walls(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Sentences, each of one table. Conditions are compared where both are of one version of PostgreSQL, which prints
    them in its own way."""
    alike = wanted["postgresql"] == found["postgresql"]
    said: list[str] = []
    for name, table in wanted["tables"].items():
        there = found["tables"].get(name)
        if there is None:
            said.append(f"{name} is missing")
            continue
        if table["closed"] and not there["closed"]:
            said.append(f"{name} has no row-level security, or doesn't force it")
        said += [f"{name} {fault}" for fault in _walls(table["walls"], there["walls"], alike=alike)]
    return said + [f"the partition {name} has not the walls of its table" for name in found["partitions"]]


def differing_grants(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Sentences, each of one role and table."""
    said: list[str] = []
    for name, there in found["tables"].items():
        table = wanted["tables"].get(name, {"grants": {}})
        for role in sorted({*table["grants"], *there["grants"]}):
            should, has = set(table["grants"].get(role, ())), set(there["grants"].get(role, ()))
            said += [f"{role} may {what} {name}, which it must not" for what in sorted(has - should)]
            said += [f"{role} may not {what} {name}, which it must" for what in sorted(should - has)]
    return said


def some_of(sentences: list[str]) -> str:
    """The first few, and how many more there are."""
    more = len(sentences) - _SHOWN
    return "; ".join(sentences[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _walls(wanted: Mapping[str, Any], found: Mapping[str, Any], *, alike: bool) -> list[str]:
    said = [f"lacks its wall {name}" for name in wanted if name not in found]
    said += [f"has a wall {name} that is not of ours" for name in found if name not in wanted]
    for name in wanted.keys() & found.keys():
        if wanted[name][0] != found[name][0] or (alike and wanted[name][1] != found[name][1]):
            said.append(f"has another wall {name} than it should")
    return said


def _as_its_table(partition: Table, table: Table) -> bool:
    """The same walls, and no grants: partitions are read through their table."""
    return (partition["closed"], partition["walls"], partition["grants"]) == (table["closed"], table["walls"], {})


async def _rows(connection: Connection, statement: LiteralString) -> list[tuple[Any, ...]]:
    return await (await connection.execute(statement)).fetchall()
