"""Who adds what opens or closes access to people: only they themselves, in the capacity in which it is theirs to do.

Restrictive policies of INSERT for the application's role. The owner's role, which repairs and migrates, is not held.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from server.migrations.walls import CAPACITY, PERSON


def _own(column: str, capacity: str) -> str:
    return f"{column} = {PERSON} AND {CAPACITY} = '{capacity}'"


OWN_HANDS: Final[dict[str, str]] = {
    "break_glass": _own("person_id", "STAFF"),
    "link_restriction": _own("decided_by", "STAFF"),
    "support_decision": _own("decided_by", "STAFF"),
    "support_request": _own("requester_id", "OPERATOR"),
}
"""By table, the condition that an added row meets."""


def statements() -> Iterator[str]:
    for table, condition in OWN_HANDS.items():
        yield f"CREATE POLICY own_hand ON usher.{table} AS RESTRICTIVE FOR INSERT TO usher_app WITH CHECK ({condition})"
