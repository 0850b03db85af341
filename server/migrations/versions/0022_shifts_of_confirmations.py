"""How far boundaries were shifted when a forecast was confirmed; nothing is known of those of before."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.execute("ALTER TABLE usher.forecast_confirmation ADD COLUMN shift INTEGER")
