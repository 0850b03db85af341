"""What the database refuses of attainment, whatever statement the application sends, since version 0015.

Numbers that are none, estimates that say nothing, targets in the name of somebody else; and how windows stand is for the
staff's side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from server.migrations.walls import ATTAINMENT_WALL, OPERATOR_WALL, OPERATOR_WRITES, PERSON

NUMBERS: Final[dict[str, tuple[str, ...]]] = {
    "assessment": ("maximum", "step"),
    "forecast_confirmation": ("points",),
    "grade": ("points", "fine"),
    "grade_version": ("points", "fine"),
    "learner": ("key_stage_2",),
    "mark": ("score",),
    "mark_moderation": ("score",),
    "mark_part": ("score", "maximum"),
    "mark_version": ("score",),
    "statistic_figure": ("figure",),
    "target": ("points",),
    "target_version": ("points",),
    "teacher_estimate": ("score",),
}
"""Numeric columns by table, as of version 0015: a later version brings the checks of its own."""

SET_BY: Final = f"set_by IS NULL OR set_by = {PERSON}"
"""A target is set in one's own name, or in nobody's, as by an import."""
SET_WALLS: Final[dict[str, tuple[str, str | None, str]]] = {
    "set_wall": ("INSERT", None, SET_BY),
    "set_wall_update": ("UPDATE", "true", SET_BY),
}
"""By name, the walls of writing a target: command, which rows are changed, and what they are then."""

STEP_WALLS: Final[dict[str, tuple[str, str]]] = {
    "attainment_wall": (ATTAINMENT_WALL, ATTAINMENT_WALL),
    "operator_wall": (OPERATOR_WALL, OPERATOR_WRITES),
}
"""The walls of window_step: whom they let read, and whom write."""

ESTIMATE_SAYS: Final = (
    "version >= 1 AND (version > 1 OR score IS NOT NULL OR value IS NOT NULL) AND (value IS NULL OR value <> '')"
)


def statements(partitions: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Of version 0015; `partitions` are those that are there, as (parent, partition): each carries its parent's walls."""
    yield from _checks()
    yield 'ALTER TABLE usher.mark_version ALTER COLUMN batch TYPE TEXT COLLATE "C"'
    yield "CREATE INDEX mark_version_batch ON usher.mark_version (school_id, batch)"
    for table in ("target", *(partition for parent, partition in partitions if parent == "target")):
        yield from _set_walls(table)
    for name, (using, check) in STEP_WALLS.items():
        yield (
            f"CREATE POLICY {name} ON usher.window_step AS RESTRICTIVE FOR ALL TO usher_app "
            f"USING ({using}) WITH CHECK ({check})"
        )


def _checks() -> Iterator[str]:
    for table, columns in NUMBERS.items():
        added = ", ".join(
            f"ADD CONSTRAINT {table}_{column}_finite "
            f"CHECK ({column} > '-Infinity'::numeric AND {column} < 'Infinity'::numeric)"
            for column in columns
        )
        yield f"ALTER TABLE usher.{table} {added}"
    # What was taken back before it was given said nothing.
    yield "DELETE FROM usher.teacher_estimate WHERE version = 1 AND score IS NULL AND value IS NULL"
    yield f"ALTER TABLE usher.teacher_estimate ADD CONSTRAINT teacher_estimate_says CHECK ({ESTIMATE_SAYS})"


def _set_walls(table: str) -> Iterator[str]:
    for name, (command, using, check) in SET_WALLS.items():
        shown = "" if using is None else f" USING ({using})"
        yield (
            f"CREATE POLICY {name} ON usher.{table} AS RESTRICTIVE FOR {command} TO usher_app"
            f"{shown} WITH CHECK ({check})"
        )
