"""How source systems name records, whose word counts for which field, and what waits to be closed."""

from alembic import op

from server.migrations import roster_walls
from server.migrations.phases import phases

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    for statement in phases("rosters"):
        op.execute(statement)
    for statement in roster_walls.statements():
        op.execute(statement)
