"""Figures of groups: censuses, and a threshold below which none is told."""

from alembic import op

from server.migrations.phases import phases

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for statement in phases("small_numbers"):
        op.execute(statement)
