"""The first version's statements, in the four phases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from server.migrations import walls


def phases() -> Iterator[str]:
    yield from _file("tables.sql")
    yield from distribute()
    yield from _file("foreign_keys.sql")
    yield from _file("seeds.sql")
    yield "GRANT USAGE ON SCHEMA usher TO usher_app, usher_audit"
    yield "GRANT SELECT ON usher.alembic_version TO usher_app"
    yield from walls.statements(_tables())


def distribute() -> Iterator[str]:
    """Where Citus would distribute the schools' tables by school_id; nothing on plain PostgreSQL."""
    return iter(())


def _tables() -> list[str]:
    """Those of this version alone: later ones bring their own walls."""
    return [name for statement in _file("tables.sql") for name in re.findall(r"CREATE TABLE usher\.(\w+)", statement)]


def _file(name: str) -> Iterator[str]:
    for statement in (Path(__file__).parent / name).read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            yield statement
