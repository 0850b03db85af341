"""Series and shifts that are set for windows, scales of courses without a specification, and replaced targets."""

from alembic import op

from server.migrations import access_hands
from server.migrations.phases import phases

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    for statement in phases("chosen_gradings"):
        op.execute(statement)
    for statement in access_hands.statements(access_hands.SET_BY):
        op.execute(statement)
