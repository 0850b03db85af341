"""Functions of the owner's: one moves the history of a learner whose two records become one, one knows taken numbers."""

from alembic import op

from server.migrations import merge_function

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    for statement in (*merge_function.statements(), *merge_function.taken_numbers()):
        op.execute(statement)
