"""A rule book into force at a school, by plain SQL."""

from __future__ import annotations

import psycopg

from server.policies.rule_book import RuleBook
from tests.publishing import publish_version
from tests.worlds import World


def publish(connection: psycopg.Connection[tuple[object, ...]], world: World, book: RuleBook) -> int:
    """Add a version and move the head to it, committed at once; the owner's connection. Gives the version."""
    version = publish_version(connection, world.school_id, book.content())
    connection.commit()
    return version
