"""Webhooks of programs, and what they are to delete when a scope ends."""

from alembic import op

from server.migrations.phases import phases

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    for statement in phases("program_news"):
        op.execute(statement)
