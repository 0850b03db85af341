"""Tables that performance measures are reckoned from."""

from alembic import op

from server.migrations.phases import phases

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    for statement in phases("measure_tables"):
        op.execute(statement)
