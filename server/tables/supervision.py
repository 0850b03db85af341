"""Who supervises a trainee, from when until when."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Index, Row, belongs, holds, tenant


class SupervisionRow(Row, table=True):
    __tablename__ = "supervision"
    __table_args__ = tenant(
        belongs("school_id", "trainee_id", to="staff(school_id, staff_id)"),
        belongs("school_id", "supervisor_id", to="staff(school_id, staff_id)"),
        CheckConstraint("supervisor_id <> trainee_id", name="supervision_of_another"),
        Index("supervision_trainee", "school_id", "trainee_id"),
        key=("supervision_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    supervision_id: UUID = holds(KEY, UUID)
    trainee_id: UUID = holds("role_assignment", UUID)
    supervisor_id: UUID = holds("role_assignment", UUID)
    source: str = holds(RECORD, str)
    valid_from: date = holds("role_assignment", date)
    valid_to: date = holds("role_assignment", date)
