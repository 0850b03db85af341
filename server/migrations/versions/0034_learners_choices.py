"""A learner's own choice keeps their data from a guardian, too."""

from alembic import op

revision = "0034"
down_revision = "0033"

_KINDS = "kind IN ('COURT_ORDER', 'PROTECTION', 'LEARNER_CHOICE')"


def upgrade() -> None:
    op.execute("ALTER TABLE usher.link_restriction DROP CONSTRAINT link_restriction_kind")
    op.execute(f"ALTER TABLE usher.link_restriction ADD CONSTRAINT link_restriction_kind CHECK ({_KINDS})")
