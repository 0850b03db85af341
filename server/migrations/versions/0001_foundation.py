"""The foundation: every table of the first version, its keys, walls and grants."""

from alembic import op

from server.migrations.foundation import phases

revision = "0001"
down_revision = None


def upgrade() -> None:
    for statement in phases():
        op.execute(statement)
