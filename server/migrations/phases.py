"""A version's statements, in the four phases, from the folder of its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from server.migrations import walls

# Versions older than the tables that the walls of restricted links and of support staff look at.
_BEFORE_ACCESS = ("foundation", "policy_administration")


def phases(folder: str) -> Iterator[str]:
    """`tables.sql`, the distribute hook, `foreign_keys.sql` and `seeds.sql` of the folder, then walls and grants."""
    yield from _file(folder, "tables.sql")
    yield from distribute()
    yield from _file(folder, "foreign_keys.sql")
    yield from _file(folder, "seeds.sql")
    yield from walls.statements(_tables(folder), access=folder not in _BEFORE_ACCESS)


def distribute() -> Iterator[str]:
    """Where Citus would distribute the schools' tables by school_id; nothing on plain PostgreSQL."""
    return iter(())


def _tables(folder: str) -> list[str]:
    """Those that the version makes: each version brings its own walls."""
    made = (re.findall(r"CREATE TABLE usher\.(\w+)", statement) for statement in _file(folder, "tables.sql"))
    return [name for names in made for name in names]


def _file(folder: str, name: str) -> Iterator[str]:
    path = Path(__file__).parent / folder / name
    for statement in path.read_text(encoding="utf-8").split(";\n") if path.exists() else ():
        if statement.strip():
            yield statement
