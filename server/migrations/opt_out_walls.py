"""A learner who was left out of a program's data is not there for it, whatever statement the application sends.

Head and data protection officer record it in their own name, and its end alone changes, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from server.migrations.role_walls import one_of
from server.migrations.walls import CAPACITY, PERSON, SCHOOL

TABLE: Final = "client_opt_out"
TABLES: Final = (
    "attendance", "behaviour_event", "course_comment", "enrolment", "forecast_confirmation", "grade", "grade_version",
    "guardian_link", "learner", "learner_assignment", "learner_contact", "learner_flag", "learner_name", "learner_special",
    "mark", "mark_moderation", "mark_part", "mark_part_version", "mark_version", "report", "report_line", "report_receipt",
    "target", "target_version", "teacher_estimate", "tutor_membership",
)  # fmt: skip
"""What holds rows of a learner that a program could be given."""
RECORDERS: Final = ("head", "dpo")
CHANGED: Final = ("ended_at", "ended_by", "ending")
"""The columns that the application changes."""

LEFT_OUT: Final = (
    f"SELECT o.learner_id FROM usher.{TABLE} o WHERE o.school_id = {SCHOOL} AND o.program_id = {PERSON} "
    "AND o.ended_at IS NULL"
)
OPT_OUT_WALL: Final = f"{CAPACITY} <> 'CLIENT' OR learner_id NOT IN ({LEFT_OUT})"
READ_WALL: Final = f"{CAPACITY} NOT IN ('PARENT', 'LEARNER')"
"""Of the table itself: other walls read it, so that it reads no table."""
_RECORDING: Final = f"{CAPACITY} = 'STAFF' AND ({one_of(RECORDERS)})"
RECORDED: Final = f"{_RECORDING} AND recorded_by = {PERSON} AND ended_at IS NULL"
ENDABLE: Final = f"{_RECORDING} AND ended_at IS NULL"
ENDED: Final = f"{_RECORDING} AND ended_at IS NOT NULL AND ended_by = {PERSON}"
ASKED: Final = "asked_by IN ('GUARDIAN', 'LEARNER', 'SCHOOL')"
WHOLE_END: Final = (
    "(ended_at IS NULL AND ended_by IS NULL AND ending IS NULL) "
    "OR (ended_at IS NOT NULL AND ended_by IS NOT NULL AND ending IS NOT NULL)"
)


def statements(partitions: Iterable[tuple[str, str]]) -> Iterator[str]:
    """`partitions` are those that a database has already, each after its parent's name."""
    named = [*TABLES, *(partition for parent, partition in partitions if parent in TABLES)]
    for table in named:
        yield (
            f"CREATE POLICY opt_out_wall ON usher.{table} AS RESTRICTIVE FOR ALL TO usher_app "
            f"USING ({OPT_OUT_WALL}) WITH CHECK ({OPT_OUT_WALL})"
        )
    yield f"CREATE POLICY family_wall ON usher.{TABLE} AS RESTRICTIVE FOR SELECT TO usher_app USING ({READ_WALL})"
    yield f"ALTER TABLE usher.{TABLE} ADD CONSTRAINT client_opt_out_asked CHECK ({ASKED})"
    yield f"ALTER TABLE usher.{TABLE} ADD CONSTRAINT client_opt_out_ended CHECK ({WHOLE_END})"
    yield f"GRANT UPDATE ({', '.join(CHANGED)}) ON usher.{TABLE} TO usher_app"
    yield f"CREATE POLICY given_wall ON usher.{TABLE} AS RESTRICTIVE FOR INSERT TO usher_app WITH CHECK ({RECORDED})"
    yield (
        f"CREATE POLICY ended_wall ON usher.{TABLE} AS RESTRICTIVE FOR UPDATE TO usher_app "
        f"USING ({ENDABLE}) WITH CHECK ({ENDED})"
    )
