"""A rule book into force at a school, by plain SQL."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg

from server.policies.rule_book import RuleBook
from tests.worlds import World


def publish(connection: psycopg.Connection[tuple[object, ...]], world: World, book: RuleBook) -> int:
    """Add a version and move the head to it, committed at once; the owner's connection. Gives the version."""
    found = connection.execute("SELECT max(version) FROM usher.policy_version WHERE school_id = %s", [world.school_id])
    (newest,) = found.fetchone() or (0,)
    version = int(str(newest)) + 1
    connection.execute(
        "INSERT INTO usher.policy_version (school_id, version, content, digest, created_at) VALUES (%s, %s, %s, %s, %s)",
        [world.school_id, version, book.content(), book.digest(), datetime.now(UTC)],
    )
    connection.execute("UPDATE usher.policy_head SET version = %s WHERE school_id = %s", [version, world.school_id])
    connection.commit()
    return version
