"""Sessions and restrictions are ended in one's own name; roles are given and ended by who may."""

from alembic import op

from server.migrations import access_hands, role_walls

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for statement in access_hands.statements(access_hands.ENDING_HANDS):
        op.execute(statement)
    for statement in role_walls.statements():
        op.execute(statement)
