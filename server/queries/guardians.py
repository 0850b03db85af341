"""Guardian: a parent or carer, as linked to one learner."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from server.queries.binds import SCHOOL
from server.queries.noun import Group, Leaf, Noun, One, Order, Row, alias, table
from server.tables import GuardianLinkRow, GuardianRow


def person(row: Row) -> Select[*tuple[Any, ...]]:
    held = alias(GuardianRow)
    return select(
        held.c.title, held.c.given_name, held.c.family_name, held.c.sort_key, held.c.email, held.c.phone, held.c.address
    ).where(held.c.school_id == SCHOOL, held.c.guardian_id == row.c.guardian_id)


GUARDIAN = Noun(
    name="Guardian",
    prefix="gdn",
    table=table(GuardianLinkRow),
    key="link_id",
    owner=lambda r: r.c.learner_id,
    relations="guardian",
    description="A parent or carer as linked to one learner: a guardian of two learners is two of these.",
    sides={"person": person},
    fields=(
        Leaf("title", "String", "guardian_name", lambda r: r.side("person").title, "Title, such as Dr."),
        Leaf("givenName", "String", "guardian_name", lambda r: r.side("person").given_name, "First name."),
        Leaf("familyName", "String", "guardian_name", lambda r: r.side("person").family_name, "Surname."),
        Leaf("relationship", "String", "parent_link", lambda r: r.c.relationship, "Relationship to the learner."),
        Leaf("verifiedAt", "DateTime", "parent_link", lambda r: r.c.verified_at, "When the link was verified."),
        Group(
            "contact",
            "GuardianContact",
            (
                Leaf("email", "String", "guardian_contact", lambda r: r.side("person").email, "E-mail address."),
                Leaf("phone", "String", "guardian_contact", lambda r: r.side("person").phone, "Telephone number."),
                Leaf("address", "String", "guardian_contact", lambda r: r.side("person").address, "Home address."),
            ),
            "How to reach the guardian.",
        ),
        One("learner", "Learner", lambda r, of, _: [of.c.learner_id == r.c.learner_id], "The learner of this link."),
    ),
    orders=(Order("NAME", "guardian_name", lambda r: r.side("person").sort_key, "By surname, then first name."),),
)
