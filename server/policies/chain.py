"""The chain of a school's versions: each link is a hash over the one before and what its version says.

The database checks every link as it is written (`policy_version_chain`); this makes it, and proves it anew.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Link:
    """What a link commits to; `digest` stands for the content."""

    version: int
    kind: str
    digest: str
    created_at: datetime
    previous_chain: str | None = None
    base_version: int | None = None
    submission_id: UUID | None = None
    author_id: UUID | None = None
    published_by: UUID | None = None
    reason: str | None = None
    special_reason: str | None = None

    def chain(self) -> str:
        """sha256, hexadecimal, over one line each; microseconds since 1970 for the time."""
        lines = (
            self.previous_chain or "",
            str(self.version),
            self.kind,
            self.digest,
            _text(self.base_version),
            _text(self.submission_id),
            _text(self.author_id),
            _text(self.published_by),
            str((self.created_at - _EPOCH) // _MICROSECOND),
            _hash(self.reason or ""),
            _hash(self.special_reason or ""),
        )
        return _hash("\n".join(lines))


def founded(digest: str, created_at: datetime) -> dict[str, object]:
    """The columns of a school's first version beyond its content."""
    link = Link(1, "FOUNDED", digest, created_at)
    return {"version": 1, "kind": link.kind, "chain": link.chain(), "widens_special": False}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
