"""Grades as they stood, what people expect of learners, and how marks are agreed."""

from alembic import op

from server.migrations import access_hands
from server.migrations.phases import phases

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    for statement in phases("attainment_over_time"):
        op.execute(statement)
    for statement in access_hands.statements(access_hands.SAID_BY):
        op.execute(statement)
