"""Staff: people who work at the school."""

from __future__ import annotations

from server.queries.noun import Filter, Group, Leaf, Noun, Order, table
from server.tables import StaffRow

STAFF = Noun(
    name="Staff",
    prefix="stf",
    table=table(StaffRow),
    key="staff_id",
    relations="staff",
    description="A person who works at the school.",
    fields=(
        Leaf("title", "String", "staff_name", lambda r: r.c.title, "Title, such as Ms."),
        Leaf("givenName", "String", "staff_name", lambda r: r.c.given_name, "First name."),
        Leaf("familyName", "String", "staff_name", lambda r: r.c.family_name, "Surname."),
        Leaf("jobTitle", "String", "staff_name", lambda r: r.c.job_title, "What the person does at the school."),
        Group(
            "contact",
            "StaffContact",
            (
                Leaf("email", "String", "staff_contact", lambda r: r.c.email, "Work e-mail."),
                Leaf("phone", "String", "staff_contact", lambda r: r.c.phone, "Telephone."),
            ),
            "How to reach a member of staff.",
        ),
    ),
    filters=(
        Filter("name", "TextFilter", "staff_name", lambda r: r.c.sort_key, "Surname and first name, letters folded."),
    ),
    orders=(Order("NAME", "staff_name", lambda r: r.c.sort_key, "By surname, then first name."),),
)
