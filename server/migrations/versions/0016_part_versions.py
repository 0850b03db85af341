"""Questions as they stood in the versions of a mark that others replaced."""

from alembic import op

from server.migrations.phases import phases

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    for statement in phases("part_versions"):
        op.execute(statement)
