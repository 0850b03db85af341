"""Who looked, by role and month: off until released, and silent about what must not show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from graphql import OperationDefinitionNode, parse

from server import tables
from server.commands.jobs.job import Desk as JobDesk
from server.commands.jobs.summaries import refresh_summaries
from server.compliance.mail import Mailer
from server.database.pool import Pool
from server.identity.principal import Principal
from server.policies.rule import Rule
from server.policies.shipped import shipped_ceiling, starting_book
from server.queries.reading import compile_reading, read_query
from server.queries.selection import Document
from server.resolvers.asked import Standings
from server.resolvers.schema import graphql_schema
from tests.database import Database
from tests.e2e.audit_desk import Desk
from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Client, Server
from tests.publishing import publish_version
from tests.worlds import World, insert_world, small_school

SUMMARY = "query($id: ID!) { learner(by: {id: $id}) { id accessSummary { month who times withheld { element } } } }"
CHANGE = "mutation($input: %sAccessSummaryInput!) { %sAccessSummary(input: $input) { released userErrors { code } } }"
Lines = list[dict[str, Any]]


@pytest.fixture
def world(database: Database, today: Any) -> World:
    """A school in which nothing is released and nothing reckoned; pat's children are ann and, protected, eve."""
    world = small_school(f"summary {uuid4()}", today)
    world.rows[tables.AccessSummaryRow] = []
    world.rows[tables.AccessSummaryReleaseRow] = []
    link = world.rows[tables.GuardianLinkRow][0]
    world.add(
        tables.GuardianLinkRow,
        **{**link, "link_id": world.new_id(), "learner_id": world.ids["eve"], "school_id": world.school_id},
    )
    insert_world(database.app_url, world)
    return world


@pytest.fixture
def desk(database: Database, world: World) -> Desk:
    morning = datetime.combine(world.today, time(0, 1), UTC)
    return Desk(world, database.app_url, database.audit_url or "", database.owner_url, morning)


def summary(client: Client, world: World, handle: str) -> Lines:
    learner = client.ask(SUMMARY, {"id": f"lrn_{world.ids[handle].hex}"}).data["learner"]
    assert all(line.pop("withheld") == [] for line in learner["accessSummary"])
    return learner["accessSummary"]


def change(client: Client, word: str, confirm: bool = True) -> dict[str, Any]:
    document = CHANGE % (word[0].upper() + word[1:], word)
    return client.ask(document, {"input": {"confirm": confirm}}).body


def released(body: Mapping[str, Any]) -> tuple[bool, list[str]]:
    [payload] = body["data"].values()
    return payload["released"], [error["code"] for error in payload["userErrors"]]


def looks(desk: Desk, handle: str, **facts: Any) -> None:
    """A read of that learner's special needs."""
    desk.write(1, **{"elements": {"sen_needs": [str(desk.world.ids[handle])]}, **facts})


def test_it_is_off_until_released_and_off_again_when_withdrawn(server: Server, world: World, desk: Desk) -> None:
    """For parents and learners alike; the officer alone switches, and each switch is logged."""
    looks(desk, "ann")
    looks(desk, "ann")
    looks(desk, "ann", role_names=("class_teacher", "tutor"))
    pat, ann, officer = (server.client(world, handle) for handle in ("pat", "ann", "dpo"))
    month = world.today.replace(day=1).isoformat()
    told = [
        {"month": month, "who": "SEN coordinators", "times": 2},
        {"month": month, "who": "class teachers", "times": 1},
    ]
    for expected, word in ((told, "release"), ([], "withdraw"), (told, "release")):
        assert summary(pat, world, "ann") == ([] if expected else told)
        assert released(change(officer, word)) == (word == "release", [])
        assert summary(pat, world, "ann") == summary(ann, world, "ann") == expected
    query = "SELECT details ->> 'change' FROM usher.audit_operation WHERE school_id = %s AND kind = 'write' ORDER BY 1"
    with psycopg.connect(desk.owner_url) as connection:
        written = [word for (word,) in connection.execute(query, [world.school_id]).fetchall() if word]
    assert written == ["accessSummaryReleased", "accessSummaryReleased", "accessSummaryWithdrawn"]


def test_a_second_switch_the_same_way_is_told(server: Server, world: World) -> None:
    """As an error of the payload."""
    officer = server.client(world, "dpo")
    assert released(change(officer, "withdraw")) == (False, ["NOT_RELEASED"])
    assert released(change(officer, "release")) == (True, [])
    assert released(change(officer, "release")) == (True, ["ALREADY_RELEASED"])


@pytest.mark.parametrize("handle", ["head", "teacher", "pat", "ann", "mis", "support", "data-manager"])
def test_nobody_else_switches(server: Server, world: World, desk: Desk, handle: str) -> None:
    """FORBIDDEN, and nothing has changed."""
    before = snapshot(desk.owner_url, world)
    for word in ("release", "withdraw"):
        [error] = change(server.client(world, handle), word)["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
    assert snapshot(desk.owner_url, world) == before


def test_the_switch_wants_a_yes(server: Server, world: World, desk: Desk) -> None:
    """It concerns all families."""
    before = snapshot(desk.owner_url, world)
    [error] = change(server.client(world, "dpo"), "release", confirm=False)["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert snapshot(desk.owner_url, world) == before


HIDDEN: dict[str, dict[str, Any]] = {
    "a safeguarding lead": {"role_names": ("dsl",)},
    "a safeguarding lead with another role": {"role_names": ("class_teacher", "dsl")},
    "broken glass": {"facts": ("break_glass", "reason", "trained:sen")},
    "the purpose of safeguarding": {"purpose": "safeguarding"},
    "a change": {"kind": "write"},
    "an import": {"kind": "import"},
    "another parent": {"capacity": "PARENT", "role_names": ("parent",)},
    "the learner": {"capacity": "LEARNER", "role_names": ("learner",)},
}


@pytest.mark.parametrize("what", HIDDEN)
def test_what_must_not_show_does_not_show(server: Server, world: World, desk: Desk, what: str) -> None:
    """The child of whom only that was done has the answer of a child of whom nothing was done."""
    looks(desk, "ann", **HIDDEN[what])
    released(change(server.client(world, "dpo"), "release"))
    assert summary(server.client(world, "ann"), world, "ann") == []
    assert summary(server.client(world, "bob", "LEARNER"), world, "bob") == []


def test_a_concern_hides_the_whole_operation(server: Server, world: World, desk: Desk) -> None:
    """What was read beside a safeguarding concern would tell that somebody looked into one."""
    ann = [str(world.ids["ann"])]
    looks(desk, "ann", elements={"safeguarding": ann, "sen_needs": ann, "behaviour": ann}, role_names=("head",))
    released(change(server.client(world, "dpo"), "release"))
    assert summary(server.client(world, "pat"), world, "ann") == []


def test_a_protected_child_is_told_of_as_any_other(server: Server, world: World, desk: Desk) -> None:
    """Whenever the protection began or ends: dated back, or ended, it takes no line away and brings none."""
    for handle in ("eve", "ann"):
        for _ in range(3):
            looks(desk, handle, role_names=("head",))
            looks(desk, handle, role_names=("class_teacher",))
    pat, officer = server.client(world, "pat"), server.client(world, "dpo")
    released(change(officer, "release"))
    told = summary(pat, world, "eve")
    assert [line["times"] for line in told] == [3, 3]
    for begins, ends in ((-400, None), (-400, -1), (0, None), (5, None)):
        desk.bypass(
            "UPDATE usher.learner_flag SET valid_from = %s, valid_to = %s WHERE school_id = %s AND learner_id = %s",
            values=[world.days(begins), ends and world.days(ends), world.school_id, world.ids["eve"]],
        )
        released(change(officer, "withdraw"))
        released(change(officer, "release"))
        assert summary(pat, world, "eve") == summary(pat, world, "ann") == told


LEFT_OUT: dict[str, dict[str, Any]] = {
    "the protected child's home": {"elements": ["guardian_contact"], "role_names": ("head",)},
    "its behaviour, which class teachers aren't told": {"elements": ["behaviour"], "role_names": ("head",)},
    "needs beside behaviour": {"asked": ["behaviour", "name", "sen_needs"], "role_names": ("class_teacher",)},
    "support, for whom the child isn't there": {"capacity": "OPERATOR", "role_names": ("vendor_support",)},
    "concerns asked for by who may read any": {
        "asked": ["name", "safeguarding", "sen_needs"],
        "role_names": ("head",),
        "facts": ("reason", "trained:safeguarding"),
    },
    "the log": {"asked": ["audit", "name"], "role_names": ("dpo",)},
    "a figure": {"details": {"fields": ["statistics"]}},
    "a census": {"kind": "export", "details": {"census": ["COUNT"]}},
}
COUNTED: dict[str, dict[str, Any]] = {
    "needs beside behaviour, by whom nothing is withheld": {"asked": ["behaviour", "name"], "role_names": ("head",)},
    "needs beside a home": {"elements": ["guardian_contact", "sen_needs"], "role_names": ("tutor",)},
    "concerns asked for in vain": {"asked": ["safeguarding", "sen_needs"], "role_names": ("class_teacher",)},
    "a report": {"kind": "export", "elements": ["grade"], "role_names": ("head",), "details": {"reports": 1}},
}


@pytest.mark.parametrize("what", [*LEFT_OUT, *COUNTED])
def test_what_is_withheld_of_protected_learners_counts_for_nobody(
    server: Server, world: World, desk: Desk, what: str
) -> None:
    """Also not what was named beside it, where it decides that: by what was asked, of the protected and of others."""
    facts = dict((LEFT_OUT | COUNTED)[what])
    asked = facts.pop("asked", None)
    for handle in ("ann", "bob", "eve"):
        named = {element: [str(world.ids[handle])] for element in facts.get("elements", ["sen_needs"])}
        footprint = {"read": asked or ["name", *named]}
        desk.write(1, **{**facts, "elements": named, "footprint": footprint})
    officer = server.client(world, "dpo")
    released(change(officer, "release"))
    for handle in ("ann", "bob", "eve"):
        assert [line["times"] for line in summary(officer, world, handle)] == ([1] if what in COUNTED else [])


def test_a_rule_of_any_version_counts(server: Server, world: World, desk: Desk, database: Database) -> None:
    """A rule that a later version dropped withholds still, of everybody: lines change for all families together."""
    book = starting_book()
    rule = Rule("x1", "senco", "sen_needs", "read", "protected", effect="deny")
    for handle in ("ann", "eve"):
        looks(desk, handle)
    pat, officer = server.client(world, "pat"), server.client(world, "dpo")
    released(change(officer, "release"))
    assert [len(summary(pat, world, handle)) for handle in ("ann", "eve")] == [1, 1]
    for rules in ((*book.rules, rule), book.rules):
        with psycopg.connect(database.owner_url) as connection:
            publish_version(connection, world.school_id, replace(book, rules=rules).content())
        released(change(officer, "withdraw"))
        released(change(officer, "release"))
        assert [len(summary(pat, world, handle)) for handle in ("ann", "eve")] == [0, 0]


def test_no_month_keeps_what_was_reckoned_under_other_rules(
    server: Server, world: World, desk: Desk, database: Database
) -> None:
    """However old: what an earlier program counted by days of protection would hint for ever."""
    for month in (world.today.replace(day=1), world.days(-200).replace(day=1), world.days(-900).replace(day=1)):
        desk.bypass(
            "INSERT INTO usher.access_summary (school_id, learner_id, month, who, times, computed_at)"
            " VALUES (%s, %s, %s, 'others', 7, now())",
            values=[world.school_id, world.ids["eve"], month],
        )
    pat, officer = server.client(world, "pat"), server.client(world, "dpo")
    released(change(officer, "release"))
    assert summary(pat, world, "eve") == summary(officer, world, "eve") == []
    assert _counted(database, world) == [("others", 0)] * 3


def test_a_version_that_cant_be_read_tells_nothing(
    server: Server, world: World, desk: Desk, database: Database
) -> None:
    """What it withheld is not known: the release is refused, and nothing is counted."""
    looks(desk, "ann")
    with psycopg.connect(database.owner_url) as connection:
        publish_version(connection, world.school_id, "no book", "0" * 64)
        publish_version(connection, world.school_id, starting_book().content())
    [error] = change(server.client(world, "dpo"), "release")["errors"]
    assert error["extensions"]["code"] == "POLICY_UNAVAILABLE"
    assert _counted(database, world) == []
    assert summary(server.client(world, "pat"), world, "ann") == []


async def test_one_statement_answers_for_both(database: Database, world: World) -> None:
    """The text that PostgreSQL is sent for a protected child is that for any other: nothing in it depends on the child."""
    principal = Principal(world.school_id, world.ids["pat"], "PARENT", None, "", 0)
    operation = parse(SUMMARY).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    texts: list[str] = []
    async with Pool(database.app_url, min_size=1, max_size=1) as pool:
        asked = await Standings(pool, shipped_ceiling()).of(principal, datetime.now(UTC), None, None)
    for handle in ("ann", "eve"):
        document = Document({}, {"id": f"lrn_{world.ids[handle].hex}"})
        reading = read_query(graphql_schema(), document, operation.selection_set)
        texts.append(compile_reading(reading, asked.planner, asked.profile).statement.text)
    assert texts[0] == texts[1]
    assert "audit_operation" not in texts[0]
    assert "audit_subject" not in texts[0]


async def test_the_nightly_job_reckons_what_is_released(
    server: Server, world: World, desk: Desk, database: Database, tmp_path: Path
) -> None:
    """In an officer's name; a school that released nothing, or has no officer, is left alone; counts fall as well."""
    officer, ann = server.client(world, "dpo"), server.client(world, "ann")
    looks(desk, "ann")
    async with Pool(database.app_url, min_size=1, max_size=2) as pool:
        jobs = JobDesk(pool, None, tmp_path, Mailer(None, "", tmp_path))
        await refresh_summaries(jobs, datetime.now(UTC))
        assert _counted(database, world) == []
        released(change(officer, "release"))
        looks(desk, "ann")
        assert [line["times"] for line in summary(ann, world, "ann")] == [1]
        await refresh_summaries(jobs, datetime.now(UTC))
        assert [line["times"] for line in summary(ann, world, "ann")] == [2]
        desk.bypass(
            "UPDATE usher.audit_operation SET purpose = 'safeguarding' WHERE school_id = %s", values=[world.school_id]
        )
        await refresh_summaries(jobs, datetime.now(UTC))
        assert summary(ann, world, "ann") == []
        desk.bypass(
            "UPDATE usher.role_assignment SET valid_to = current_date WHERE role = 'dpo' AND school_id = %s",
            values=[world.school_id],
        )
        desk.bypass("UPDATE usher.audit_operation SET purpose = NULL WHERE school_id = %s", values=[world.school_id])
        await refresh_summaries(jobs, datetime.now(UTC))
        assert summary(ann, world, "ann") == []


def _counted(database: Database, world: World) -> Sequence[Any]:
    with psycopg.connect(database.owner_url) as connection:
        query = "SELECT who, times FROM usher.access_summary WHERE school_id = %s"
        return connection.execute(query, [world.school_id]).fetchall()
