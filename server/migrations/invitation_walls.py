"""Who lets parents and learners in, who invites, and when an invitation can't be redeemed, whatever the application sends.

The head and the data protection officer activate an app and end that, in their own name; so does an import, in the name
of the member of staff who declares it. A person of the staff invites and ends in their own name. No row says that an
invitation was redeemed which was ended, locked or over, and no second one says it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from server.migrations.role_walls import imported, one_of
from server.migrations.walls import CAPACITY, PERSON, SCHOOL

MOST_TRIES: Final = 5
"""Of the date of birth, an invitation."""
LONGEST_DAYS: Final = 31
"""For how long an invitation can be redeemed at most."""
DECIDERS: Final = ("head", "dpo")
"""Who may write grants of the whole school, by the ceiling."""
OPENED: Final = ("invitation", "opened_at")
"""The one column that the application changes; whoever may change one may lock the row."""

JOINING: Final = "JOINING"
"""The capacity in which a code is redeemed: no account has it, so that no session can."""
INVITATION_WALL: Final = f"{CAPACITY} IN ('STAFF', '{JOINING}')"
"""No guardian reads that another was invited, and no program whom a school invites."""
GUARDED: Final = ("invitation", "invitation_end", "invitation_redemption", "invitation_try")

_DECIDING: Final = f"{CAPACITY} = 'STAFF' AND ({one_of(DECIDERS)})"
_OF_THIS: Final = f"school_id = {SCHOOL} AND %s.invitation_id = invitation_redemption.invitation_id"
_EXPIRING: Final = f"i.{_OF_THIS % 'i'} AND i.expires_at > now()"
_ENDED: Final = f"e.{_OF_THIS % 'e'}"
_LAST_TRY: Final = f"t.{_OF_THIS % 't'} AND t.number = {MOST_TRIES}"
ADDED: Final = {
    "app_activation": f"decided_by = {PERSON} AND ({imported()} OR ({_DECIDING}))",
    "app_activation_end": f"ended_by = {PERSON} AND {_DECIDING}",
    "invitation": f"invited_by = {PERSON} AND {CAPACITY} = 'STAFF' AND opened_at IS NULL",
    "invitation_end": f"ended_by = {PERSON} AND {CAPACITY} = 'STAFF'",
    "invitation_try": f"{CAPACITY} = '{JOINING}'",
    "invitation_redemption": f"{CAPACITY} = '{JOINING}' AND EXISTS (SELECT 1 FROM usher.invitation i WHERE {_EXPIRING}) "
    f"AND NOT EXISTS (SELECT 1 FROM usher.invitation_end e WHERE {_ENDED}) "
    f"AND NOT EXISTS (SELECT 1 FROM usher.invitation_try t WHERE {_LAST_TRY})",
}
"""By table, the condition that an added row meets."""


def statements() -> Iterator[str]:
    table, column = OPENED
    yield f"GRANT UPDATE ({column}) ON usher.{table} TO usher_app"
    for name in GUARDED:
        yield (
            f"CREATE POLICY invitation_wall ON usher.{name} AS RESTRICTIVE FOR ALL TO usher_app "
            f"USING ({INVITATION_WALL}) WITH CHECK ({INVITATION_WALL})"
        )
    for name, condition in ADDED.items():
        yield f"CREATE POLICY added_wall ON usher.{name} AS RESTRICTIVE FOR INSERT TO usher_app WITH CHECK ({condition})"
