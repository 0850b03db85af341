"""Whether a school lets parents, or learners, in at all: decided by a named person, and ended by one. Rows are only added."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Index, Row, belongs, holds, holds_names, tenant


class AppActivationRow(Row, table=True):
    """`app` is the capacity that it lets in. `assessment` says where the school's impact assessment is written.

    `decided_by` is null of schools that had such accounts before decisions were recorded.
    """

    __tablename__ = "app_activation"
    __table_args__ = tenant(
        belongs("school_id", to="school"),
        belongs("school_id", "decided_by", to="person(school_id, person_id)"),
        CheckConstraint("app IN ('PARENT', 'LEARNER')", name="app_activation_app"),
        CheckConstraint("length(btrim(assessment)) > 0", name="app_activation_assessment"),
        CheckConstraint("length(btrim(declaration)) >= 10", name="app_activation_declaration"),
        Index("app_activation_app_of_school", "school_id", "app"),
        key=("activation_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    activation_id: UUID = holds(KEY, UUID)
    app: str = holds_names("client_grant")
    assessment: str = holds("client_grant", str)
    declaration: str = holds("client_grant", str)
    decided_by: UUID | None = holds("client_grant", UUID, optional=True)
    decided_at: datetime = holds(RECORD, datetime)


class AppActivationEndRow(Row, table=True):
    __tablename__ = "app_activation_end"
    __table_args__ = tenant(
        belongs("school_id", "activation_id", to="app_activation"),
        belongs("school_id", "ended_by", to="person(school_id, person_id)"),
        CheckConstraint("length(btrim(reason)) >= 10", name="app_activation_end_reason"),
        key=("activation_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    activation_id: UUID = holds(KEY, UUID)
    ended_by: UUID = holds("client_grant", UUID)
    ended_at: datetime = holds(RECORD, datetime)
    reason: str = holds("client_grant", str)
