"""Schools let parents and learners in by a decision; people are invited to accounts, and redeem that once."""

from alembic import op

from server.migrations import invitation_walls
from server.migrations.phases import phases

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    for statement in phases("invitations"):
        op.execute(statement)
    for statement in invitation_walls.statements():
        op.execute(statement)
