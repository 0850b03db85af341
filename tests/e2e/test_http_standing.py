"""What a person may see changes with their training, roles, links and account: the next operation shows it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, LiteralString
from uuid import uuid4

import httpx
import psycopg
import pytest
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.routing import Route

from server import tables
from server.database.pool import Pool
from server.identity.tokens import TokenIssuer, TokenVerifier
from server.resolvers.execution import Execution
from server.web.endpoint import GraphQLEndpoint
from tests.e2e.serving import Client, Server, capacity_of
from tests.signing import OneKey
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

NEEDS = "{ learners { nodes { givenName sen { needs } withheld { reason } } } }"
NAMES = "{ learners { nodes { givenName } } }"
MARKS = "{ learners { nodes { givenName marks { nodes { state } } } } }"
REPORTS = "{ reports { nodes { id } } }"

Seen = set[str]


def needs(data: dict[str, Any]) -> Seen:
    """Whose needs are shown, or the one reason why nobody's are."""
    rows = data["learners"]["nodes"]
    shown = {row["givenName"] for row in rows if row["sen"]["needs"]}
    return shown or {entry["reason"] for row in rows for entry in row["withheld"]}


def names(data: dict[str, Any]) -> Seen:
    return {row["givenName"] for row in data["learners"]["nodes"]}


def marks(data: dict[str, Any]) -> Seen:
    return {row["givenName"] for row in data["learners"]["nodes"] if row["marks"]["nodes"]}


def reports(data: dict[str, Any]) -> Seen:
    return {row["id"][:3] for row in data["reports"]["nodes"]}


ALL = {"Ann", "Bob", "Cat", "Dan", "Eve", "Fay", "Gus", "Hal"}
PERSON = "{person}"

# who, document, what it shows before, the change, what it shows afterwards; None: the account is turned away
Change = tuple[str, str, Callable[[dict[str, Any]], Seen], Seen, LiteralString, Seen | None]
CHANGES: dict[str, Change] = {
    "a certificate ends": (
        "senco", NEEDS, needs, ALL,
        "UPDATE usher.training_certificate SET expires_on = %(today)s WHERE school_id = %(school)s"
        " AND person_id = %(person)s",
        {"TRAINING_REQUIRED"},
    ),
    "a certificate is renewed": (
        "senco-untrained", NEEDS, needs, {"TRAINING_REQUIRED"},
        "UPDATE usher.training_certificate SET expires_on = %(today)s + 300 WHERE school_id = %(school)s"
        " AND person_id = %(person)s",
        ALL,
    ),
    "a role ends": (
        "senco", NAMES, names, ALL,
        "UPDATE usher.role_assignment SET valid_to = %(today)s WHERE school_id = %(school)s AND person_id = %(person)s",
        set(),
    ),
    "a role is exchanged for a lesser one": (
        "senco", NEEDS, needs, ALL,
        "UPDATE usher.role_assignment SET role = 'dpo' WHERE school_id = %(school)s AND person_id = %(person)s",
        {"NOT_PERMITTED"},
    ),
    "an account ends": (
        "senco", NAMES, names, ALL,
        "UPDATE usher.access_profile SET valid_to = %(today)s WHERE school_id = %(school)s AND person_id = %(person)s",
        None,
    ),
    "an account is removed": (
        "dsl", NAMES, names, ALL,
        "DELETE FROM usher.access_profile WHERE school_id = %(school)s AND person_id = %(person)s",
        None,
    ),
    "a link ends": (
        "pat", NAMES, names, {"Ann"},
        "UPDATE usher.guardian_link SET valid_to = %(today)s WHERE school_id = %(school)s AND guardian_id = %(person)s",
        set(),
    ),
    "a link loses its verification": (
        "quinn", REPORTS, reports, {"rep"},
        "UPDATE usher.guardian_link SET verified_at = NULL WHERE school_id = %(school)s AND guardian_id = %(person)s",
        set(),
    ),
    "a link is verified": (
        "pat", NAMES, names, {"Ann"},
        "UPDATE usher.guardian_link SET verified_at = now() WHERE school_id = %(school)s AND guardian_id = %(person)s",
        {"Ann", "Cat"},
    ),
    "a grant ends": (
        "mis", NAMES, names, ALL - {"Gus"},
        "UPDATE usher.client_grant SET valid_to = %(today)s WHERE school_id = %(school)s AND person_id = %(person)s",
        set(),
    ),
    "one scope of a grant ends": (
        "mis", NAMES, names, ALL - {"Gus"},
        "UPDATE usher.client_grant SET valid_to = %(today)s WHERE school_id = %(school)s AND person_id = %(person)s"
        " AND scope = 'roster-core.readonly'",
        set(),
    ),
    "teaching ends": (
        "teacher", MARKS, marks, {"Ann", "Eve"},
        "UPDATE usher.teaching_assignment SET valid_to = %(today)s WHERE school_id = %(school)s"
        " AND staff_id = %(person)s",
        set(),
    ),
    "a learner moves to another class": (
        "teacher", MARKS, marks, {"Ann", "Eve"},
        "UPDATE usher.enrolment SET valid_to = %(today)s WHERE school_id = %(school)s AND learner_id = %(ann)s",
        {"Eve"},
    ),
    "a caseload ends": (
        "pastoral", "{ learners { nodes { givenName marks: attendance { possible } } } }",
        lambda data: {row["givenName"] for row in data["learners"]["nodes"] if row["marks"]["possible"]},
        {"Bob", "Eve"},
        "UPDATE usher.learner_assignment SET valid_to = %(today)s WHERE school_id = %(school)s"
        " AND staff_id = %(person)s AND learner_id = %(bob)s",
        {"Eve"},
    ),
    "a publication is withdrawn": (
        "ann", REPORTS, reports, {"rep"},
        "UPDATE usher.publication SET status = 'WITHDRAWN' WHERE school_id = %(school)s",
        set(),
    ),
    "processing is restricted": (
        "teacher", MARKS, marks, {"Ann", "Eve"},
        "INSERT INTO usher.learner_flag (school_id, flag_id, learner_id, kind, valid_from, decided_by)"
        " VALUES (%(school)s, gen_random_uuid(), %(ann)s, 'RESTRICTED', %(today)s, %(head)s)",
        {"Eve"},
    ),
}  # fmt: skip
# Relations are looked at in each statement; what a plan rests on is remembered, and its change raises the version.
REMEMBERED = {
    "a certificate ends", "a certificate is renewed", "a role ends", "a role is exchanged for a lesser one",
    "an account ends", "a grant ends", "one scope of a grant ends",
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_shows_in_the_next_operation(
    server: Server, app_url: str, owner_url: str, today: date, change: str
) -> None:
    """The same token, a moment later."""
    handle, document, see, before, statement, after = CHANGES[change]
    world = wide_school(f"standing {uuid4()}", today)
    insert_world(app_url, world)
    client = server.client(world, handle)
    assert see(client.ask(document).data) == before
    with psycopg.connect(owner_url) as connection:
        _change(connection, world, handle, statement)
        if change in REMEMBERED:
            connection.execute(
                "UPDATE usher.access_profile SET profile_version = profile_version + 1"
                " WHERE school_id = %s AND person_id = %s",
                [world.school_id, world.ids[handle]],
            )
    if after is None:
        answer = client.ask(document)
        assert (answer.status, answer.codes, "data" in answer.body) == (401, ["UNAUTHENTICATED"], False)
    else:
        assert see(client.ask(document).data) == after


def _change(connection: psycopg.Connection[Any], world: World, handle: str, statement: LiteralString) -> None:
    named = {name: world.ids[name] for name in ("ann", "bob", "head")}
    cursor = connection.execute(
        statement, {"today": world.today, "school": world.school_id, "person": world.ids[handle], **named}
    )
    assert cursor.rowcount > 0


class Clocked:
    """The endpoint under a clock that a test sets, in this process."""

    def __init__(self, pool: Pool, world: World) -> None:
        self.now = datetime.now(UTC)
        self.key = ECKey.generate_key("P-256")
        self.key.ensure_kid()
        self.world = world
        execution = Execution(pool, bytes(32), clock=lambda: self.now)
        endpoint = GraphQLEndpoint(execution, TokenVerifier(OneKey(self.key)))
        self.app = Starlette(routes=[Route("/graphql", endpoint)])

    async def ask(self, handle: str, document: str) -> dict[str, Any]:
        token = TokenIssuer(self.key).issue(
            self.world.school_id, self.world.ids[handle], capacity_of(self.world, handle), 600, factor=True
        )
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://usher") as http:
            response = await http.post(
                "/graphql", json={"query": document}, headers={"Authorization": f"Bearer {token}"}
            )
        assert response.status_code in (200, 401), response.text
        return response.json()


DATES: dict[str, tuple[str, str, Callable[[dict[str, Any]], Seen], int, Seen, Seen | None]] = {
    # who, document, what it shows, the day on which it changes, before, from that day on
    "a certificate": ("senco", NEEDS, needs, 300, ALL, {"TRAINING_REQUIRED"}),
    "a role": ("year-head", NAMES, names, 3, ALL, set()),
    "a grant": ("mis", NAMES, names, 30, ALL - {"Gus"}, set()),
    "a link": ("quinn", NAMES, names, 4, {"Cat"}, set()),
    "an account": ("tutor", NAMES, names, 5, ALL, None),
    "a cover": (
        "cover-trained", "{ learners { nodes { givenName medical { conditions } } } }",
        lambda data: {row["givenName"] for row in data["learners"]["nodes"] if row["medical"]["conditions"]},
        2, {"Cat", "Hal"}, set(),
    ),
    "a class that begins": ("next-teacher", MARKS, marks, 30, set(), {"Dan"}),
}  # fmt: skip


def _dated(world: World) -> None:
    for table, person, column, handle, days in (
        (tables.RoleAssignmentRow, "person_id", "valid_to", "year-head", 3),
        (tables.GuardianLinkRow, "guardian_id", "valid_to", "quinn", 4),
        (tables.AccessProfileRow, "person_id", "valid_to", "tutor", 5),
    ):
        for row in world.rows[table]:
            if row[person] == world.ids[handle]:
                row[column] = world.days(days)


@pytest.mark.parametrize("thing", DATES)
async def test_a_date_passes_without_any_change(pool: Pool, app_url: str, today: date, thing: str) -> None:
    """The last day still counts, the end date no longer; nothing was written, and the worker remembers the person."""
    handle, document, see, days, before, after = DATES[thing]
    world = wide_school(f"dates {uuid4()}", today)
    _dated(world)
    insert_world(app_url, world)
    clocked = Clocked(pool, world)
    for moment, wanted in (
        (clocked.now, before),
        (datetime.combine(today, datetime.min.time(), UTC) + timedelta(days=days, microseconds=-1), before),
        (datetime.combine(today, datetime.min.time(), UTC) + timedelta(days=days), after),
    ):
        clocked.now = moment
        answer = await clocked.ask(handle, document)
        if wanted is None:
            assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
            assert "data" not in answer
        else:
            assert see(answer["data"]) == wanted


def test_a_token_alone_gives_no_right(server: Server, app_url: str, today: date) -> None:
    """A valid signature for a person without an account, of another school or in another capacity opens nothing."""
    one, other = (wide_school(f"tokens {uuid4()}", today) for _ in range(2))
    for world in (one, other):
        insert_world(app_url, world)
    mixed = World(one.seed, today, one.school_id, {"head": other.ids["head"]}, other.rows)
    nobody = World(one.seed, today, one.school_id, {"head": uuid4()}, one.rows)
    away = World(one.seed, today, uuid4(), {"head": one.ids["head"]}, one.rows)
    for client in (
        *(server.client(world, "head", "STAFF") for world in (mixed, nobody, away)),
        server.client(one, "teacher", "LEARNER"),
        server.client(one, "pat", "STAFF"),
        Client(server.http, "no.such.token"),
    ):
        answer = client.ask(NAMES)
        assert (answer.status, answer.codes, "data" in answer.body) == (401, ["UNAUTHENTICATED"], False)
