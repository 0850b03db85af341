"""One wall around what is said of people, in place of seven."""

from alembic import op
from sqlalchemy import text

from server.migrations import people_wall

revision = "0040"
down_revision = "0039"

_POLICIES = text("SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'usher' ORDER BY 1, 2")
# A database that was served before has partitions: each carries the walls of its parent.
_PARTITIONS = text("""
    SELECT p.relname, c.relname FROM pg_inherits i
    JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
    WHERE c.relnamespace = 'usher'::regnamespace AND c.relkind = 'r' ORDER BY 1, 2
""")


def upgrade() -> None:
    standing = [(table, name) for table, name in op.get_bind().execute(_POLICIES).all()]
    partitions = [(parent, partition) for parent, partition in op.get_bind().execute(_PARTITIONS).all()]
    for statement in people_wall.statements(standing, partitions):
        op.execute(statement)
