"""Something of everything that a rule book's life leaves behind, so that no wall is tested on an empty table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
from psycopg import sql

from server.policies.chain import Link
from server.policies.shipped import starting_book
from tests.publishing import publish_version, submit
from tests.worlds import World

Values = dict[str, object]


def insert(connection: psycopg.Connection[tuple[object, ...]], table: str, **values: object) -> None:
    connection.execute(
        sql.SQL("INSERT INTO usher.{} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() for _ in values),
        ),
        list(values.values()),
    )


def narrowed(world: World, version: int, chain: str, author: str, now: datetime, after: int | None = None) -> Values:
    """The row of a version NARROWED to the starting book by `author`."""
    person, digest = world.ids[author], starting_book().digest()
    link = Link(version, "NARROWED", digest, now, chain, version - 1, None, person, person, "At once")
    return {
        "school_id": world.school_id, "version": version, "content": starting_book().content(), "digest": digest,
        "author_id": person, "published_by": person, "reason": "At once", "created_at": now, "kind": link.kind,
        "previous_version": version - 1, "previous_chain": chain, "chain": link.chain(), "base_version": version - 1,
        "widens_special": False, "narrowed_after": after,
    }  # fmt: skip


def live(owner_url: str, world: World) -> None:
    """Version 2 published, 3 narrowed and confirmed; one submission scheduled, one ended; one example, ended too."""
    now, school = datetime.now(UTC), world.school_id
    content = starting_book().content()
    with psycopg.connect(owner_url) as connection:
        publish_version(connection, school, content)
        [(chain,)] = connection.execute(
            "SELECT chain FROM usher.policy_version WHERE school_id = %s AND version = 2", [school]
        ).fetchall()
        insert(connection, "policy_version", **narrowed(world, 3, chain, "dpo", now))
        connection.execute("UPDATE usher.policy_head SET version = 3 WHERE school_id = %s", [school])
        _decided(connection, world, now)
        scheduled, _ = submit(connection, school, content, 3)
        insert(
            connection, "policy_schedule", school_id=school, submission_id=scheduled, decision="APPROVED",
            publish_at=now + timedelta(days=1), scheduled_by=world.ids["dpo"], scheduled_at=now,
        )  # fmt: skip
        ended, _ = submit(connection, school, content, 3)
        insert(connection, "policy_end", school_id=school, submission_id=ended, outcome="LAPSED", ended_at=now)


def _decided(connection: psycopg.Connection[tuple[object, ...]], world: World, now: datetime) -> None:
    school, example = world.school_id, uuid4()
    insert(
        connection, "policy_confirmation", school_id=school, version=3, kind="NARROWED", author_id=world.ids["dpo"],
        confirmed_by=world.ids["head"], confirmed_at=now,
    )  # fmt: skip
    insert(
        connection, "policy_example", school_id=school, example_id=example, name="Parents see names", capacity="PARENT",
        roles=["parent"], facts=[], relations=["child"], element="name", action="read", visible=True,
        added_by=world.ids["dpo"], added_at=now,
    )  # fmt: skip
    insert(
        connection, "policy_example_end", school_id=school, example_id=example, removed_by=world.ids["dpo"],
        removed_at=now,
    )  # fmt: skip
