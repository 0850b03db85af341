"""Audit rows as the sealer and the verifier read them: what is committed of a row, and what may be forgotten."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from server.compliance.commitments import Values, commitment, moment, user_digest

COLUMNS: Final = (
    "audit_id", "occurred_at", "person_id", "client_id", "ip_address", "salt", "user_salt", "capacity", "roles",
    "facts", "profile_version", "policy_version", "guardrail_digest", "kind", "operation_name", "document_digest",
    "footprint", "purpose", "reason", "elements", "details",
)  # fmt: skip
"""What a statement must select, in this order."""

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
UNINDEXED: Final = "audit"
"""An element whose ids are those of other audit rows: who reads the log reads hundreds."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """`user` is None once it is forgotten; `facts` are ready for JSON."""

    audit_id: UUID
    occurred_at: datetime
    facts: Values
    user: Values | None
    salt: UUID
    user_salt: UUID | None

    @property
    def forgotten(self) -> bool:
        return self.user_salt is None

    def user_digest(self) -> str | None:
        """None once the salt is gone: then only the seal knows it."""
        return None if self.user_salt is None else user_digest(self.user or {}, self.user_salt)

    def commitment(self, user: str) -> str:
        return commitment(self.facts, user, self.salt)

    def subjects(self) -> list[UUID]:
        """Whose values were read or written."""
        return [UUID(one) for one in subjects(self.facts["elements"])]

    def record(self) -> dict[str, Any]:
        """As an export holds it."""
        user_salt = None if self.user_salt is None else self.user_salt.hex
        return {"facts": self.facts, "salt": self.salt.hex, "user": self.user, "user_salt": user_salt}


def subjects(elements: Mapping[str, Sequence[str]]) -> list[str]:
    """Each id once, in order; what is no id is nobody's."""
    named = {one for element, ids in elements.items() if element != UNINDEXED for one in ids}
    return sorted(one for one in named if _ID.fullmatch(one))


def audit_row(values: tuple[Any, ...]) -> AuditRow:
    """The row from its COLUMNS."""
    audit_id, occurred_at, person, client, address, salt, user_salt, *rest = values
    facts = dict(zip(COLUMNS[7:], rest, strict=True))
    user = {"person": None if person is None else str(person), "client": client, "address": address}
    return AuditRow(
        audit_id=audit_id,
        occurred_at=occurred_at,
        facts={"audit_id": str(audit_id), "occurred_at": moment(occurred_at), **facts},
        user=user if any(value is not None for value in user.values()) else None,
        salt=salt,
        user_salt=user_salt,
    )
