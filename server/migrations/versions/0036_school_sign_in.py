"""Sign-in by schools' own accounts: providers, sign-ins on their way, and who is who."""

from alembic import op

from server.migrations.phases import phases

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    for statement in phases("school_sign_in"):
        op.execute(statement)
