"""Accounts of people, what they prove themselves by, and their browsers."""

from alembic import op

from server.migrations.phases import phases

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    for statement in phases("accounts"):
        op.execute(statement)
