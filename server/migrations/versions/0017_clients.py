"""Programs that ask for tokens, and tokens that were ended."""

from alembic import op

from server.migrations.phases import phases

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    for statement in phases("clients"):
        op.execute(statement)
