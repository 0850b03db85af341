"""A school's rows and rule book as the database holds them now, for the oracle."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from server.policies.rule_book import RuleBook
from server.tables import metadata
from tests.oracle.rows import Rows, Values
from tests.worlds.world import World

# Long, and of no concern to who may see what.
LEFT_OUT = frozenset({"audit_operation", "audit_leaf", "outbox_event"})


def stored(owner_url: str, world: World) -> tuple[Rows, RuleBook]:
    """By the owner, who sees the school whatever the walls say."""
    rows = Rows(world)
    names = [table.name for table in metadata.tables.values() if table.info["tenant"] and table.name not in LEFT_OUT]
    with psycopg.connect(owner_url) as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows.tables |= {name: _all(cursor, name, world) for name in names}
    head = rows.tables["policy_head"][0]["version"]
    content = next(row["content"] for row in rows.tables["policy_version"] if row["version"] == head)
    return rows, RuleBook.from_content(content)


def _all(cursor: psycopg.Cursor[dict[str, Any]], name: str, world: World) -> list[Values]:
    query = sql.SQL("SELECT * FROM usher.{} WHERE school_id = %s").format(sql.Identifier(name))
    return [*cursor.execute(query, [world.school_id])]
