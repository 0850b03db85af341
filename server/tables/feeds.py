"""What a program was shown of a school, row by row, so that its feed can tell what changed in its sight."""

from datetime import datetime
from uuid import UUID

from server.tables.row import KEY, RECORD, Index, Row, belongs, holds, holds_count, holds_names, tenant


class ChangeFeedRow(Row, table=True):
    """`mark` is what the school stood at when the program's sight was last reckoned.

    `last_sequence`: the number of the newest change; `forgotten_to`: that of the newest closing that is told no more.
    """

    __tablename__ = "change_feed"
    __table_args__ = tenant(belongs("school_id", "person_id", to="person"), key=("person_id",))
    school_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds(KEY, UUID)
    last_sequence: int = holds_count(RECORD)
    forgotten_to: int = holds_count(RECORD)
    mark: str = holds_names(RECORD)
    reckoned_at: datetime = holds(RECORD, datetime)


class FeedRow(Row, table=True):
    """The newest change of one row that the program may read, or could: then `digest` is null.

    `digest` is the SHA-256 of all that it may read of the row; `noun` the row's type in GraphQL.
    """

    __tablename__ = "feed_row"
    __table_args__ = tenant(
        belongs("school_id", "person_id", to="change_feed"),
        Index("feed_row_sequence", "school_id", "person_id", "sequence"),
        key=("person_id", "noun", "row_id"),
    )
    school_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds(KEY, UUID)
    noun: str = holds_names(RECORD)
    row_id: UUID = holds(KEY, UUID)
    sequence: int = holds_count(RECORD)
    digest: str | None = holds_names(RECORD, optional=True)
    changed_at: datetime = holds(RECORD, datetime)
