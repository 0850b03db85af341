"""Viewer: who asks, as the school knows them now."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import JSON, BindParameter, bindparam, cast, func, select

from server.queries.binds import SCHOOL
from server.queries.ids import encoded
from server.queries.noun import Group, Leaf, Many, Noun, Order, Row, alias, table
from server.tables import AccessProfileRow, GuardianLinkRow, LoginIdentityRow, SchoolRow

ROLES: Final[BindParameter[Any]] = bindparam("roles", type_=JSON(), required=False)
CAPABILITIES: Final[BindParameter[Any]] = bindparam("capabilities", type_=JSON(), required=False)


def everywhere(_: Row, __: Any, ___: Any) -> list[Any]:
    """All that the function gives: it looks for verified, current, unrestricted links to children who have not left."""
    return []


def school_name(link: Row) -> Any:
    """Of another school what sign-in knows of it: its own rows are behind its walls."""
    known, school = alias(LoginIdentityRow), alias(SchoolRow)
    own = select(school.c.name).where(school.c.school_id == SCHOOL, school.c.school_id == link.c.school_id)
    elsewhere = select(known.c.school_name).where(
        known.c.school_id == link.c.school_id, known.c.person_id == link.c.guardian_id, known.c.capacity == "PARENT"
    )
    return func.coalesce(own.scalar_subquery(), elsewhere.limit(1).scalar_subquery())


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
            everywhere,
            "Verified, current, unrestricted links of the viewer to learners, at all their schools.",
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
    given_by="own_links",
    fields=(
        Leaf("linkId", "ID", "reference", lambda r: encoded("gdn", r.c.link_id), "The link's id, a Guardian."),
        Leaf("schoolId", "ID", "reference", lambda r: encoded("sch", r.c.school_id), "The school's id."),
        Leaf("schoolName", "String", "reference", school_name, "The school's name."),
    ),
    orders=(Order("LINK", "reference", lambda r: r.c.link_id, "By the link."),),
)
