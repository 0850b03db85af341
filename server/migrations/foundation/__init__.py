"""The first version's statements, in the four phases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from server.migrations.foundation import walls


def phases() -> Iterator[str]:
    yield from _file("tables.sql")
    yield from distribute()
    yield from _file("foreign_keys.sql")
    yield from _file("seeds.sql")
    yield from walls.statements()


def distribute() -> Iterator[str]:
    """Where Citus would distribute the schools' tables by school_id; nothing on plain PostgreSQL."""
    return iter(())


def _file(name: str) -> Iterator[str]:
    for statement in (Path(__file__).parent / name).read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            yield statement
