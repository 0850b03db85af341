"""Who lawfully tells an existing thing from none by a mutation: it is theirs to read or to decide about.

Everybody else is answered alike. A test shows that each account here is answered otherwise: an entry that is none fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Known:
    handles: tuple[str, ...]
    why: str


_DRAFTS: Final = Known(("dpo",), "drafts are the officer's, and policyDrafts lists them")
_ROLES: Final = Known(
    ("head", "data-manager", "data-trained"), "who looks after roles and classes is listed all of them"
)
_CERTIFICATES: Final = Known(("head", "dpo"), "who records training is listed all certificates and who may hold one")
_INVITATIONS: Final = Known(("head", "data-manager", "data-trained"), "who invites is listed all invitations")
_REQUESTS: Final = Known(("head", "dpo"), "who decides about requests of support is listed them")

_CLOSINGS = Known(("head", "dpo", "data-manager", "data-trained"), "rosterClosings lists them to those who decide")
KNOWN: Final[Mapping[str, Known]] = {
    "editPolicyDraft.draft": _DRAFTS,
    "editPolicyDraft.fromDraft": _DRAFTS,
    "submitPolicy.draft": _DRAFTS,
    "withdrawPolicy.draft": _DRAFTS,
    "withdrawPolicy.submission": Known(("dpo", "head"), "submissions are the officer's and the approver's"),
    "approvePolicy.submission": Known(("head",), "submissions are the approver's to decide"),
    "rejectPolicy.submission": Known(("head",), "submissions are the approver's to decide"),
    "publishPolicy.submission": Known(("dpo",), "submissions are the officer's to publish"),
    "removePolicyExample.example": Known(("dpo",), "examples are the officer's, and policyExamples lists them"),
    "recordTraining.person": _CERTIFICATES,
    "endTraining.certificate": _CERTIFICATES,
    "assignRole.person": _ROLES,
    "endRole.assignment": _ROLES,
    "endTeaching.assignment": _ROLES,
    "endSupervision.supervision": _ROLES,
    "approveSupportAccess.request": _REQUESTS,
    "refuseSupportAccess.request": _REQUESTS,
    "endSupportAccess.request": Known(
        ("head", "dpo", "support", "support-granted"), "who lets support in ends it, and so does who was let in"
    ),
    "endClientGrant.program": Known(("head", "dpo"), "who decides about grants is listed them"),
    "endInvitation.invitation": _INVITATIONS,
    "reissueInvitation.invitation": _INVITATIONS,
    "optOutOfClient.program": Known(("head", "dpo"), "who decides about grants is listed them"),
    "endClientOptOut.optOut": Known(("head", "dpo"), "who decides about them is listed them"),
    "approveClosing.closing": _CLOSINGS,
    "refuseClosing.closing": _CLOSINGS,
    "setFieldMaster.program": Known(("head", "dpo"), "who decides about grants is listed them"),
    "endBreakGlass.session": Known(
        ("dpo", "senco"), "the officer is told of every session, and this one is the senco's own"
    ),
}

WITHOUT: Final = frozenset({
    "takeCensus", "rollBackPolicy", "narrowPolicy", "confirmPolicy", "addPolicyExample", "requestSupportAccess",
    "breakGlass", "releaseAccessSummary", "undoMarks", "withdrawAccessSummary", "grantClient", "activateApp", "endApp",
    "upsertLearners", "upsertGuardians", "upsertStaff", "upsertClasses", "upsertEnrolments", "closeRecords", "rekey",
})  # fmt: skip
"""Mutations whose input names no thing by an id."""
