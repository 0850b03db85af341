"""What a person of the school ended stays ended, though a roster still names it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from server.exchange.merging import Merge

# A roster that leaves a role out ends it as well, and may give it back: only endRole leaves this event.
_ENDED: Final = """\
SELECT r.person_id, r.role, r.valid_from, r.valid_to FROM usher.role_assignment AS r
WHERE r.school_id = %(school)s AND r.source = 'roster' AND r.valid_to IS NOT NULL AND r.role_assignment_id IN (
    SELECT (e.payload->>'assignment')::uuid FROM usher.outbox_event AS e
    WHERE e.school_id = %(school)s AND e.kind = 'roleEnded')"""


def without_ended(merge: Merge, roles: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The file's roles, but those that were ended by hand keep their end; one that begins after it is a new one."""
    found = merge.connection.execute(_ENDED, {"school": merge.school_id}).fetchall()
    ends: dict[tuple[UUID, str], dict[date, date]] = {}
    for person, role, begins, end in found:
        ends.setdefault((person, role), {})[begins] = end
    return list(_kept(roles, ends))


def _kept(roles: Sequence[dict[str, Any]], ends: dict[tuple[UUID, str], dict[date, date]]) -> Iterator[dict[str, Any]]:
    for role in roles:
        ended = ends.get((role["person_id"], role["role"]), {})
        begins, leaves = role["valid_from"], role["valid_to"]
        if begins in ended:
            yield role | {"valid_to": min(ended[begins], leaves or ended[begins])}
        elif all(begins > end for end in ended.values()):
            yield role
