"""What feeds the facts: support access, break glass, restrictions of links, notices."""

from alembic import op

from server.migrations.phases import phases

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for statement in phases("access"):
        op.execute(statement)
