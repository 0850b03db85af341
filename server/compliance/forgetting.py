"""After a year an audit row says what was done, in which role and why, and no longer by whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import psycopg

from server.compliance.verification import KEPT

# Sealed rows alone: the digest of what is forgotten must stand in a leaf.
_FORGET: Final = """\
UPDATE usher.audit_operation AS a SET person_id = NULL, client_id = NULL, ip_address = NULL, user_salt = NULL
WHERE a.occurred_at <= %s AND a.user_salt IS NOT NULL AND EXISTS (
    SELECT 1 FROM usher.audit_leaf AS l WHERE l.school_id = a.school_id AND l.audit_id = a.audit_id)"""


def forget(connection: psycopg.Connection[Any], now: datetime) -> int:
    """As the tables' owner, in the open transaction: how many rows lost person, program, address and their salt."""
    return connection.execute(_FORGET, [now - KEPT]).rowcount
