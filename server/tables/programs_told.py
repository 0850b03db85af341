"""What programs are told of outside a question: that there is news, and that they are to delete what they keep."""

from datetime import date, datetime
from uuid import UUID

from server.tables.row import KEY, RECORD, Row, UniqueConstraint, belongs, holds, holds_names, reference, tenant


class ClientPurgeRow(Row, table=True):
    """A scope that ended: by `due_on` the program has deleted what it read by it, and said so."""

    __tablename__ = "client_purge"
    __table_args__ = tenant(
        belongs("school_id", "program_id", to="person(school_id, person_id)"),
        UniqueConstraint("school_id", "program_id", "scope", "ended_on"),
        key=("purge_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    purge_id: UUID = holds(KEY, UUID)
    program_id: UUID = holds(KEY, UUID)
    scope: str = holds_names("client_grant")
    ended_on: date = holds("client_grant", date)
    due_on: date = holds("client_grant", date)
    begun_at: datetime = holds(RECORD, datetime)
    acknowledged_at: datetime | None = holds("client_grant", datetime, optional=True)
    overdue_at: datetime | None = holds(RECORD, datetime, optional=True)


class ClientNewsRow(Row, table=True):
    """What a program's webhook was last told of a school: `told` names the newest change and purge."""

    __tablename__ = "client_news"
    __table_args__ = tenant(belongs("school_id", "program_id", to="person(school_id, person_id)"), key=("program_id",))
    school_id: UUID = holds(KEY, UUID)
    program_id: UUID = holds(KEY, UUID)
    told: str = holds_names(RECORD)
    told_at: datetime = holds(RECORD, datetime)


class ClientWebhookRow(Row, table=True):
    """Where a program is told that there is news.

    `loopback`: it stands on this machine, in a demo. `failing_since` and `attempts` are of calls since the last that
    was taken, `next_at` when the next is tried, `disabled_at` when nobody tried any longer.
    """

    __tablename__ = "client_webhook"
    __table_args__ = reference(belongs("client_id", to="oauth_client"), key=("client_id",))
    client_id: str = holds_names("account")
    url: str = holds("account", str)
    loopback: bool = holds("account", bool)
    registered_at: datetime = holds(RECORD, datetime)
    attempts: int = holds(RECORD, int)
    failing_since: datetime | None = holds(RECORD, datetime, optional=True)
    next_at: datetime | None = holds(RECORD, datetime, optional=True)
    disabled_at: datetime | None = holds("account", datetime, optional=True)
