"""What is asked of inviteGuardians, inviteLearners and inviteStaff, and why an entry is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from server.commands.idempotency import parameters_digest
from server.commands.input_error import InputError
from server.commands.marks.entries import Mode

MOST: Final = 200
DAYS: Final = 14
"""For how long an invitation can be redeemed."""


class Invited(StrEnum):
    """Who is invited: the capacity of the account, the argument that names them, and the kind of the letter."""

    STAFF = "STAFF"
    PARENT = "PARENT"
    LEARNER = "LEARNER"

    @property
    def argument(self) -> str:
        return {"STAFF": "staff", "PARENT": "links", "LEARNER": "learners"}[self.value]

    @property
    def letter(self) -> str:
        return {"STAFF": "staff", "PARENT": "guardian", "LEARNER": "learner"}[self.value] + "_invitation"


class Delivery(StrEnum):
    """MAIL to the address on record; PAPER is for the school to print, and hand over."""

    MAIL = "MAIL"
    PAPER = "PAPER"


class Refusal(StrEnum):
    NOT_FOUND = "NOT_FOUND"
    DUPLICATE_ENTRY = "DUPLICATE_ENTRY"
    SELF_ASSIGNMENT = "SELF_ASSIGNMENT"
    OFFICER_ROLE = "OFFICER_ROLE"
    HAS_LEFT = "HAS_LEFT"
    RESTRICTED = "RESTRICTED"
    ALREADY_JOINED = "ALREADY_JOINED"
    ALREADY_INVITED = "ALREADY_INVITED"
    NO_ADDRESS = "NO_ADDRESS"


SENTENCES: Final[Mapping[Refusal, str]] = MappingProxyType(
    {
        Refusal.NOT_FOUND: "There is nobody of that id among those whom you may invite.",
        Refusal.DUPLICATE_ENTRY: "The same id stands in the list before: invite each once.",
        Refusal.SELF_ASSIGNMENT: "Nobody invites themselves: ask somebody else who may.",
        Refusal.OFFICER_ROLE: (
            "They hold a role that decides about the access of others: whoever may also change grants invites them. "
            "Ask your head teacher."
        ),
        Refusal.HAS_LEFT: "They may not act at the school any more, by the roster.",
        Refusal.RESTRICTED: "The link is restricted: it gives nothing.",
        Refusal.ALREADY_JOINED: "They have an account for that already.",
        Refusal.ALREADY_INVITED: "An invitation is out already: reissue it, or end it.",
        Refusal.NO_ADDRESS: "There is no e-mail address on record that you may use: add it to the roster, or print.",
    }
)


@dataclass(frozen=True, slots=True)
class Invite:
    """`keys` are of links, learners or staff, as `invited` has it."""

    invited: Invited
    keys: tuple[UUID, ...]
    delivery: Delivery
    idempotency_key: str
    mode: Mode = Mode.ATOMIC
    dry_run: bool = False

    def digest(self) -> str:
        """Of all parameters but the key."""
        keys = [str(key) for key in self.keys]
        return parameters_digest(f"invite {self.invited}", [self.delivery.value, self.mode.value, self.dry_run, keys])


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be invited; `key` is the one that was given. `address` is None where there is none to be used."""

    key: UUID
    person_id: UUID
    learner_id: UUID | None
    link_id: UUID | None
    address: str | None
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class Issued:
    """An invitation as it was made; its codes are told once, and only of PAPER."""

    key: UUID
    of: UUID
    expires_at: datetime
    code: str | None = field(default=None, repr=False)
    confirmation: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class InvitationOutcome:
    """`issued` in order of the input. In mode ATOMIC any refusal means that nothing was written."""

    issued: tuple[Issued, ...] = ()
    refusals: tuple[tuple[int, Refusal], ...] = ()
    errors: tuple[InputError, ...] = ()
    replayed: bool = False
    would_write: int | None = None
    invited: Invited | None = None

    def all_errors(self, argument: str) -> list[InputError]:
        rows = [InputError(one.value, SENTENCES[one], ("input", argument, place)) for place, one in self.refusals]
        return [*self.errors, *rows]

    def stored(self) -> dict[str, object]:
        """As JSON for the idempotency record: never a code."""
        return {
            "issued": [[str(one.key), str(one.of), one.expires_at.isoformat()] for one in self.issued],
            "refusals": [[place, one.value] for place, one in self.refusals],
        }

    @classmethod
    def repeated(cls, stored: Mapping[str, Any]) -> InvitationOutcome:
        issued = tuple(
            Issued(UUID(key), UUID(of), datetime.fromisoformat(expires)) for key, of, expires in stored["issued"]
        )
        return cls(issued, tuple((place, Refusal(code)) for place, code in stored["refusals"]), replayed=True)
