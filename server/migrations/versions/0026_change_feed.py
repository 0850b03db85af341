"""What programs were shown, row by row: their feeds of changes."""

from alembic import op

from server.migrations.phases import phases

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    for statement in phases("change_feed"):
        op.execute(statement)
