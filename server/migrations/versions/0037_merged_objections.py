"""Whoever was left out of a program's data stays left out when their record becomes another's."""

from alembic import op

from server.migrations import merge_function

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.execute(merge_function.with_objections())
