"""What was done, by whom, under which rules: rows that are only ever added."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Index, Row, belongs, holds, holds_list, tenant


class AuditOperationRow(Row, table=True):
    """One operation. `elements` maps each logged element to the learners whose value was read or written.

    `kind` is read, write, export or import. Person, program and address go after a year, with `user_salt`; what is left
    stays provable by `salt`.
    """

    __tablename__ = "audit_operation"
    __table_args__ = tenant(
        belongs("school_id", to="school"),
        CheckConstraint("kind IN ('read', 'write', 'export', 'import')", name="audit_operation_kind"),
        Index("audit_operation_time", "school_id", "occurred_at"),
        Index("audit_operation_person", "school_id", "person_id", "occurred_at"),
        key=("audit_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    audit_id: UUID = holds(KEY, UUID)
    occurred_at: datetime = holds("audit", datetime)
    person_id: UUID | None = holds("audit", UUID, optional=True)
    capacity: str = holds("audit", str)
    client_id: str | None = holds("audit", str, optional=True)
    roles: list[str] = holds_list("audit")
    facts: list[str] = holds_list("audit")
    profile_version: int = holds("audit", int)
    policy_version: int = holds("audit", int)
    guardrail_digest: str = holds("audit", str)
    kind: str = holds("audit", str)
    operation_name: str | None = holds("audit", str, optional=True)
    document_digest: str = holds("audit", str)
    footprint: dict[str, object] = holds("audit", dict)
    purpose: str | None = holds("audit", str, optional=True)
    reason: str | None = holds("audit", str, optional=True)
    elements: dict[str, object] = holds("audit", dict)
    details: dict[str, object] | None = holds("audit", dict, optional=True)
    ip_address: str | None = holds("audit", str, optional=True)
    salt: UUID = holds(RECORD, UUID)
    user_salt: UUID | None = holds(RECORD, UUID, optional=True)


class ImportBatchRow(Row, table=True):
    """One file that was read in: what it held, and who declared that the school may give it."""

    __tablename__ = "import_batch"
    __table_args__ = tenant(belongs("school_id", to="school"), key=("batch_id",))
    school_id: UUID = holds(KEY, UUID)
    batch_id: UUID = holds(KEY, UUID)
    kind: str = holds(RECORD, str)
    file_digest: str = holds(RECORD, str)
    declared_by: UUID = holds("audit", UUID)
    imported_at: datetime = holds("audit", datetime)
    rows_accepted: int = holds("audit", int)
    rows_refused: int = holds("audit", int)
