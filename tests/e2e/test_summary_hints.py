"""Two schools that are one, but for who is protected there: the same operations tell their families the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from server import tables
from server.policies.rule import Rule
from server.policies.shipped import starting_book
from tests.database import Database
from tests.e2e.serving import Server
from tests.oracle.documents import DOCUMENTS
from tests.properties.summaries.naive import naive_counts
from tests.publishing import publish_version
from tests.worlds import World, insert_world, small_school

ASKERS = ("teacher", "english", "tutor", "year-head", "senco", "head", "data-manager", "mis", "support")
SHARED = ("personal", "special", "guardians", "hidden filter")
# What each shows beside an element decides here whether it shows at all.
STEERED: dict[str, Callable[[World], str]] = {
    "behind behaviour": lambda world: (
        f"{{ learners {{ nodes {{ behaviour(academicYear: {world.year}) {{ learner {{ gender sen {{ needs }} }} }} }} }} }}"
    ),
    "behind a filter": lambda _: (
        '{ learners(filter: {pupilPremium: {ne: "X"}}) { nodes { lookedAfter sen { needs } contact { phone } } } }'
    ),
    "a short page": lambda _: (
        "{ learners(first: 2, orderBy: [{field: SEN_PROVISION, direction: DESC}]) { nodes { medical { conditions } } } }"
    ),
    "in class": lambda _: "{ classes { nodes { name learners { sen { needs } lookedAfter contact { email } } } } }",
    "home and needs": lambda _: (
        "{ learners { nodes { contact { address } guardians { contact { phone } } ethnicity } } }"
    ),
}
MORE = (
    Rule("x1", "tutor", "name", "read", "protected", effect="deny"),
    Rule("x2", "head_of_year", "welfare", "read", "protected", effect="deny"),
    Rule("x3", "staff", "groups", "read", "protected", effect="deny"),
    Rule("x4", "senco", "medical", "read", "protected", effect="deny"),
    Rule("x5", "class_teacher", "medical_sen", "read", "taught", ("trained:sen",), ("log",)),
    Rule("x6", "mis_client", "gender", "read", "protected", effect="deny"),
)
Counts = Mapping[Any, int]


def school(database: Database, today: date, protected: Mapping[str, int], more: bool) -> World:
    """`protected` are days until now on which the protection of each began; the sibling bob shares eve's parent."""
    world = small_school(f"hints {uuid4()}", today)
    flags = [row for row in world.rows[tables.LearnerFlagRow] if row["kind"] != "PROTECTED"]
    world.rows[tables.LearnerFlagRow] = flags
    for table in (tables.AccessSummaryRow, tables.AccessSummaryReleaseRow, tables.AuditOperationRow):
        world.rows[table] = []
    for handle, days in protected.items():
        row = {**flags[0], "flag_id": world.new_id(), "learner_id": world.ids[handle], "kind": "PROTECTED"}
        world.add(tables.LearnerFlagRow, **{**row, "valid_from": world.days(-days)})
    link = world.rows[tables.GuardianLinkRow][0]
    world.add(tables.GuardianLinkRow, **{**link, "link_id": world.new_id(), "learner_id": world.ids["eve"]})
    insert_world(database.app_url, world)
    if more:
        book = starting_book()
        with psycopg.connect(database.owner_url) as connection:
            publish_version(connection, world.school_id, replace(book, rules=book.rules + MORE).content())
    return world


def asked(server: Server, world: World) -> None:
    """Everybody asks everything, as far as it is answered."""
    documents = {name: DOCUMENTS[name] for name in SHARED} | STEERED
    for handle in ASKERS:
        client = server.client(world, handle)
        for make in documents.values():
            client.ask(make(world), reason="As every week" if handle == "head" else None)


def told(server: Server, database: Database, world: World) -> Counts:
    """By learner and role, of all families."""
    document = "mutation { releaseAccessSummary(input: {confirm: true}) { released } }"
    assert server.client(world, "dpo").ask(document).data == {"releaseAccessSummary": {"released": True}}
    query = "SELECT learner_id, who, times FROM usher.access_summary WHERE school_id = %s AND times > 0"
    with psycopg.connect(database.owner_url) as connection:
        found = {(one, who): times for one, who, times in connection.execute(query, [world.school_id]).fetchall()}
    return by_handle(world, found)


def by_handle(world: World, counts: Counts) -> Counts:
    names = {key: handle for handle, key in world.ids.items()}
    return {(names[key], who): times for (key, who), times in counts.items()}


@pytest.mark.parametrize("more", [False, True], ids=["the starting book", "a book that withholds more"])
def test_nobodys_protection_changes_what_any_family_is_told(
    server: Server, database: Database, today: date, more: bool
) -> None:
    """Each child is protected in one school, since long or since today; the twins that count by days or names differ."""
    schools = [school(database, today, flags, more) for flags in ({"eve": 30, "ann": 0}, {"bob": 400, "dan": 1})]
    answers: list[Counts] = []
    for world in schools:
        asked(server, world)
        answers.append(told(server, database, world))
    for days in (True, False):
        with psycopg.connect(database.owner_url) as connection:
            naive = [by_handle(world, naive_counts(connection, world.school_id, days=days)) for world in schools]
        assert naive[0] != naive[1]
    assert answers[0] == answers[1]
    assert {who for _, who in answers[0]} >= {"SEN coordinators", "head teachers", "MIS clients"}
    assert {handle for handle, _ in answers[0]} >= {"ann", "bob", "dan", "eve"}
