"""Who entered and who checked boundaries stands beside them, and is no part of what they are told by."""

from alembic import op

from server.migrations.phases import phases

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    for statement in phases("sign_offs"):
        op.execute(statement)
