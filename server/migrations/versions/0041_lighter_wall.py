"""Whom a program is not told of, asked once a table."""

from alembic import op
from sqlalchemy import text

from server.migrations import people_wall

revision = "0041"
down_revision = "0040"

# A database that was served before has partitions: each carries the walls of its parent.
_PARTITIONS = text("""
    SELECT p.relname, c.relname FROM pg_inherits i
    JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
    WHERE c.relnamespace = 'usher'::regnamespace AND c.relkind = 'r' ORDER BY 1, 2
""")


def upgrade() -> None:
    partitions = [(parent, partition) for parent, partition in op.get_bind().execute(_PARTITIONS).all()]
    for statement in people_wall.lighter(partitions):
        op.execute(statement)
