"""setWindowGrading, from GraphQL to its command and back."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from server.commands.actor import Actor
from server.commands.windows.grading import SetWindowGrading, set_window_grading
from server.commands.windows.reach import GRADES, MARKS
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit
from server.queries.ids import GlobalId, decode
from server.queries.noun import Argument
from server.resolvers.given import Given
from server.resolvers.mutation import Changed, Mutation


async def _set(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = SetWindowGrading(
        course=decode(given["course"], ("input", "course"), "crs", yearly=False),
        window=decode(given["window"], ("input", "window"), "win", yearly=False),
        shift=given.get("boundaryShift") or 0,
        series=given.get("series"),
        reason=given["reason"],
        expected_version=given.get("expectedVersion"),
        idempotency_key=given["idempotencyKey"],
        dry_run=bool(given.get("dryRun")),
    )
    outcome = await set_window_grading(command, unit, permit, actor, now)
    done = outcome.version is not None
    return Changed(
        keys={"courses": [GlobalId("crs", command.course.key)] if done else []},
        constants={
            "version": outcome.version,
            "replayed": outcome.replayed,
            "wouldWrite": outcome.would_write,
        },
        errors=outcome.errors,
        written=not command.dry_run,
    )


GRADING_CHANGES: Final = (
    Mutation(
        name="setWindowGrading",
        description="Set by which series, and with boundaries shifted how far, a course is graded in a window. All its "
        "grades there are computed anew at once; the results before stay in their history.",
        takes="Both at once: what is left out is the course's own series, and no shift.",
        arguments=(
            Argument("course", "ID!", "The course."),
            Argument("window", "ID!", "The assessment window; it must be open for the course."),
            Argument(
                "boundaryShift", "Int", "Boundaries shifted by so many whole per cent, from -10 to 10; left out: 0."
            ),
            Argument("series", "String", "A series of the course's specification, as grades name theirs."),
            Argument("reason", "String!", "Why. Governors and programs read it, too: name no learner."),
            Argument("expectedVersion", "Int", "The version you saw, 0 for none; a conflict is refused."),
            Argument("dryRun", "Boolean", "True: check everything and write nothing."),
            Argument("idempotencyKey", "String!", "Yours for this setting: a repeat within 7 days sets nothing again."),
        ),
        rows={"courses": ("Course", "course_id", "The course, with its gradings.")},
        constants=(
            ("version", "Int", "The version that counts now; 0 where nothing was ever set."),
            ("replayed", "Boolean!", "True: this key was used before, and nothing was written now."),
            ("wouldWrite", "Int", "For a dry run: 1 where it would be set, 0 where it stands so already."),
        ),
        coordinates=frozenset({MARKS, GRADES}),
        change=_set,
    ),
)
