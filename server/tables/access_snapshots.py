"""What decided each night who could see whom: facts and relations, not outcomes, and of each night only what changed."""

from datetime import date, datetime
from uuid import UUID

from server.tables.row import KEY, RECORD, Row, belongs, holds, holds_list, holds_names, tenant


class AccessSnapshotRow(Row, table=True):
    """One night. `shared` maps relations that hold for everybody, such as flags, to ids; `staff` lists the staff's."""

    __tablename__ = "access_snapshot"
    __table_args__ = tenant(
        belongs("school_id", "policy_version", to="policy_version(school_id, version)"), key=("taken_on",)
    )
    school_id: UUID = holds(KEY, UUID)
    taken_on: date = holds("audit", date)
    taken_at: datetime = holds(RECORD, datetime)
    policy_version: int = holds("audit", int)
    shared: dict[str, object] = holds("audit", dict)
    staff: list[str] = holds_list("audit")


class AccessSnapshotPersonRow(Row, table=True):
    """An account from that night on: until its next row. `present` False: it had ended.

    `relations` maps each relation to the ids of the rows that the person is related to.
    """

    __tablename__ = "access_snapshot_person"
    __table_args__ = tenant(belongs("school_id", "person_id", to="person"), key=("person_id", "capacity", "taken_on"))
    school_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds(KEY, UUID)
    capacity: str = holds_names("audit")
    taken_on: date = holds("audit", date)
    present: bool = holds("audit", bool)
    roles: list[str] = holds_list("audit")
    facts: list[str] = holds_list("audit")
    relations: dict[str, object] = holds("audit", dict)


class AccessSnapshotLearnerRow(Row, table=True):
    """A learner's rows from that night on: `held` maps a family of rows to the ids that tell them apart."""

    __tablename__ = "access_snapshot_learner"
    __table_args__ = tenant(belongs("school_id", "learner_id", to="learner"), key=("learner_id", "taken_on"))
    school_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    taken_on: date = holds("audit", date)
    held: dict[str, object] = holds("audit", dict)
