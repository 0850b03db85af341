"""Learners who are left out of a program's data."""

from random import Random

from server import tables
from tests.worlds.world import World

RECORDERS = ("head", "dpo")


def opt_out(world: World, program: str, learner: str) -> None:
    """By somebody who may record it today; nobody does in a school without such a person."""
    recorder = next(
        (
            row["person_id"]
            for row in world.rows[tables.RoleAssignmentRow]
            if row["role"] in RECORDERS
            and row["valid_from"] <= world.today
            and (row.get("valid_to") is None or world.today < row["valid_to"])
        ),
        None,
    )
    if recorder is None:
        return
    world.add(
        tables.ClientOptOutRow,
        opt_out_id=world.new_id(),
        learner_id=world.name(learner),
        program_id=world.name(program),
        asked_by="GUARDIAN",
        reason="The family doesn't want it.",
        recorded_by=recorder,
        recorded_at=world.morning,
    )


def add_opt_outs(world: World) -> None:
    """One, of a learner whom all programs are to leave out anyhow."""
    opt_out(world, "mis", "gus")


def vary_opt_outs(world: World, drawn: Random) -> None:
    for learner in ("ann", "bob", "cat", "dan", "eve", "hal"):
        if drawn.random() < 0.2:
            opt_out(world, "mis", learner)


def add_told(world: World) -> None:
    """A program that deleted what it had read, and that was told of news."""
    world.add(
        tables.ClientPurgeRow,
        purge_id=world.new_id(),
        program_id=world.name("mis"),
        scope="attendance.readonly",
        ended_on=world.days(-40),
        due_on=world.days(-10),
        begun_at=world.morning,
        acknowledged_at=world.morning,
    )
    world.add(tables.ClientNewsRow, program_id=world.name("mis"), told="1|", told_at=world.morning)
