"""What a court, the child's protection, or the learner's own choice keeps from a guardian: their links to that learner give
nothing meanwhile.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, Index, Row, belongs, holds, tenant


class LinkRestrictionRow(Row, table=True):
    """Of a guardian and a learner, not of one link: a link that a roster brings anew is restricted too."""

    __tablename__ = "link_restriction"
    __table_args__ = tenant(
        belongs("school_id", "guardian_id", to="guardian"),
        belongs("school_id", "learner_id", to="learner"),
        belongs("school_id", "decided_by", to="person(school_id, person_id)"),
        CheckConstraint("kind IN ('COURT_ORDER', 'PROTECTION', 'LEARNER_CHOICE')", name="link_restriction_kind"),
        CheckConstraint("length(btrim(evidence)) > 0", name="link_restriction_evidence"),
        Index("link_restriction_guardian", "school_id", "guardian_id"),
        Index("link_restriction_learner", "school_id", "learner_id"),
        key=("restriction_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    restriction_id: UUID = holds(KEY, UUID)
    guardian_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    kind: str = holds("parent_link", str)
    evidence: str = holds("parent_link", str)
    decided_by: UUID = holds("parent_link", UUID)
    restricted_at: datetime = holds("parent_link", datetime)


class LinkRestrictionEndRow(Row, table=True):
    __tablename__ = "link_restriction_end"
    __table_args__ = tenant(
        belongs("school_id", "restriction_id", to="link_restriction"),
        belongs("school_id", "ended_by", to="person(school_id, person_id)"),
        CheckConstraint("length(btrim(evidence)) > 0", name="link_restriction_end_evidence"),
        key=("restriction_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    restriction_id: UUID = holds(KEY, UUID)
    evidence: str = holds("parent_link", str)
    ended_by: UUID = holds("parent_link", UUID)
    ended_at: datetime = holds("parent_link", datetime)
