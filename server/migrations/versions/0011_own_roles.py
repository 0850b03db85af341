"""Nobody lengthens a role of their own, or brings it back."""

from alembic import op

from server.migrations import role_walls

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for statement in role_walls.own_ends():
        op.execute(statement)
