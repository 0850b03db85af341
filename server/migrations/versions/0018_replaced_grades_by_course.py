"""Results that were replaced are found by their course, as those that stand are."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("CREATE INDEX grade_version_course ON usher.grade_version (school_id, academic_year, course_id)")
