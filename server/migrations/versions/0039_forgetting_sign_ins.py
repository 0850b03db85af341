"""Sessions and token families that are over may be deleted."""

from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.execute("GRANT DELETE ON usher.browser_session, usher.token_family TO usher_app")
