"""How source systems name a school's records, whose word counts for which field, and what waits to be closed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Index, Row, belongs, holds, holds_names, tenant


class SourceSystemRow(Row, table=True):
    """A source system by the name that a program, or the school itself, gave it; `program` alone writes by it."""

    __tablename__ = "source_system"
    __table_args__ = tenant(
        belongs("school_id", to="school"),
        belongs("school_id", "program", to="person(school_id, person_id)"),
        key=("system",),
    )
    school_id: UUID = holds(KEY, UUID)
    system: str = holds_names(RECORD)
    program: UUID | None = holds(KEY, UUID, optional=True)
    since: datetime = holds(RECORD, datetime)


class ExternalIdRow(Row, table=True):
    """One name of a record in a source system, from when until when; UPN is a system of former numbers.

    `kind` is LEARNER, GUARDIAN, STAFF, CLASS or ENROLMENT: `record_id` is the key of such a row.
    """

    __tablename__ = "external_id"
    __table_args__ = tenant(
        belongs("school_id", to="school"),
        CheckConstraint("kind IN ('LEARNER', 'GUARDIAN', 'STAFF', 'CLASS', 'ENROLMENT')", name="external_id_kind"),
        Index(
            "external_id_current",
            "school_id",
            "kind",
            "system",
            "source_id",
            unique=True,
            postgresql_where="ended_at IS NULL",
        ),
        Index("external_id_record", "school_id", "kind", "record_id"),
        key=("naming_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    naming_id: UUID = holds(KEY, UUID)
    kind: str = holds_names(RECORD)
    system: str = holds_names(RECORD)
    source_id: str = holds_names("identifier")
    record_id: UUID = holds(KEY, UUID)
    begun_at: datetime | None = holds(RECORD, datetime, optional=True)
    ended_at: datetime | None = holds(RECORD, datetime, optional=True)


class FieldMasterRow(Row, table=True):
    """Whose word counts for a field: that program's alone; the school's own people's, where `program` is null."""

    __tablename__ = "field_master"
    __table_args__ = tenant(
        belongs("school_id", to="school"),
        belongs("school_id", "program", to="person(school_id, person_id)"),
        key=("kind", "field"),
    )
    school_id: UUID = holds(KEY, UUID)
    kind: str = holds_names(RECORD)
    field: str = holds_names(RECORD)
    program: UUID | None = holds("client_grant", UUID, optional=True)
    set_by: UUID = holds("client_grant", UUID)
    set_at: datetime = holds(RECORD, datetime)


class RosterClosingRow(Row, table=True):
    """Records that left in one call; with `waits` not before a person of the school approves it.

    `records` is a list of [key, key of the other end of a link or null, first day no longer].
    """

    __tablename__ = "roster_closing"
    __table_args__ = tenant(
        belongs("school_id", to="school"),
        Index("roster_closing_time", "school_id", "kind", "requested_at"),
        key=("closing_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    closing_id: UUID = holds(KEY, UUID)
    kind: str = holds_names(RECORD)
    requested_by: UUID = holds(RECORD, UUID)
    requested_at: datetime = holds(RECORD, datetime)
    waits: bool = holds(RECORD, bool)
    closed: int = holds(RECORD, int)
    records: list[Any] = holds(KEY, dict)


class RosterClosingDecisionRow(Row, table=True):
    """`decision` is APPROVED or REFUSED."""

    __tablename__ = "roster_closing_decision"
    __table_args__ = tenant(
        belongs("school_id", "closing_id", to="roster_closing"),
        CheckConstraint("decision IN ('APPROVED', 'REFUSED')", name="roster_closing_decision_word"),
        key=("closing_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    closing_id: UUID = holds(KEY, UUID)
    decision: str = holds_names(RECORD)
    decided_by: UUID = holds(RECORD, UUID)
    decided_at: datetime = holds(RECORD, datetime)
    reason: str = holds(RECORD, str)


class LearnerMergeRow(Row, table=True):
    """Two records were one learner's: `merged_id` is closed, and what is frozen of it stands there still."""

    __tablename__ = "learner_merge"
    __table_args__ = tenant(
        belongs("school_id", "merged_id", to="learner(school_id, learner_id)"),
        belongs("school_id", "kept_id", to="learner(school_id, learner_id)"),
        Index("learner_merge_kept", "school_id", "kept_id"),
        key=("merged_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    merged_id: UUID = holds(KEY, UUID)
    kept_id: UUID = holds(KEY, UUID)
    merged_by: UUID = holds(RECORD, UUID)
    merged_at: datetime = holds(RECORD, datetime)
