"""Who adds what a person answers for: only they themselves, in the capacity in which it is theirs to do.

Restrictive policies of INSERT for the application's role. The owner's role, which repairs and migrates, is not held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from server.migrations.walls import CAPACITY, PERSON, SCHOOL


def _own(column: str, capacity: str) -> str:
    return f"{column} = {PERSON} AND {CAPACITY} = '{capacity}'"


OWN_HANDS: Final[dict[str, str]] = {
    "break_glass": _own("person_id", "STAFF"),
    "link_restriction": _own("decided_by", "STAFF"),
    "support_decision": _own("decided_by", "STAFF"),
    "support_request": _own("requester_id", "OPERATOR"),
}
"""By table, the condition that an added row meets."""

_OWN_REQUESTS: Final = (
    f"SELECT r.request_id FROM usher.support_request r WHERE r.school_id = {SCHOOL} AND r.requester_id = {PERSON}"
)
ENDING_HANDS: Final[dict[str, str]] = {
    "break_glass_end": _own("ended_by", "STAFF"),
    "link_restriction_end": _own("ended_by", "STAFF"),
    # The school ends a session, or who asked for it.
    "support_end": f"ended_by = {PERSON} AND ({CAPACITY} = 'STAFF' OR ({CAPACITY} = 'OPERATOR' "
    f"AND request_id IN ({_OWN_REQUESTS})))",
}
"""The same of what ends those, since version 0008."""

SAID_BY: Final[dict[str, str]] = {
    "forecast_confirmation": _own("confirmed_by", "STAFF"),
    "mark_moderation": _own("moderated_by", "STAFF"),
    "teacher_estimate": _own("recorded_by", "STAFF"),
    "window_step": _own("taken_by", "STAFF"),
}
"""What people say in their own name of marks and grades, since version 0010."""


SET_BY: Final[dict[str, str]] = {
    "course_scale": _own("set_by", "STAFF"),
    # Newer boundaries of the series are put in by nobody of the school.
    "window_grading": f"({_own('set_by', 'STAFF')}) OR (set_by IS NULL AND {PERSON} IS NULL)",
}
"""What people set of how courses are graded, since version 0014."""


def statements(hands: Mapping[str, str] = OWN_HANDS) -> Iterator[str]:
    for table, condition in hands.items():
        yield f"CREATE POLICY own_hand ON usher.{table} AS RESTRICTIVE FOR INSERT TO usher_app WITH CHECK ({condition})"
