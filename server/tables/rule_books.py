"""Rule books: every version a school ever had in force, and which one is.

A version is FOUNDED (the school's first), PUBLISHED or ROLLED_BACK (from a submission that another person approved),
NARROWED (by one officer alone, to be confirmed by another), or ADOPTED: it was there before approvals were rows, and
nobody but the tables' owner can add one.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Index, Row, UniqueConstraint, belongs, holds, holds_names, tenant

REAL_TEXT: Final = 20
"""The least length in characters of the reason for a widening of special category."""

# Each link is sha256 over these lines: the link before, what the version says, and the hashes of its two reasons.
CHAIN: Final = (
    "chain = encode(sha256(convert_to(coalesce(previous_chain, '') || chr(10) || version || chr(10) || kind || chr(10)"
    " || digest || chr(10) || coalesce(base_version::text, '') || chr(10) || coalesce(submission_id::text, '')"
    " || chr(10) || coalesce(author_id::text, '') || chr(10) || coalesce(published_by::text, '') || chr(10)"
    " || ((extract(epoch FROM created_at) * 1000000)::bigint) || chr(10)"
    " || encode(sha256(convert_to(coalesce(reason, ''), 'UTF8')), 'hex') || chr(10)"
    " || encode(sha256(convert_to(coalesce(special_reason, ''), 'UTF8')), 'hex'), 'UTF8')), 'hex')"
)


class PolicyVersionRow(Row, table=True):
    __tablename__ = "policy_version"
    __table_args__ = tenant(
        belongs("school_id", "previous_version", "previous_chain", to="policy_version(school_id, version, chain)"),
        belongs(
            "school_id", "submission_id", "kind", "base_version", "digest", "author_id", "widens_special",
            to="policy_submission", round_about=True,
        ),
        belongs("school_id", "submission_id", "special_reason", to="policy_submission", round_about=True),
        belongs("school_id", "submission_id", "decision", to="policy_decision", round_about=True),
        belongs(
            "school_id", "author_id", "narrowed_after", to="policy_confirmation(school_id, author_id, version)",
            round_about=True,
        ),
        UniqueConstraint("school_id", "version", "chain"),
        UniqueConstraint("school_id", "version", "digest"),
        UniqueConstraint("school_id", "version", "kind", "author_id"),
        UniqueConstraint("school_id", "submission_id"),
        CheckConstraint(
            "kind IN ('FOUNDED', 'PUBLISHED', 'ROLLED_BACK', 'NARROWED', 'ADOPTED')", name="policy_version_kind"
        ),
        CheckConstraint(
            "CASE WHEN kind = 'FOUNDED' THEN version = 1 ELSE version > 1 OR kind = 'ADOPTED' END",
            name="policy_version_first",
        ),
        CheckConstraint(
            "kind IN ('FOUNDED', 'ADOPTED') OR (previous_version IS NOT NULL AND previous_chain IS NOT NULL"
            " AND base_version IS NOT NULL AND previous_version = version - 1 AND base_version = version - 1)",
            name="policy_version_base",
        ),
        CheckConstraint("(previous_version IS NULL) = (previous_chain IS NULL)", name="policy_version_link"),
        CheckConstraint(
            "CASE WHEN kind IN ('PUBLISHED', 'ROLLED_BACK') THEN submission_id IS NOT NULL AND author_id IS NOT NULL"
            " AND published_by IS NOT NULL AND coalesce(decision = 'APPROVED', false)"
            " ELSE submission_id IS NULL AND decision IS NULL AND NOT widens_special AND special_reason IS NULL END",
            name="policy_version_approved",
        ),
        CheckConstraint("NOT widens_special OR special_reason IS NOT NULL", name="policy_version_special"),
        CheckConstraint(
            "CASE WHEN kind = 'NARROWED' THEN author_id IS NOT NULL AND coalesce(published_by = author_id, false)"
            " AND length(btrim(coalesce(reason, ''))) > 0 ELSE narrowed_after IS NULL END",
            name="policy_version_narrowed",
        ),
        CheckConstraint(
            "kind = 'ADOPTED' OR digest = encode(sha256(convert_to(content, 'UTF8')), 'hex')",
            name="policy_version_digest",
        ),
        CheckConstraint(CHAIN, name="policy_version_chain"),
        # One narrowing an author may stand unconfirmed: each further one names the confirmed one before it.
        Index(
            "policy_version_narrowing", "school_id", "author_id", "narrowed_after",
            unique=True, postgresql_nulls_not_distinct=True, postgresql_where="kind = 'NARROWED'",
        ),
        key=("version",),
    )  # fmt: skip
    school_id: UUID = holds(KEY, UUID)
    version: int = holds("policy", int)
    content: str = holds("policy", str)
    digest: str = holds_names("policy")
    author_id: UUID | None = holds("policy", UUID, optional=True)
    reason: str | None = holds("policy", str, optional=True)
    created_at: datetime = holds(RECORD, datetime)
    kind: str = holds_names("policy")
    previous_version: int | None = holds("policy", int, optional=True)
    previous_chain: str | None = holds_names("policy", optional=True)
    chain: str = holds_names("policy")
    submission_id: UUID | None = holds(KEY, UUID, optional=True)
    decision: str | None = holds_names("policy", optional=True)
    base_version: int | None = holds("policy", int, optional=True)
    widens_special: bool = holds("policy", bool)
    special_reason: str | None = holds_names("policy", optional=True)
    published_by: UUID | None = holds("policy", UUID, optional=True)
    narrowed_after: int | None = holds("policy", int, optional=True)


class PolicyHeadRow(Row, table=True):
    __tablename__ = "policy_head"
    __table_args__ = tenant(belongs("school_id", "version", to="policy_version"), key=())
    school_id: UUID = holds(KEY, UUID)
    version: int = holds("policy", int)
