"""How a rule book changes: drafts, submissions, decisions, schedules, confirmations, examples."""

from alembic import op

from server.migrations.phases import phases
from server.migrations.policy_walls import statements

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for statement in phases("policy_administration"):
        op.execute(statement)
    for statement in statements():
        op.execute(statement)
