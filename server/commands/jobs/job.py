"""A job as declared, and what it has at hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Final

from server.compliance.mail import Mailer
from server.database.pool import Pool

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Desk:
    """`pool` is the application's; `audit_url` is None where nobody told the address of usher_audit.

    `events_kept`: how long streams may go on from an event.
    """

    pool: Pool
    audit_url: str | None
    home: Path
    mailer: Mailer
    events_kept: timedelta = 30 * DAY

    @property
    def heads(self) -> Path:
        """The folder of the heads that are kept outside the database."""
        return self.home / "audit"

    @property
    def keys(self) -> Path:
        """The folder of the key that opens letters."""
        return self.home / "keys"


Run = Callable[[Desk, datetime], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Job:
    """`run` does what is due and says how much that was; it may be cut off anywhere, and done again.

    `every` is a minute, an hour or a day of UTC, counted from midnight; `at` puts a daily one later. `lease` is how long
    a run may take before another process takes its place, `retry` how long one that failed waits. `as_auditor` jobs
    need the address of usher_audit.
    """

    name: str
    every: timedelta
    run: Run
    at: time = time(0)
    lease: timedelta = timedelta(minutes=10)
    retry: timedelta = timedelta(seconds=30)
    as_auditor: bool = False

    def due_since(self, now: datetime) -> datetime:
        """The last moment at which the job became due."""
        midnight = datetime.combine(now.astimezone(UTC).date(), self.at, UTC)
        return midnight + (now - midnight) // self.every * self.every
