"""The foundation: every table of the first version, its keys, walls and grants."""

from alembic import op

from server.migrations.phases import phases

revision = "0001"
down_revision = None


def upgrade() -> None:
    for statement in phases("foundation"):
        op.execute(statement)
    op.execute("GRANT USAGE ON SCHEMA usher TO usher_app, usher_audit")
    op.execute("GRANT SELECT ON usher.alembic_version TO usher_app")
