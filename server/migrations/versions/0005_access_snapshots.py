"""Who could see whom, each night."""

from alembic import op

from server.migrations.phases import phases

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for statement in phases("access_snapshots"):
        op.execute(statement)
