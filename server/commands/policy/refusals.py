"""What a command of the rule book's life refuses, in the words that the officer reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from server.commands.input_error import InputError
from server.errors import Forbidden
from server.policies.permit import Permit
from server.policies.rule import Finding

COORDINATES: Final = frozenset({("policy", "read"), ("policy", "write"), ("policy", "export")})
_WHOSE: Final = {
    "read": "data protection officer and policy approver",
    "write": "data protection officer",
    "export": "policy approver",
}
MOST_SHOWN: Final = 100
"""How many findings one answer holds."""


def refused(code: str, message: str, *path: str | int) -> tuple[InputError, ...]:
    return (InputError(code, message, ("input", *path)),)


def found(findings: Iterable[Finding], *path: str | int) -> tuple[InputError, ...]:
    """One error a finding: its code in capitals, the rule and the sentence."""
    errors = [InputError(one.code.upper(), f"{one.rule_id}: {one.sentence}", ("input", *path)) for one in findings]
    return tuple(errors[:MOST_SHOWN])


def require(permit: Permit, action: str, what: str) -> None:
    """Raises Forbidden unless the caller may do so with the school's policy: the ceiling alone decides."""
    if not permit.plan("policy", action).everything:
        raise Forbidden(f"{what} is for the school's {_WHOSE[action]}: ask them.")


def no_such(what: str, *path: str | int) -> tuple[InputError, ...]:
    return refused("NOT_FOUND", f"There is no such {what} at your school: take the id from a list.", *path)


def unpublishable(state: str, *path: str | int) -> tuple[InputError, ...]:
    """Why a submission in this state is not to be decided, withdrawn or published any more."""
    code, message = _STATES[state]
    return refused(code, message, *path)


_STATES: Final = {
    "SUBMITTED": ("NOT_APPROVED", "Another person has to approve this submission first."),
    "APPROVED": ("ALREADY_DECIDED", "This submission is approved already."),
    "SCHEDULED": ("ALREADY_DECIDED", "This submission is approved and scheduled already."),
    "REJECTED": ("ALREADY_DECIDED", "This submission was rejected: change the draft and submit it anew."),
    "WITHDRAWN": ("WITHDRAWN", "This submission was withdrawn: submit the draft anew."),
    "LAPSED": (
        "LAPSED",
        "Other rules have come into force since this was begun, so it lapsed: start a new draft from them.",
    ),
    "PUBLISHED": ("ALREADY_PUBLISHED", "This submission is in force already."),
    "SUPERSEDED": ("ALREADY_PUBLISHED", "This submission was in force before: roll back to its version."),
}
