"""Decisions that a school holds every draft to. The agreement's own are code, never rows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Row, belongs, holds, holds_list, holds_names, tenant


class PolicyExampleRow(Row, table=True):
    """Who, with which facts, in which relations to a row, may (or may not) do what with which element."""

    __tablename__ = "policy_example"
    __table_args__ = tenant(
        belongs("school_id", "added_by", to="person(school_id, person_id)"),
        CheckConstraint("length(btrim(name)) > 0", name="policy_example_name"),
        key=("example_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    example_id: UUID = holds(KEY, UUID)
    name: str = holds("policy", str)
    capacity: str = holds_names("policy")
    roles: list[str] = holds_list("policy")
    facts: list[str] = holds_list("policy")
    relations: list[str] = holds_list("policy")
    element: str = holds_names("policy")
    action: str = holds_names("policy")
    visible: bool = holds("policy", bool)
    added_by: UUID = holds("policy", UUID)
    added_at: datetime = holds(RECORD, datetime)


class PolicyExampleEndRow(Row, table=True):
    """From then on the example no longer blocks; what it said stays readable."""

    __tablename__ = "policy_example_end"
    __table_args__ = tenant(
        belongs("school_id", "example_id", to="policy_example"),
        belongs("school_id", "removed_by", to="person(school_id, person_id)"),
        key=("example_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    example_id: UUID = holds(KEY, UUID)
    removed_by: UUID = holds("policy", UUID)
    removed_at: datetime = holds(RECORD, datetime)
