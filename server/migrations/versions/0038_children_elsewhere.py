"""A function of the owner's by which a parent is listed their children at all schools."""

from alembic import op

from server.migrations import family_function

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    for statement in family_function.statements():
        op.execute(statement)
