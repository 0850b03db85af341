"""A class may tell of what its learners have in common."""

from alembic import op

from server.migrations.phases import phases

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    for statement in phases("telling_groups"):
        op.execute(statement)
