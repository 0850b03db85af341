"""Learners whom programs know nothing of, one by one."""

from alembic import op
from sqlalchemy import text

from server.migrations import opt_out_walls
from server.migrations.phases import phases

revision = "0032"
down_revision = "0031"

# A database that was served before has partitions: each carries the walls of its parent.
_PARTITIONS = text("""
    SELECT p.relname, c.relname FROM pg_inherits i
    JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
    WHERE c.relnamespace = 'usher'::regnamespace AND c.relkind = 'r' ORDER BY 1, 2
""")


def upgrade() -> None:
    for statement in phases("opt_outs"):
        op.execute(statement)
    found = [(parent, partition) for parent, partition in op.get_bind().execute(_PARTITIONS).all()]
    for statement in opt_out_walls.statements(found):
        op.execute(statement)
