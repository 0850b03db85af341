"""Who grants programs anything, whatever statement the application sends, since version 0019.

The head and the data protection officer, in their own name, to a registered program, in words and for a time; and an
import, in the name of the member of staff who declares it. Of a grant its end alone changes, once, and it only comes
sooner.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from server.migrations.role_walls import imported, one_of
from server.migrations.walls import CAPACITY, PERSON

GRANTERS: Final = ("head", "dpo")
"""Who may write grants of the whole school, by the ceiling."""
CHANGED: Final = ("ended_at", "ended_by", "ending", "valid_to")
"""The columns that the application changes."""
MOST_DAYS: Final = 400
"""For how long a grant lasts at most: thirteen months."""

_GRANTING: Final = f"{CAPACITY} = 'STAFF' AND ({one_of(GRANTERS)})"
GIVEN: Final = (
    f"declared_by = {PERSON} AND ended_at IS NULL AND ({imported()} "
    f"OR ({_GRANTING} AND client_id IS NOT NULL AND person_id <> {PERSON}))"
)
"""The condition of an added row."""
ENDABLE: Final = f"{_GRANTING} AND ended_at IS NULL"
"""Which rows may be changed."""
# A day more, since the clocks of database and application are two.
ENDED: Final = f"{_GRANTING} AND ended_at IS NOT NULL AND ended_by = {PERSON} AND valid_to <= current_date + 1"
"""What they are then."""

_COLUMNS: Final = """\
ALTER TABLE usher.client_grant
    ADD COLUMN client_id TEXT COLLATE "C",
    ADD COLUMN declaration TEXT,
    ADD COLUMN reason TEXT,
    ADD COLUMN declared_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN ended_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN ended_by UUID,
    ADD COLUMN ending TEXT,
    ADD FOREIGN KEY (client_id) REFERENCES usher.oauth_client (client_id)"""
DECLARED: Final = (
    "client_id IS NULL OR (declaration IS NOT NULL AND declared_at IS NOT NULL AND valid_to IS NOT NULL "
    f"AND valid_to <= valid_from + {MOST_DAYS} AND (scope <> 'special-write' OR reason IS NOT NULL))"
)
"""What there is of each grant to a registered program."""
WHOLE_END: Final = (
    "(ended_at IS NULL AND ended_by IS NULL AND ending IS NULL) OR (ended_at IS NOT NULL AND ended_by IS NOT NULL "
    "AND ending IS NOT NULL AND valid_to IS NOT NULL AND valid_to <= (ended_at AT TIME ZONE 'UTC')::date)"
)
"""An end before its time is somebody's, has a reason, and counts at once."""


def statements() -> Iterator[str]:
    yield _COLUMNS
    yield f"ALTER TABLE usher.client_grant ADD CONSTRAINT client_grant_declared CHECK ({DECLARED})"
    yield f"ALTER TABLE usher.client_grant ADD CONSTRAINT client_grant_ended CHECK ({WHOLE_END})"
    yield "REVOKE UPDATE ON usher.client_grant FROM usher_app"
    yield f"GRANT UPDATE ({', '.join(CHANGED)}) ON usher.client_grant TO usher_app"
    yield f"CREATE POLICY given_wall ON usher.client_grant AS RESTRICTIVE FOR INSERT TO usher_app WITH CHECK ({GIVEN})"
    yield (
        "CREATE POLICY ended_wall ON usher.client_grant AS RESTRICTIVE FOR UPDATE TO usher_app "
        f"USING ({ENDABLE}) WITH CHECK ({ENDED})"
    )
