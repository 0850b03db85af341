"""What proves the audit: commitments in sealed blocks, each of which names the one before it; and where a person stands in it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import (
    KEY,
    RECORD,
    Row,
    UniqueConstraint,
    belongs,
    holds,
    holds_count,
    holds_names,
    tenant,
)


class AuditSealRow(Row, table=True):
    """A block of a school's chain. `root` is the Merkle root of its leaves, `digest` the hash of the block, in hex."""

    __tablename__ = "audit_seal"
    __table_args__ = tenant(
        belongs("school_id", to="school"),
        belongs("school_id", "previous_sequence", "previous", to="audit_seal(school_id, sequence, digest)"),
        UniqueConstraint("school_id", "sequence", "digest"),
        CheckConstraint(
            "CASE WHEN sequence = 1 THEN previous_sequence IS NULL AND previous IS NULL"
            " ELSE coalesce(previous_sequence = sequence - 1, false) AND previous IS NOT NULL END",
            name="audit_seal_follows",
        ),
        CheckConstraint("sequence >= 1 AND leaves >= 1", name="audit_seal_counts"),
        key=("sequence",),
    )
    school_id: UUID = holds(KEY, UUID)
    sequence: int = holds_count(RECORD)
    sealed_at: datetime = holds(RECORD, datetime)
    leaves: int = holds(RECORD, int)
    root: str = holds(RECORD, str)
    previous_sequence: int | None = holds_count(RECORD, optional=True)
    previous: str | None = holds_names(RECORD, optional=True)
    digest: str = holds_names(RECORD)


class AuditLeafRow(Row, table=True):
    """The commitment of one audit row. It has no foreign key to the row, which it may have to outlive."""

    __tablename__ = "audit_leaf"
    __table_args__ = tenant(
        belongs("school_id", "sequence", to="audit_seal"),
        UniqueConstraint("school_id", "audit_id"),
        key=("sequence", "position"),
    )
    school_id: UUID = holds(KEY, UUID)
    sequence: int = holds_count(RECORD)
    position: int = holds(RECORD, int)
    audit_id: UUID = holds(KEY, UUID)
    user_digest: str = holds(RECORD, str)
    commitment: str = holds(RECORD, str)


class AuditSubjectRow(Row, table=True):
    """An index: the sealed audit rows that name a learner. The sealer writes it, so that reads needn't."""

    __tablename__ = "audit_subject"
    __table_args__ = tenant(belongs("school_id", "audit_id", to="audit_operation"), key=("subject_id", "audit_id"))
    school_id: UUID = holds(KEY, UUID)
    subject_id: UUID = holds("audit", UUID)
    audit_id: UUID = holds(KEY, UUID)
