"""A qualification that no other world has: what is put in or changed here changes nobody else's grades."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from server import tables
from server.grading.boundaries import BoundarySet
from server.grading.specification import Specification
from tests.worlds.qualification import add_boundaries, add_specification, boundaries, specification
from tests.worlds.world import World


def own_rules(world: World, **changes: Any) -> Specification:
    """The specification of the tests under a name of the world's own."""
    return replace(specification(), identity=f"TEST:{world.school_id.hex}", **changes)


def own_series(world: World) -> BoundarySet:
    return replace(boundaries(), specification=f"TEST:{world.school_id.hex}")


def own_qualification(world: World, courses: tuple[str, ...] = ("maths-10",), **changes: Any) -> None:
    """Grade these courses by it."""
    rules, series = own_rules(world, **changes), own_series(world)
    keys = (world.new_id(), world.new_id())
    add_specification(world, keys[0], rules)
    add_boundaries(world, keys[1], keys[0], series)
    for course in world.rows[tables.CourseRow]:
        if course["course_id"] in {world.ids[handle] for handle in courses}:
            course.update(specification_id=keys[0], boundary_set_id=keys[1])
