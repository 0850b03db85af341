"""Glass that was broken: a member of staff looks beyond their own learners, for two hours at most. Only ever added."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, Index, Row, belongs, holds, holds_names, tenant


class BreakGlassRow(Row, table=True):
    __tablename__ = "break_glass"
    __table_args__ = tenant(
        belongs("school_id", "person_id", "capacity", to="access_profile"),
        CheckConstraint("capacity = 'STAFF'", name="break_glass_capacity"),
        CheckConstraint("length(btrim(reason)) >= 10", name="break_glass_reason"),
        CheckConstraint(
            "ends_at > started_at AND ends_at <= started_at + interval '2 hours'", name="break_glass_two_hours"
        ),
        Index("break_glass_person", "school_id", "person_id"),
        key=("glass_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    glass_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds("audit", UUID)
    capacity: str = holds_names("audit")
    reason: str = holds("audit", str)
    started_at: datetime = holds("audit", datetime)
    ends_at: datetime = holds("audit", datetime)


class BreakGlassEndRow(Row, table=True):
    __tablename__ = "break_glass_end"
    __table_args__ = tenant(
        belongs("school_id", "glass_id", to="break_glass"),
        belongs("school_id", "ended_by", to="person(school_id, person_id)"),
        key=("glass_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    glass_id: UUID = holds(KEY, UUID)
    ended_by: UUID = holds("audit", UUID)
    ended_at: datetime = holds("audit", datetime)
