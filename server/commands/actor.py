"""Who changes something, as the audit row tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from server.compliance.audit import AuditRecord


@dataclass(frozen=True, slots=True)
class Actor:
    """A principal in one operation. `footprint` is JSON-ready; digests are hexadecimal.

    `home` is the address of this installation, which letters name.
    """

    person_id: UUID
    capacity: str
    profile_version: int
    policy_version: int
    ceiling_digest: str
    document_digest: str
    client_id: str | None = None
    role_names: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    operation_name: str | None = None
    footprint: Mapping[str, object] = field(default_factory=dict[str, object])
    purpose: str | None = None
    reason: str | None = None
    ip_address: str | None = None
    home: str = ""

    def record(
        self,
        school_id: UUID,
        audit_id: UUID,
        occurred_at: datetime,
        kind: str,
        elements: Mapping[str, Sequence[str]],
        details: Mapping[str, object] | None = None,
    ) -> AuditRecord:
        """The audit row of what this person did; `elements` as in AuditRecord."""
        return AuditRecord(
            school_id=school_id,
            audit_id=audit_id,
            occurred_at=occurred_at,
            person_id=self.person_id,
            capacity=self.capacity,
            client_id=self.client_id,
            role_names=self.role_names,
            facts=self.facts,
            profile_version=self.profile_version,
            policy_version=self.policy_version,
            ceiling_digest=self.ceiling_digest,
            kind=kind,
            operation_name=self.operation_name,
            document_digest=self.document_digest,
            footprint=self.footprint,
            purpose=self.purpose,
            reason=self.reason,
            elements=elements,
            details=details,
            ip_address=self.ip_address,
        )
