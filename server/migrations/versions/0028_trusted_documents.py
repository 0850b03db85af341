"""Trusted documents of programs, and reports of others."""

from alembic import op

from server.migrations.phases import phases

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    for statement in phases("trusted_documents"):
        op.execute(statement)
