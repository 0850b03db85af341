"""What the tables' owner can do to a version of a rule book: take the constraints away, rewrite it, put them back."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from server.policies.chain import Link
from tests.worlds import World

_CONSTRAINTS = (
    "SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint AS c"
    " WHERE c.contype IN ('c', 'f') AND (c.conrelid = ANY(%(tables)s::regclass[])"
    " OR c.confrelid = ANY(%(tables)s::regclass[]))"
    " AND c.conparentid = 0"
)
_TABLES = ["usher.policy_version", "usher.policy_submission"]
_READ = (
    "SELECT version, kind, digest, created_at, previous_chain, base_version, submission_id, author_id, published_by,"
    " reason, special_reason FROM usher.policy_version WHERE school_id = %s AND version = %s"
)
RELINKED = "relinked"
"""As the value of `chain`: the link that the other columns come to."""


@contextmanager
def rewritten(owner_url: str, world: World, version: int, columns: Mapping[str, str]) -> Generator[None]:
    """The version with these columns, "" for NULL; as it was afterwards, under all its constraints."""
    with psycopg.connect(owner_url) as owner:
        names = [sql.Identifier(name) for name in columns]
        found = sql.SQL("SELECT {} FROM usher.policy_version WHERE school_id = %s AND version = %s").format(
            sql.SQL(", ").join(names)
        )
        before = owner.execute(found, [world.school_id, version]).fetchone()
        assert before is not None
        kept = _without_constraints(owner)
        rewrite(owner, world, version, columns)
        for table, name, definition in kept:
            owner.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition} NOT VALID".encode())
    try:
        yield
    finally:
        with psycopg.connect(owner_url) as owner:
            kept = _without_constraints(owner)
            _update(owner, world, version, dict(zip(columns, before, strict=True)))
            for table, name, definition in kept:
                valid = definition.removesuffix(" NOT VALID")
                owner.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {valid}".encode())


def rewrite(owner: psycopg.Connection[Any], world: World, version: int, columns: Mapping[str, str]) -> None:
    """In the owner's open transaction, in which nothing forbids it."""
    given: dict[str, Any] = {name: value or None for name, value in columns.items()}
    relink = given.get("chain") == RELINKED
    if relink:
        del given["chain"]
    if given:
        _update(owner, world, version, given)
    if relink:
        [row] = owner.execute(_READ.encode(), [world.school_id, version]).fetchall()
        _update(owner, world, version, {"chain": Link(*row).chain()})


def _without_constraints(owner: psycopg.Connection[Any]) -> list[tuple[str, str, str]]:
    found = owner.execute(_CONSTRAINTS.encode(), {"tables": _TABLES}).fetchall()
    for table, name, _ in found:
        owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
    return found


def _update(owner: psycopg.Connection[Any], world: World, version: int, given: Mapping[str, Any]) -> None:
    places = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in given)
    statement = sql.SQL("UPDATE usher.policy_version SET {} WHERE school_id = %s AND version = %s").format(places)
    owner.execute(statement, [*given.values(), world.school_id, version])
