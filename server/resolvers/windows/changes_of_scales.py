"""setCourseScale, from GraphQL to its command and back."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from server.commands.actor import Actor
from server.commands.windows.reach import GRADES, MARKS
from server.commands.windows.scales import MOST_LEVELS, Level, SetCourseScale, set_course_scale
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit
from server.queries.ids import GlobalId, decode
from server.queries.noun import Argument
from server.resolvers.given import Given
from server.resolvers.mutation import Changed, Input, Mutation

_LEVEL: Final = Input(
    "CourseLevelInput",
    "One grade of a course's own scale.",
    (
        Argument("grade", "String!", "The grade, such as Secure."),
        Argument("points", "Decimal", "Its points; of all levels or of none, falling."),
    ),
)


async def _set(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = SetCourseScale(
        course=decode(given["course"], ("input", "course"), "crs", yearly=False),
        levels=tuple(Level(one["grade"], one.get("points")) for one in given["levels"]),
        reason=given["reason"],
        expected_version=given.get("expectedVersion"),
        idempotency_key=given["idempotencyKey"],
        dry_run=bool(given.get("dryRun")),
    )
    outcome = await set_course_scale(command, unit, permit, actor, now)
    return Changed(
        keys={"courses": [GlobalId("crs", command.course.key)] if outcome.version is not None else []},
        constants={"version": outcome.version, "replayed": outcome.replayed, "wouldWrite": outcome.would_write},
        errors=outcome.errors,
        written=not command.dry_run,
    )


SCALE_CHANGES: Final = (
    Mutation(
        name="setCourseScale",
        description="Set the grades of a course without a specification, and their points: the targets that can be set in"
        " it. Targets that stand keep the points that they were set with.",
        takes="The whole scale.",
        inputs=(_LEVEL,),
        arguments=(
            Argument("course", "ID!", "The course."),
            Argument("levels", "[CourseLevelInput!]!", f"Best first; at most {MOST_LEVELS}."),
            Argument("reason", "String!", "Why. Governors and programs read it, too: name no learner."),
            Argument("expectedVersion", "Int", "The version you saw, 0 for none; a conflict is refused."),
            Argument("dryRun", "Boolean", "True: check everything and write nothing."),
            Argument("idempotencyKey", "String!", "Yours for this setting: a repeat within 7 days sets nothing again."),
        ),
        rows={"courses": ("Course", "course_id", "The course, with its scales.")},
        constants=(
            ("version", "Int", "The version that counts now."),
            ("replayed", "Boolean!", "True: this key was used before, and nothing was written now."),
            ("wouldWrite", "Int", "For a dry run: 1 where it would be set, 0 where it stands so already."),
        ),
        coordinates=frozenset({MARKS, GRADES}),
        change=_set,
    ),
)
