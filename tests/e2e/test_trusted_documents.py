"""Trusted documents: what is registered for a client is asked by its id, and in mode enforced nothing else is."""

from __future__ import annotations

from datetime import date
from time import monotonic, sleep
from typing import Any, Final
from uuid import uuid4

import psycopg
import pytest

from server.identity.oauth.documents import Mode
from tests.e2e.live import PATIENCE, follower
from tests.e2e.programs import Program, registered
from tests.e2e.serving import Client, Server
from tests.e2e.trusted import Registry, Sender, digest, person_token
from tests.worlds import World, insert_world, small_school

NAMES: Final = "query Names { learners { nodes { givenName } } }"
ROLES: Final = "{ viewer { roles } }"
FOLLOWED: Final = "subscription Grades { gradeUpdated { id grade { value } } }"
SEES_NAMES: Final = (
    "query Names($born: Boolean! = false) { learners { nodes { givenName dateOfBirth @include(if: $born) } } }"
)
UNKNOWN: Final = ["DOCUMENT_NOT_REGISTERED"]
TRANSPORTS: Final = pytest.mark.parametrize("transport", ["http", "websocket", "sse"])
STREAMS: Final = pytest.mark.parametrize("transport", ["websocket", "sse"])


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"trusted {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def program(app_url: str, server: Server, school: World) -> Program:
    return registered(app_url, server.http, school)


@pytest.fixture
def registry(app_url: str, program: Program) -> Registry:
    return Registry(app_url, program)


@pytest.fixture
def sender(server: Server, program: Program, school: World) -> Sender:
    return Sender(server, program.token(school.school_id))


def names(answer: Any) -> set[str]:
    return {node["givenName"] for node in answer.data["learners"]["nodes"]}


def test_a_document_is_asked_by_its_id(registry: Registry, sender: Sender) -> None:
    """With or without the name of the digest, beside its own text too, and with variables."""
    key = registry.add(SEES_NAMES)
    for document_id in (key, f"sha256:{key}"):
        for query in ({}, {"query": SEES_NAMES}, {"query": ""}, {"query": None}):
            assert "Ann" in names(sender.post(documentId=document_id, **query))
    born = sender.post(documentId=key, variables={"born": True}, operationName="Names")
    assert {"givenName", "dateOfBirth"} == set(born.data["learners"]["nodes"][0])
    assert "Ann" in names(sender.post(query=NAMES))


@TRANSPORTS
def test_enforced_means_nothing_else(registry: Registry, sender: Sender, transport: str) -> None:
    """Over each transport: the text of a registered document is one, by one blank more it is none."""
    key = registry.add(NAMES)
    registry.mode(Mode.ENFORCED)
    assert sender.over(transport, documentId=key) == []
    assert sender.over(transport, query=NAMES) == []
    for members in ({"query": f"{NAMES} "}, {"query": ROLES}, {"query": "{ __schema { types { name } } }"}):
        assert sender.over(transport, **members) == UNKNOWN
    assert sender.over(transport, query="no document at all") == UNKNOWN


@TRANSPORTS
def test_what_is_unknown_is_alike(
    app_url: str, server: Server, registry: Registry, sender: Sender, transport: str
) -> None:
    """Another client's document, one that ended, one that never was, and what is no id: one answer, byte for byte."""
    theirs = Registry(app_url, registered(app_url, server.http)).add(ROLES)
    ended = registry.add(NAMES)
    registry.end(ended)
    ids = [theirs, ended, digest("nothing"), "0" * 63, ended.upper(), f"md5:{ended}", "", "\u00e4" * 500]
    for mode in (None, Mode.ENFORCED):
        registry.mode(mode)
        assert {tuple(sender.over(transport, documentId=one)) for one in ids} == {tuple(UNKNOWN)}
        assert len({str(sender.post(documentId=one)) for one in ids}) == 1
    assert str(sender.post(documentId=theirs)) == str(sender.post(query=ROLES))


def test_a_token_of_no_client_has_no_documents(server: Server, school: World, registry: Registry) -> None:
    """It asks what it likes, and an id is unknown to it."""
    key = registry.add(NAMES)
    teacher = Sender(server, server.client(school, "teacher").token)
    assert teacher.post(documentId=key).codes == UNKNOWN
    assert "Ann" in names(teacher.post(query=NAMES))


@TRANSPORTS
@pytest.mark.parametrize(
    "members",
    [
        {"documentId": 7},
        {"documentId": ["a"]},
        {"documentId": {"a": 1}, "query": ROLES},
        {"documentId": None},
        {"documentId": True},
        {"query": None},
        {"documentId": "a", "query": 7},
        {},
    ],
)
def test_other_types_are_malformed(sender: Sender, transport: str, members: dict[str, Any]) -> None:
    """As other members are."""
    if transport == "http":
        answer = sender.post(**members)
        assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])
    elif transport == "sse":
        headers = {"Authorization": f"Bearer {sender.token}", "Accept": "text/event-stream"}
        assert sender.server.http.post("/graphql", json=members, headers=headers).status_code == 400


@TRANSPORTS
def test_an_id_beside_another_text_is_refused(registry: Registry, sender: Sender, transport: str) -> None:
    """Whether the text is registered or not."""
    key, other = registry.add(NAMES), registry.add(ROLES)
    for mode in (None, Mode.ENFORCED):
        registry.mode(mode)
        persisted = {"persistedQuery": {"version": 1, "sha256Hash": key}}
        for members in (
            {"documentId": key, "query": ROLES},
            {"documentId": other, "query": "{ school { id } }"},
            {"extensions": persisted, "query": ROLES},
        ):
            assert sender.over(transport, **members) == ["BAD_USER_INPUT"]


def test_apps_of_families_are_enforced_unless_the_operator_says_otherwise(
    server: Server, school: World, registry: Registry
) -> None:
    """A parent's and a learner's token of the client; the staff's own isn't, until a mode is chosen."""
    client = registry.program.client_id
    key = registry.add(ROLES)
    senders = {
        handle: Sender(server, person_token(server, school, handle, capacity, client))
        for handle, capacity in (("pat", "PARENT"), ("ann", "LEARNER"), ("teacher", "STAFF"))
    }
    free = "{ viewer { capabilities } }"
    assert {handle: one.post(query=free).codes for handle, one in senders.items()} == {
        "pat": UNKNOWN, "ann": UNKNOWN, "teacher": [],
    }  # fmt: skip
    assert all(one.post(documentId=key).data["viewer"]["roles"] for one in senders.values())
    registry.mode(Mode.OPEN)
    assert all(one.post(query=free).codes == [] for one in senders.values())
    registry.mode(Mode.ENFORCED)
    assert all(one.post(query=free).codes == UNKNOWN for one in senders.values())
    plain = Sender(server, person_token(server, school, "pat", "PARENT", None))
    assert plain.post(query=free).codes == []


def test_every_worker_knows_at_once(servers: list[Server], school: World, registry: Registry) -> None:
    """What is added, ended or enforced holds for the next operation, at workers that remember otherwise."""
    token = registry.program.token(school.school_id)
    senders = [Sender(server, token) for server in servers]
    key = digest(NAMES)
    assert all(one.post(documentId=key).codes == UNKNOWN for one in senders)
    registry.add(NAMES)
    assert all(one.post(documentId=key).codes == [] for one in senders)
    registry.end(key)
    assert all(one.post(documentId=key).codes == UNKNOWN for one in senders)
    assert all(one.post(query=NAMES).codes == [] for one in senders)
    registry.mode(Mode.ENFORCED)
    assert all(one.post(query=NAMES).codes == UNKNOWN for one in senders)
    registry.add(NAMES)
    assert all(one.post(query=NAMES).codes == [] for one in senders)


def test_a_document_that_ended_is_not_answered_when_a_factor_is_demanded_no_more(
    registry: Registry, server: Server, school: World, owner_url: str
) -> None:
    """The role and the document ended behind the worker's back: it looks anew at the person, and at the document, too."""
    key, kept = registry.add(ROLES), registry.add(NAMES)
    token = person_token(server, school, "dpo", "STAFF", registry.program.client_id, factor=False)
    officer = Sender(server, token)
    assert officer.post(documentId=key).codes == officer.post(documentId=kept).codes == ["SECOND_FACTOR_REQUIRED"]
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "UPDATE usher.role_assignment SET role = 'class_teacher' WHERE school_id = %s AND person_id = %s",
            [school.school_id, school.ids["dpo"]],
        )
    registry.end(key)
    assert officer.post(documentId=key).codes == UNKNOWN
    assert officer.post(documentId=kept).codes == []


@STREAMS
@pytest.mark.parametrize("mode", [None, Mode.ENFORCED])
def test_a_stream_closes_when_its_document_ends(
    registry: Registry, server: Server, school: World, transport: str, mode: Mode | None
) -> None:
    """Though it began by its id, and nothing of the account changed; another stream of the client goes on."""
    key, kept = registry.add(FOLLOWED), registry.add(f"{FOLLOWED} ")
    registry.mode(mode)
    client = Client(server.http, person_token(server, school, "teacher", "STAFF", registry.program.client_id))
    with (
        follower(transport, server, client, payload={"documentId": key}) as live,
        follower(transport, server, client, payload={"documentId": kept}) as other,
    ):
        registry.end(key)
        assert live.ended() == "DOCUMENT_NOT_REGISTERED"
        registry.end(kept)
        assert other.ended() == "DOCUMENT_NOT_REGISTERED"


@STREAMS
def test_a_stream_closes_when_its_client_is_enforced(
    registry: Registry, server: Server, school: World, transport: str
) -> None:
    """That began by a text which nobody registered."""
    client = Client(server.http, person_token(server, school, "teacher", "STAFF", registry.program.client_id))
    with follower(transport, server, client, FOLLOWED) as live:
        registry.mode(Mode.ENFORCED)
        assert live.ended() == "DOCUMENT_NOT_REGISTERED"


def test_the_registered_purpose_counts(registry: Registry, server: Server, school: World, owner_url: str) -> None:
    """In the audit row, whatever the header says; without a registration the header's does."""
    senco = Sender(server, person_token(server, school, "senco", "STAFF", registry.program.client_id))
    document = "query Notes { learners { nodes { sen { provision } } } }"
    assert senco.post(query=document, purpose="welfare").codes == []
    key = registry.add(document, "additional_needs")
    for members in ({"documentId": key}, {"query": document}):
        assert senco.post(**members, purpose="welfare").codes == []
        assert senco.post(**members, purpose="no such purpose").codes == []
    with psycopg.connect(owner_url) as connection:
        rows = connection.execute(
            "SELECT purpose, document_digest FROM usher.audit_operation WHERE school_id = %s AND client_id = %s"
            " ORDER BY audit_id",
            [school.school_id, registry.program.client_id],
        ).fetchall()
    assert {row[1] for row in rows} == {key}
    assert [row[0] for row in rows] == ["welfare", *["additional_needs"] * 4]


def test_no_text_is_logged_or_told(registry: Registry, sender: Sender, server: Server) -> None:
    """A name in a document's own text stays in it: not in an error, not in a line of the log, in any mode."""
    canary = f"c4nary{digest(registry.program.client_id)[:12]}"
    document = f'query {{ learners(filter: {{ yearGroup: {{ eq: "{canary}" }} }}) {{ nodes {{ id }} }} }}'
    key = registry.add(document)
    told: list[str] = []
    for mode in (None, Mode.REPORT_ONLY, Mode.ENFORCED):
        registry.mode(mode)
        told += [str(sender.post(documentId=key)), str(sender.post(query=f"{document} "))]
        told.append(str(sender.post(documentId=canary)))
    assert [text for text in (*told, server.log.read_text()) if canary in text] == []


def test_report_only_answers_and_counts(registry: Registry, sender: Sender, owner_url: str) -> None:
    """By digest, never by text; what is registered, refused or not valid isn't counted."""
    key = registry.add(NAMES)
    registry.mode(Mode.REPORT_ONLY)
    for _ in range(3):
        assert sender.post(query=ROLES).codes == []
    assert sender.post(query=NAMES).codes == sender.post(documentId=key).codes == []
    assert sender.post(documentId=digest(ROLES)).codes == UNKNOWN
    assert sender.post(query="{ nothing }").codes == ["BAD_USER_INPUT"]

    def counted() -> list[tuple[Any, ...]]:
        with psycopg.connect(owner_url) as connection:
            statement = "SELECT digest, times, first_at <= last_at FROM usher.document_report WHERE client_id = %s"
            return connection.execute(statement, [registry.program.client_id]).fetchall()

    deadline = monotonic() + PATIENCE
    while (rows := counted()) != [(digest(ROLES), 3, True)] and monotonic() < deadline:
        sleep(0.1)
    assert rows == [(digest(ROLES), 3, True)]
