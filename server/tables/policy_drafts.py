"""What an officer writes and hands in: drafts, which change, and submissions, which never do."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Index, Row, UniqueConstraint, belongs, holds, holds_names, tenant
from server.tables.rule_books import REAL_TEXT


class PolicyDraftRow(Row, table=True):
    """`content` may be no valid book yet. `base_version` was in force when the draft was begun."""

    __tablename__ = "policy_draft"
    __table_args__ = tenant(
        belongs("school_id", "base_version", to="policy_version(school_id, version)"),
        belongs("school_id", "author_id", to="person(school_id, person_id)"),
        UniqueConstraint("school_id", "draft_id", "author_id", "base_version"),
        CheckConstraint("revision > 0", name="policy_draft_revision"),
        Index("policy_draft_author", "school_id", "author_id"),
        key=("draft_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    draft_id: UUID = holds(KEY, UUID)
    base_version: int = holds("policy", int)
    author_id: UUID = holds("policy", UUID)
    title: str = holds("policy", str)
    content: str = holds("policy", str)
    revision: int = holds("policy", int)
    created_at: datetime = holds(RECORD, datetime)
    updated_at: datetime = holds(RECORD, datetime)
    closed_at: datetime | None = holds(RECORD, datetime, optional=True)


class PolicySubmissionRow(Row, table=True):
    """A book as it was handed in. `kind` is what it becomes: PUBLISHED from a draft, ROLLED_BACK from an old version.

    `summary` is what the impact said then, in sentences.
    """

    __tablename__ = "policy_submission"
    __table_args__ = tenant(
        belongs("school_id", "base_version", to="policy_version(school_id, version)"),
        belongs("school_id", "draft_id", "author_id", "base_version", to="policy_draft"),
        belongs("school_id", "restores_version", "digest", to="policy_version(school_id, version, digest)"),
        belongs("school_id", "author_id", to="person(school_id, person_id)"),
        UniqueConstraint("school_id", "draft_id", "revision"),
        UniqueConstraint("school_id", "submission_id", "kind", "base_version", "digest", "author_id", "widens_special"),
        UniqueConstraint("school_id", "submission_id", "author_id", "base_version"),
        UniqueConstraint("school_id", "submission_id", "special_reason"),
        CheckConstraint(
            "CASE kind WHEN 'PUBLISHED' THEN draft_id IS NOT NULL AND revision IS NOT NULL AND restores_version IS NULL"
            " WHEN 'ROLLED_BACK' THEN draft_id IS NULL AND revision IS NULL AND restores_version IS NOT NULL"
            " ELSE false END",
            name="policy_submission_kind",
        ),
        CheckConstraint("length(btrim(reason)) > 0", name="policy_submission_reason"),
        CheckConstraint(
            f"NOT widens_special OR length(btrim(coalesce(special_reason, ''))) >= {REAL_TEXT}",
            name="policy_submission_special",
        ),
        CheckConstraint("digest = encode(sha256(convert_to(content, 'UTF8')), 'hex')", name="policy_submission_digest"),
        key=("submission_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    submission_id: UUID = holds(KEY, UUID)
    draft_id: UUID | None = holds(KEY, UUID, optional=True)
    revision: int | None = holds("policy", int, optional=True)
    restores_version: int | None = holds("policy", int, optional=True)
    kind: str = holds_names("policy")
    base_version: int = holds("policy", int)
    author_id: UUID = holds("policy", UUID)
    title: str = holds("policy", str)
    content: str = holds("policy", str)
    digest: str = holds_names("policy")
    reason: str = holds("policy", str)
    widens_special: bool = holds("policy", bool)
    special_reason: str | None = holds_names("policy", optional=True)
    summary: dict[str, object] = holds("policy", dict)
    submitted_at: datetime = holds(RECORD, datetime)
