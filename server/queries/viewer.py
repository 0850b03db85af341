"""Viewer: who asks, as the school knows them now."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import JSON, BindParameter, Select, bindparam, cast, select

from server.queries.binds import SCHOOL, VIEWER, current
from server.queries.ids import encoded
from server.queries.noun import Group, Leaf, Many, Noun, Order, Row, alias, table
from server.queries.scopes import unrestricted
from server.tables import AccessProfileRow, GuardianLinkRow, SchoolRow

ROLES: Final[BindParameter[Any]] = bindparam("roles", type_=JSON(), required=False)
CAPABILITIES: Final[BindParameter[Any]] = bindparam("capabilities", type_=JSON(), required=False)


def school_of(_: Row) -> Select[*tuple[Any, ...]]:
    school = alias(SchoolRow)
    return select(school.c.name, school.c.school_id).where(school.c.school_id == SCHOOL)


def own_links(_: Row, link: Any, __: Any) -> list[Any]:
    return [link.c.guardian_id == VIEWER, link.c.verified_at.is_not(None), *current(link), unrestricted(link)]


VIEWER_NOUN = Noun(
    name="Viewer",
    prefix="vwr",
    table=table(AccessProfileRow),
    key="person_id",
    relations="home",
    node=False,
    exists_as="School",
    description="Who asks, in which capacity, with which roles now.",
    fields=(
        Leaf("capacity", "Capacity", "reference", lambda r: r.c.capacity, "The capacity this session acts in."),
        Leaf("roles", "[String!]", "reference", lambda _: cast(ROLES, JSON), "Roles of that capacity, today."),
        Leaf("capabilities", "[String!]", "reference", lambda _: cast(CAPABILITIES, JSON), "Facts that rules ask for."),
        Many(
            "schools",
            "School",
            lambda r, of, _: [of.c.school_id == r.c.school_id],
            "The school of this token.",
            "NAME",
            usual=1,
        ),
        Group(
            "person",
            "ViewerPerson",
            (
                Leaf(
                    "id", "ID", "reference", lambda r: encoded("per", r.c.person_id), "The person's id at this school."
                ),
                Leaf("capacity", "Capacity", "reference", lambda r: r.c.capacity, "The capacity they act in now."),
            ),
            "The person who asks.",
        ),
        Many(
            "children",
            "ViewerChild",
            own_links,
            "Verified, current, unrestricted links of the viewer to learners.",
            "LINK",
            usual=5,
        ),
    ),
)

VIEWER_CHILD = Noun(
    name="ViewerChild",
    prefix="vch",
    table=table(GuardianLinkRow),
    key="link_id",
    relations="home",
    node=False,
    exists_as="School",
    description="A link to a learner, without the learner: the name comes from the school's own operation.",
    sides={"school": school_of},
    fields=(
        Leaf("linkId", "ID", "reference", lambda r: encoded("gdn", r.c.link_id), "The link's id, a Guardian."),
        Leaf("schoolId", "ID", "reference", lambda r: encoded("sch", r.c.school_id), "The school's id."),
        Leaf("schoolName", "String", "reference", lambda r: r.side("school").name, "The school's name."),
    ),
    orders=(Order("LINK", "reference", lambda r: r.c.link_id, "By the link."),),
)
