"""Notices: each kind that the platform posts is read by whom it addresses, with ids that say what they are of."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from server.commands.access.notice_kinds import NoticeKind
from server.commands.access.notices import post_notices
from server.commands.keys import new_key
from server.database.context import Context
from server.database.pool import Pool
from server.database.unit_of_work import UnitOfWork
from tests.e2e.access_desk import AccessDesk
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

NOTICES = "{ notices(read: false) { kind readAt about { name id } } }"
PREFIXES = {
    "glass": "gls",
    "person": "per",
    "request": "sup",
    "assignment": "rla",
    "submission": "psb",
    "author": "per",
    "example": "pex",
    "program": "prg",
    "closing": "rcl",
    "activation": "act",
    "invitation": "inv",
}


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = wide_school(f"notices {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def desk(pool: Pool, school: World, owner_url: str) -> AccessDesk:
    return AccessDesk(school, pool, owner_url)


async def post(desk: AccessDesk, kind: NoticeKind, ids: dict[str, UUID]) -> None:
    person = desk.world.ids["peripatetic"]
    [(policy,)] = desk.rows("SELECT version FROM usher.policy_head WHERE school_id = %s")
    [profile] = desk.version("peripatetic")
    context = Context(desk.world.school_id, person, "STAFF", policy, profile)
    async with UnitOfWork(desk.pool, context) as unit:
        await post_notices(unit, [person], kind, ids, desk.now)
        await unit.commit()


@pytest.mark.parametrize("kind", NoticeKind)
async def test_each_kind_is_posted_and_read(desk: AccessDesk, kind: NoticeKind) -> None:
    """With all that it names, as ids of the schema."""
    ids: dict[str, UUID] = {name: new_key() for name in kind.names}
    assert ids
    await post(desk, kind, ids)
    shown = (await desk.ask("peripatetic", NOTICES))["data"]["notices"]
    [about] = [notice["about"] for notice in shown if notice["kind"] == kind.value]
    assert {one["name"]: one["id"] for one in about} == {
        name: f"{PREFIXES[name]}_{key.hex}" for name, key in ids.items()
    }


@pytest.mark.parametrize("names", [(), ("glass",), ("glass", "person", "learner"), ("glass", "author")])
async def test_a_notice_names_just_what_its_kind_does(desk: AccessDesk, names: tuple[str, ...]) -> None:
    """What nobody could read is not posted."""
    before = desk.rows_of("notice", "outbox_event")
    with pytest.raises(ValueError, match="breakGlass names glass, person"):
        await post(desk, NoticeKind.BREAK_GLASS, {name: new_key() for name in names})
    assert desk.rows_of("notice", "outbox_event") == before
