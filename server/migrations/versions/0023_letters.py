"""Letters that wait to be sent, and the key that they are sealed to."""

from alembic import op

from server.migrations.phases import phases

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    for statement in phases("letters"):
        op.execute(statement)
