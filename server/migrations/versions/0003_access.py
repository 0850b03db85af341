"""What feeds the facts: support access, break glass, restrictions of links, notices."""

from alembic import op
from sqlalchemy import text

from server.migrations import access_hands, walls
from server.migrations.phases import phases

revision = "0003"
down_revision = "0002"

# A database that was served before has partitions: each carries the walls of its parent.
_PARTITIONS = text("""
    SELECT p.relname, c.relname FROM pg_inherits i
    JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
    WHERE c.relnamespace = 'usher'::regnamespace AND c.relkind = 'r' ORDER BY 1, 2
""")


def upgrade() -> None:
    for statement in phases("access"):
        op.execute(statement)
    for statement in access_hands.statements():
        op.execute(statement)
    made = ("link_restriction",)
    for table in dict.fromkeys((*walls.OF_LEARNERS, *walls.OF_PEOPLE)):
        if table not in made and _exists(table):
            for statement in walls.access_walls(table):
                op.execute(statement)
    for parent, partition in op.get_bind().execute(_PARTITIONS).all():
        for statement in walls.access_walls(parent, partition):
            op.execute(statement)


def _exists(table: str) -> bool:
    """Tables of later versions bring these walls themselves."""
    return bool(
        op.get_bind().execute(text("SELECT to_regclass(:name) IS NOT NULL"), {"name": f"usher.{table}"}).scalar()
    )
