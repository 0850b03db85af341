"""The end of a client: it gets no more tokens, and those that it has are worth nothing from then on.

At each school where it acts, one row beside tokens that were ended stands for all of its own: the guard of the next
statement of any worker finds it, and open streams close within two seconds. Those of people end with their families.
"""

from __future__ import annotations

from datetime import datetime
from typing import LiteralString

from server.identity.oauth.clients import Connection, end_client
from server.identity.oauth.families import acting_as_before, end_families, forbid
from server.identity.principal import client_ending

# In one order, as families end.
_ACTS_AS: LiteralString = (
    "SELECT school_id, person_id, capacity FROM usher.login_identity WHERE identity = %s AND capacity = 'CLIENT' "
    "ORDER BY school_id, person_id"
)
_END_OWN: LiteralString = "UPDATE usher.vendor_token SET ended_at = %s WHERE client_id = %s AND ended_at IS NULL"


def end_client_and_tokens(connection: Connection, client_id: str, now: datetime) -> None:
    """Raises BadUserInput where there is no such client, or none any more."""
    end_client(connection, client_id, now)
    end_families(connection, now, client_id=client_id)
    connection.execute(_END_OWN, [now, client_id])
    with acting_as_before(connection):
        for school_id, person_id, capacity in connection.execute(_ACTS_AS, [client_id]).fetchall():
            forbid(connection, client_ending(client_id), school_id, person_id, capacity, now)
