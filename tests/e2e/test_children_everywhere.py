"""viewer.children: the links of one parent at all their schools, and nothing else of another school."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import psycopg
import pytest

from server import tables
from tests.e2e.serving import Server
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

CHILDREN = "{ viewer { children { linkId schoolId schoolName } } }"


def links(server: Server, world: World, handle: str, capacity: str = "PARENT") -> set[tuple[str, str]]:
    """Id and name of each school of which there is a link."""
    body = server.client(world, handle, capacity).ask(CHILDREN).data
    found = body["viewer"]["children"]
    assert all(one["linkId"].startswith("gdn_") for one in found)
    return {(one["schoolId"], one["schoolName"]) for one in found}


def told(world: World) -> tuple[str, str]:
    return f"sch_{world.school_id.hex}", world.rows[tables.SchoolRow][0]["name"]


@pytest.fixture
def two(app_url: str, today: date) -> tuple[World, World]:
    """Two schools at which one sign-in name is Pat's."""
    worlds = [wide_school(f"family {one} {uuid4()}", today) for one in ("here", "there")]
    for world in worlds:
        for row in world.rows[tables.LoginIdentityRow]:
            if row["person_id"] == world.ids["pat"]:
                row["identity"] = f"pat@{worlds[0].school_id}.example"
        insert_world(app_url, world)
    return worlds[0], worlds[1]


def test_children_of_all_schools_are_listed_at_each(server: Server, two: tuple[World, World]) -> None:
    here, there = two
    for world in two:
        assert links(server, world, "pat") == {told(here), told(there)}


def test_nobody_else_is_listed_another_school(server: Server, two: tuple[World, World]) -> None:
    """A parent of another name, a learner, and staff have what their own token is of."""
    here, _ = two
    assert links(server, here, "quinn") <= {told(here)}
    assert links(server, here, "ann", "LEARNER") == set()
    assert links(server, here, "teacher", "STAFF") == set()


ENDS = {
    "the link ends": "UPDATE usher.guardian_link SET valid_to = current_date"
    " WHERE school_id = %(school)s AND guardian_id = %(pat)s",
    "the hat ends": "UPDATE usher.access_profile SET valid_to = current_date WHERE school_id = %(school)s AND person_id = %(pat)s",
    "the children leave": "UPDATE usher.learner SET left_on = current_date WHERE school_id = %(school)s",
    "another name wears the hat": "UPDATE usher.login_identity SET identity = 'somebody' || identity"
    " WHERE school_id = %(school)s AND person_id = %(pat)s",
}


@pytest.mark.parametrize("change", ENDS)
def test_what_ended_elsewhere_is_not_listed_here(
    server: Server, owner_url: str, two: tuple[World, World], change: str
) -> None:
    here, there = two
    with psycopg.connect(owner_url) as connection:
        named = {"school": there.school_id, "pat": there.ids["pat"]}
        connection.execute("SELECT set_config('app.school_id', %s, true)", [str(there.school_id)])
        assert connection.execute(ENDS[change].encode(), named).rowcount > 0
    assert links(server, here, "pat") == {told(here)}


def test_the_function_is_of_the_person_of_the_transaction(app_url: str, two: tuple[World, World]) -> None:
    """Nobody asks it for another: settings of one school with the person of another give nothing."""
    here, there = two
    with psycopg.connect(app_url) as connection:

        def given(world: World, person: World, capacity: str) -> int:
            values = (str(world.school_id), str(person.ids["pat"]), capacity)
            for name, value in zip(("school_id", "person", "capacity"), values, strict=True):
                connection.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", value])
            return len(connection.execute("SELECT * FROM usher.own_links()").fetchall())

        assert given(here, here, "PARENT") > 0
        assert given(here, there, "PARENT") == 0
        assert given(here, here, "STAFF") == 0
