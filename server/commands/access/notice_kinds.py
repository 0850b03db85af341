"""Every kind of notice, and what each names. Posters take one of these; readers know each name."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Subject(StrEnum):
    """What a notice may name: a key of its payload."""

    GLASS = "glass"
    PERSON = "person"
    REQUEST = "request"
    ASSIGNMENT = "assignment"
    SUBMISSION = "submission"
    AUTHOR = "author"
    EXAMPLE = "example"
    PROGRAM = "program"
    CLOSING = "closing"
    ACTIVATION = "activation"
    INVITATION = "invitation"


class NoticeKind(StrEnum):
    BREAK_GLASS = "breakGlass"
    BREAK_GLASS_ENDED = "breakGlassEnded"
    SUPPORT_REQUESTED = "supportRequested"
    SUPPORT_APPROVED = "supportApproved"
    SUPPORT_REFUSED = "supportRefused"
    SUPPORT_ENDED = "supportEnded"
    OFFICERS_CHANGED = "officersChanged"
    CLIENT_GRANTED = "clientGranted"
    CLIENT_GRANT_ENDED = "clientGrantEnded"
    CLOSING_REQUESTED = "closingRequested"
    APP_ACTIVATED = "appActivated"
    APP_ENDED = "appEnded"
    OFFICER_INVITED = "officerInvited"
    INVITATION_LOCKED = "invitationLocked"
    CLIENT_PURGE_OVERDUE = "clientPurgeOverdue"
    POLICY_SUBMITTED = "policySubmitted"
    POLICY_DECIDED = "policyDecided"
    POLICY_WITHDRAWN = "policyWithdrawn"
    POLICY_LAPSED = "policyLapsed"
    POLICY_NARROWED = "policyNarrowed"
    POLICY_UNCONFIRMED = "policyUnconfirmed"
    POLICY_STUCK = "policyStuck"
    POLICY_WIDENED = "policyWidened"
    POLICY_EXAMPLE_REMOVED = "policyExampleRemoved"

    @property
    def names(self) -> frozenset[Subject]:
        return _NAMES[self]

    def check(self, named: Iterable[str]) -> None:
        """Raises ValueError, a defect of the poster, unless just what the kind names is named."""
        if frozenset(named) != self.names:
            raise ValueError(f"a notice of the kind {self} names {', '.join(sorted(self.names))}, and nothing else")


_GLASS: Final = frozenset({Subject.GLASS, Subject.PERSON})
_REQUEST: Final = frozenset({Subject.REQUEST})
_SUBMISSION: Final = frozenset({Subject.SUBMISSION})
_ACTIVATION: Final = frozenset({Subject.ACTIVATION})
_AUTHOR: Final = frozenset({Subject.AUTHOR})
_NAMES: Final = MappingProxyType(
    {
        NoticeKind.BREAK_GLASS: _GLASS,
        NoticeKind.BREAK_GLASS_ENDED: _GLASS,
        NoticeKind.SUPPORT_REQUESTED: _REQUEST,
        NoticeKind.SUPPORT_APPROVED: _REQUEST,
        NoticeKind.SUPPORT_REFUSED: _REQUEST,
        NoticeKind.SUPPORT_ENDED: _REQUEST,
        NoticeKind.OFFICERS_CHANGED: frozenset({Subject.ASSIGNMENT, Subject.PERSON}),
        NoticeKind.CLIENT_GRANTED: frozenset({Subject.PROGRAM}),
        NoticeKind.CLIENT_GRANT_ENDED: frozenset({Subject.PROGRAM}),
        NoticeKind.APP_ACTIVATED: _ACTIVATION,
        NoticeKind.APP_ENDED: _ACTIVATION,
        NoticeKind.OFFICER_INVITED: frozenset({Subject.INVITATION, Subject.PERSON}),
        NoticeKind.INVITATION_LOCKED: frozenset({Subject.INVITATION}),
        NoticeKind.CLOSING_REQUESTED: frozenset({Subject.CLOSING, Subject.PROGRAM}),
        NoticeKind.CLIENT_PURGE_OVERDUE: frozenset({Subject.PROGRAM}),
        NoticeKind.POLICY_SUBMITTED: _SUBMISSION,
        NoticeKind.POLICY_DECIDED: _SUBMISSION,
        NoticeKind.POLICY_WITHDRAWN: _SUBMISSION,
        NoticeKind.POLICY_LAPSED: _SUBMISSION,
        NoticeKind.POLICY_NARROWED: _AUTHOR,
        NoticeKind.POLICY_UNCONFIRMED: _AUTHOR,
        NoticeKind.POLICY_STUCK: _SUBMISSION,
        NoticeKind.POLICY_WIDENED: _SUBMISSION,
        NoticeKind.POLICY_EXAMPLE_REMOVED: frozenset({Subject.EXAMPLE, Subject.PERSON}),
    }
)
