"""Old events may be deleted, by their job."""

from alembic import op

from server.migrations import event_walls

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    for statement in event_walls.statements():
        op.execute(statement)
