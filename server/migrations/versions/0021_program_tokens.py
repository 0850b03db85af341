"""How many tokens a program was given at a school, and tokens that vendors list their grants with."""

from alembic import op

from server.migrations.phases import phases

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    for statement in phases("program_tokens"):
        op.execute(statement)
