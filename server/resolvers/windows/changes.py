"""lockWindow, moderateWindow and reopenWindow, from GraphQL to their command and back."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from server.commands.actor import Actor
from server.commands.windows.reach import GRADES, MARKS
from server.commands.windows.standing import WindowState
from server.commands.windows.steps import TakeStep, take_step
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit
from server.queries.ids import GlobalId, decode
from server.queries.noun import Argument
from server.resolvers.given import Given
from server.resolvers.mutation import Change, Changed, Mutation


def _taking(state: WindowState) -> Change:
    async def change(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
        course = given.get("course")
        command = TakeStep(
            window=decode(given["window"], ("input", "window"), "win", yearly=False),
            state=state,
            course=None if course is None else decode(course, ("input", "course"), "crs", yearly=False),
            reason=given.get("reason"),
            expected_step=given.get("expectedStep"),
            idempotency_key=given["idempotencyKey"],
            dry_run=bool(given.get("dryRun")),
        )
        outcome = await take_step(command, unit, permit, actor, now)
        taken = [GlobalId("crs", course) for course in outcome.courses]
        windows = [command.window] if taken else []
        return Changed(
            keys={"windows": windows, "courses": taken},
            constants={"replayed": outcome.replayed, "wouldWrite": outcome.would_write},
            errors=outcome.errors,
            written=not command.dry_run,
        )

    return change


def _step(name: str, state: WindowState, description: str, reason: str, said: str) -> Mutation:
    return Mutation(
        name=name,
        description=description,
        takes="Which window, of which course.",
        arguments=(
            Argument("window", "ID!", "The assessment window."),
            Argument("course", "ID", "One course; left out: all that are yours and from whose state this leads on."),
            Argument("reason", reason, f"{said} Governors and programs read it, too: name no learner."),
            Argument("expectedStep", "Int", "With a course: the `windowStep` that you saw; another one is refused."),
            Argument("dryRun", "Boolean", "True: check everything and write nothing."),
            Argument("idempotencyKey", "String!", "Yours for this step: a repeat within 7 days takes none again."),
        ),
        rows={
            "windows": ("AssessmentWindow", "window_id", "The window, where a course took the step."),
            "courses": ("Course", "course_id", "The courses that took it."),
        },
        constants=(
            ("replayed", "Boolean!", "True: this key was used before, and nothing was written now."),
            ("wouldWrite", "Int", "For a dry run: how many courses would take the step."),
        ),
        coordinates=frozenset({MARKS, GRADES}),
        change=_taking(state),
    )


WINDOW_CHANGES: Final = (
    _step(
        "lockWindow",
        WindowState.LOCKED,
        "Lock the marks of a course in a window, or end their moderation.",
        "String",
        "Why, if there is anything to say.",
    ),
    _step(
        "moderateWindow",
        WindowState.MODERATING,
        "Have locked marks of a course read by second markers.",
        "String!",
        "Why they are moderated.",
    ),
    _step(
        "reopenWindow",
        WindowState.OPEN,
        "Let the marks of a course in a window be recorded again.",
        "String!",
        "Why it is opened again.",
    ),
)
