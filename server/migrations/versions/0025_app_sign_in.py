"""Apps that people sign in with: their callbacks, what people consented to, codes, token families."""

from alembic import op

from server.migrations.phases import phases

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    for statement in phases("app_sign_in"):
        op.execute(statement)
