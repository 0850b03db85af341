"""Old events are deleted by their job alone, and only those from which no stream can go on any more.

`outbox_head.told_from` is the number of the oldest event that streams are told; NULL means the first. What stands
before it may go, but for the kinds that are read as facts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from server.migrations.walls import CAPACITY, SCHOOL, SNAPSHOT_JOB

TABLE: Final = "outbox_event"
READ_AS_FACTS: Final = ("policyStuck", "policyUnconfirmed", "roleEnded")
"""That a role was ended by hand, for rosters to come; that somebody was told, so that they aren't told again."""
_FACTS: Final = ", ".join(f"'{kind}'" for kind in READ_AS_FACTS)
PRUNE_WALL: Final = (
    f"{CAPACITY} = '{SNAPSHOT_JOB}' AND kind NOT IN ({_FACTS}) "
    f"AND sequence < (SELECT told_from FROM usher.outbox_head WHERE school_id = {SCHOOL})"
)


def statements() -> Iterator[str]:
    yield "ALTER TABLE usher.outbox_head ADD COLUMN told_from BIGINT"
    yield f"GRANT DELETE ON usher.{TABLE} TO usher_app"
    yield f"CREATE POLICY prune_wall ON usher.{TABLE} AS RESTRICTIVE FOR DELETE TO usher_app USING ({PRUNE_WALL})"
