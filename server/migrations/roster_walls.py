"""Who looks at what source systems say: programs and people of the school; since version 0029.

Families and the vendor's support staff see nothing of it. Closing is decided by people, in their own name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from server.migrations.walls import CAPACITY, PERSON

TABLES: Final = (
    "external_id",
    "field_master",
    "learner_merge",
    "roster_closing",
    "roster_closing_decision",
    "source_system",
)
SCHOOL_SIDE: Final = f"{CAPACITY} IN ('STAFF', 'CLIENT')"
_SET: Final = f"{CAPACITY} = 'STAFF' AND set_by = {PERSON}"
HANDS: Final[dict[str, str]] = {
    "field_master": _SET,
    "learner_merge": f"merged_by = {PERSON}",
    "roster_closing": f"requested_by = {PERSON}",
    "roster_closing_decision": f"{CAPACITY} = 'STAFF' AND decided_by = {PERSON}",
}
"""By table, the condition that an added row meets."""
CHANGING_HANDS: Final[dict[str, str]] = {"field_master": _SET}
"""The same of a row that is changed."""


def statements() -> Iterator[str]:
    for table in TABLES:
        yield (
            f"CREATE POLICY school_side_wall ON usher.{table} AS RESTRICTIVE FOR ALL TO usher_app "
            f"USING ({SCHOOL_SIDE}) WITH CHECK ({SCHOOL_SIDE})"
        )
    for table, condition in HANDS.items():
        yield f"CREATE POLICY own_hand ON usher.{table} AS RESTRICTIVE FOR INSERT TO usher_app WITH CHECK ({condition})"
    for table, condition in CHANGING_HANDS.items():
        yield (
            f"CREATE POLICY own_change ON usher.{table} AS RESTRICTIVE FOR UPDATE TO usher_app "
            f"USING ({SCHOOL_SIDE}) WITH CHECK ({condition})"
        )
