"""Learners who are left out of what one program may read or write."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.migrations.opt_out_walls import ASKED, WHOLE_END
from server.tables.row import KEY, RECORD, Index, Row, belongs, holds, tenant


class ClientOptOutRow(Row, table=True):
    """From `recorded_at` until `ended_at`; of all programs at once is the flag OPTED_OUT.

    `program_id` is the program as a person of the school, `asked_by` GUARDIAN, LEARNER or SCHOOL.
    """

    __tablename__ = "client_opt_out"
    __table_args__ = tenant(
        belongs("school_id", "learner_id", to="learner"),
        belongs("school_id", "program_id", to="person(school_id, person_id)"),
        CheckConstraint(ASKED, name="client_opt_out_asked"),
        CheckConstraint(WHOLE_END, name="client_opt_out_ended"),
        Index(
            "client_opt_out_live", "school_id", "program_id", "learner_id", unique=True,
            postgresql_where="ended_at IS NULL",
        ),
        key=("opt_out_id",),
    )  # fmt: skip
    school_id: UUID = holds(KEY, UUID)
    opt_out_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    program_id: UUID = holds(KEY, UUID)
    asked_by: str = holds("client_grant", str)
    reason: str = holds("client_grant", str)
    recorded_by: UUID = holds("client_grant", UUID)
    recorded_at: datetime = holds(RECORD, datetime)
    ended_at: datetime | None = holds("client_grant", datetime, optional=True)
    ended_by: UUID | None = holds("client_grant", UUID, optional=True)
    ending: str | None = holds("client_grant", str, optional=True)
