"""Schools grant programs by a declaration, for a time, and end it; nobody else does."""

from alembic import op

from server.migrations import grant_walls

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    for statement in grant_walls.statements():
        op.execute(statement)
