"""Rows of a rule book's life as values: drafts, submissions with their state, versions, examples."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

CONFIRM_WITHIN: Final = timedelta(hours=24)
"""How soon another person must stand by a narrowing."""


@dataclass(frozen=True, slots=True)
class Draft:
    draft_id: UUID
    base_version: int
    author_id: UUID
    title: str
    content: str
    revision: int
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Submission:
    """`state` is SUBMITTED, APPROVED, SCHEDULED, PUBLISHED, SUPERSEDED, REJECTED, WITHDRAWN or LAPSED."""

    submission_id: UUID
    draft_id: UUID | None
    revision: int | None
    restores_version: int | None
    kind: str
    base_version: int
    author_id: UUID
    title: str
    content: str
    digest: str
    reason: str
    widens_special: bool
    special_reason: str | None
    summary: dict[str, object]
    submitted_at: datetime
    decision: str | None
    decided_by: UUID | None
    decided_at: datetime | None
    decision_reason: str | None
    publish_at: datetime | None
    scheduled_by: UUID | None
    ended_by: UUID | None
    ended_at: datetime | None
    version: int | None
    state: str

    @property
    def is_live(self) -> bool:
        """It may still come into force."""
        return self.state in ("SUBMITTED", "APPROVED", "SCHEDULED")


@dataclass(frozen=True, slots=True)
class Version:
    """`in_force`: the head names it. `confirmed_by` is of a narrowing."""

    version: int
    kind: str
    content: str
    digest: str
    previous_chain: str | None
    chain: str
    base_version: int | None
    submission_id: UUID | None
    author_id: UUID | None
    published_by: UUID | None
    approved_by: UUID | None
    reason: str | None
    special_reason: str | None
    created_at: datetime
    confirmed_by: UUID | None
    confirmed_at: datetime | None
    in_force: bool

    @property
    def confirm_by(self) -> datetime | None:
        return self.created_at + CONFIRM_WITHIN if self.kind == "NARROWED" else None

    def overdue(self, now: datetime) -> bool:
        """A narrowing that nobody confirmed in time."""
        return self.confirm_by is not None and self.confirmed_at is None and now > self.confirm_by


@dataclass(frozen=True, slots=True)
class OwnExample:
    """A school's own; the fields are those of `policies.examples.Example`, whose roles are `held`."""

    example_id: UUID
    name: str
    capacity: str
    held: list[str]
    facts: list[str]
    relations: list[str]
    element: str
    action: str
    visible: bool
    added_by: UUID
    added_at: datetime
