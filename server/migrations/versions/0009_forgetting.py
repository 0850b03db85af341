"""The sealer forgets who it was, after a year."""

from alembic import op

from server.migrations import forgetting_walls

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    for statement in forgetting_walls.statements():
        op.execute(statement)
