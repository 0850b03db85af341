"""A roster never leaves a school without the people who look after its rules."""

from __future__ import annotations

from typing import Final

from server.exchange.merging import Merge
from server.exchange.problems import LAST_OFFICER

NEVER_WITHOUT: Final = ("dpo", "policy_approver")

_LOCK = "SELECT 1 FROM usher.school AS s WHERE s.school_id = %s FOR NO KEY UPDATE"
# Today: one who begins in September looks after no rules until then.
_LASTING = """\
SELECT DISTINCT r.role FROM usher.role_assignment AS r
JOIN usher.access_profile AS p ON p.school_id = %(school)s AND p.person_id = r.person_id AND p.capacity = 'STAFF'
WHERE r.school_id = %(school)s AND r.role = ANY(%(roles)s) AND r.valid_to IS NULL AND p.valid_to IS NULL
    AND r.valid_from <= %(today)s AND p.valid_from <= %(today)s"""


def lasting_officers(merge: Merge) -> set[str]:
    """Which of these roles somebody holds today, without an end. Changes of officers come one after the other."""
    merge.connection.execute(_LOCK, [merge.school_id])
    values = {"school": merge.school_id, "roles": list(NEVER_WITHOUT), "today": merge.today}
    return {row[0] for row in merge.connection.execute(_LASTING, values).fetchall()}


def keeps_officers(merge: Merge, before: set[str]) -> bool:
    """False, with a problem, where the file takes away the last of a role that the school had."""
    lost = before - lasting_officers(merge)
    for role in sorted(lost):
        message = f"The school would be without a {role}: name somebody in that role without an end, then give the file again."
        merge.problems.add(LAST_OFFICER, message, "Staff", None, "Roles")
    return not lost
