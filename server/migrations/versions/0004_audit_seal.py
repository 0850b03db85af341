"""The audit's commitments and seals, and what guardians may be told of it."""

from alembic import op

from server.migrations import walls
from server.migrations.phases import phases

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for statement in phases("audit_seal"):
        op.execute(statement)
    for statement in walls.opened("audit_operation"):
        op.execute(statement)
