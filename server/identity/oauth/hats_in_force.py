"""Hats that may be worn today: what a token for a person is given out for, and given out again for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from server.identity.oauth.clients import Connection
from server.identity.oauth.school_access import act_at
from server.identity.people.accounts import account_of
from server.identity.people.hats import Hat, hats

_IN_FORCE: LiteralString = """
SELECT 1 FROM usher.access_profile AS p WHERE p.school_id = %(school)s AND p.person_id = %(person)s
  AND p.capacity = %(capacity)s AND p.valid_from <= %(today)s AND (p.valid_to IS NULL OR p.valid_to > %(today)s)
"""


def hats_in_force(
    connection: Connection, account_id: UUID, now: datetime, school_id: UUID | None = None
) -> Sequence[Hat]:
    """The account's, at that school if one is named; none of an account that ended."""
    account = account_of(connection, account_id)
    if account is None or account.ended_at is not None:
        return []
    found = [hat for hat in hats(connection, account.identity) if school_id in (None, hat.school_id)]
    return [hat for hat in found if _is_in_force(connection, hat, now)]


def wears(
    connection: Connection, account_id: UUID, school_id: UUID, person_id: UUID, capacity: str, now: datetime
) -> bool:
    """Whether the account's holder may act so today."""
    found = hats_in_force(connection, account_id, now, school_id)
    return any((hat.person_id, hat.capacity) == (person_id, capacity) for hat in found)


def _is_in_force(connection: Connection, hat: Hat, now: datetime) -> bool:
    act_at(connection, hat.school_id, hat.person_id)
    named = {"school": hat.school_id, "person": hat.person_id, "capacity": hat.capacity, "today": now.date()}
    return connection.execute(_IN_FORCE, named).fetchone() is not None
