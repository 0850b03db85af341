"""Rule books while four worker processes serve: one a school, changed by plain SQL, never two in one answer."""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from uuid import uuid4

import psycopg
import pytest

from server.policies.rule_book import RuleBook
from server.policies.shipped import starting_book
from tests.conftest import SERVERS
from tests.e2e.publishing import publish, publish_text, read_rule, with_rules, without
from tests.e2e.rewriting import rewritten
from tests.e2e.serving import Answer, Server
from tests.publishing import publish_version
from tests.worlds import World, insert_world, small_school

FLIPS = 40
MakeSchool = Callable[[], World]

# What a class teacher reads of a learner in front of him: r116 gender, r113 attendance.
ASKED = "{ learners { nodes { id gender attendance { possible } withheld { element reason } } } }"


@pytest.fixture
def make_school(app_url: str, today: date) -> MakeSchool:
    def make() -> World:
        world = small_school(f"rule books {uuid4()}", today)
        insert_world(app_url, world)
        return world

    return make


def shown(answer: Answer) -> set[str]:
    """Which of the two elements the answer shows of anybody; a reason stands for each that it withholds."""
    found: set[str] = set()
    for row in answer.data["learners"]["nodes"]:
        values = {"GENDER": row["gender"], "ATTENDANCE": row["attendance"]["possible"]}
        seen = {element for element, value in values.items() if value is not None}
        assert {entry["element"] for entry in row["withheld"]} == values.keys() - seen
        found |= seen
    return found


def everywhere(servers: list[Server], world: World, handle: str = "teacher") -> list[set[str]]:
    return [shown(server.client(world, handle).ask(ASKED)) for server in servers]


def test_two_schools_have_different_rule_books(servers: list[Server], make_school: MakeSchool, owner_url: str) -> None:
    """The same account of two schools reads what each school's own book says, in every worker."""
    one, other = make_school(), make_school()
    publish(owner_url, other, without("r116"))
    assert everywhere(servers, one) == [{"GENDER", "ATTENDANCE"}] * SERVERS
    assert everywhere(servers, other) == [{"ATTENDANCE"}] * SERVERS
    assert everywhere(servers, one) == [{"GENDER", "ATTENDANCE"}] * SERVERS


def test_a_version_published_by_sql_holds_for_the_next_operation_of_each_worker(
    servers: list[Server], make_school: MakeSchool, owner_url: str
) -> None:
    """Each worker has planned under the old version; none answers by it once the new one is committed."""
    world, other = make_school(), make_school()
    for book, wanted in (
        (None, {"GENDER", "ATTENDANCE"}),
        (without("r116"), {"ATTENDANCE"}),
        (without("r113"), {"GENDER"}),
        (without("r113", "r116"), set[str]()),
        (starting_book(), {"GENDER", "ATTENDANCE"}),
    ):
        if book is not None:
            publish(owner_url, world, book)
        assert everywhere(servers, world) == [wanted] * SERVERS
        assert everywhere(servers, other) == [{"GENDER", "ATTENDANCE"}] * SERVERS


def test_a_version_that_is_not_committed_holds_for_nobody(
    servers: list[Server], make_school: MakeSchool, owner_url: str
) -> None:
    """The moment of a change is its COMMIT."""
    world, book = make_school(), without("r116")
    with closing(psycopg.connect(owner_url)) as connection:
        assert publish_version(connection, world.school_id, book.content()) == 2
        assert everywhere(servers, world) == [{"GENDER", "ATTENDANCE"}] * SERVERS
        connection.commit()
    assert everywhere(servers, world) == [{"ATTENDANCE"}] * SERVERS


def _unknown_word(book: RuleBook) -> str:
    held = json.loads(book.content())
    held["rules"][0]["element"] = "telephone"
    return json.dumps(held, sort_keys=True, separators=(",", ":"))


def _short_row(book: RuleBook) -> str:
    held = json.loads(book.content())
    del held["rules"][0]["effect"]
    return json.dumps(held, sort_keys=True, separators=(",", ":"))


def _capital(book: RuleBook) -> str:
    return book.content().replace('"effect":"deny"', '"effect":"Deny"', 1)


BROKEN: dict[str, Callable[[RuleBook], str]] = {
    "no JSON": lambda _: "p, r001, staff, structure, read",
    "empty": lambda _: "",
    "a list": lambda _: "[]",
    "null": lambda _: "null",
    "deep": lambda _: "[" * 100_000,
    "an unknown element": _unknown_word,
    "a short row": _short_row,
    "a capital letter": _capital,
    "other spacing": lambda book: json.dumps(json.loads(book.content())),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_version_that_is_not_understood_yields_nothing(
    servers: list[Server], make_school: MakeSchool, owner_url: str, fault: str
) -> None:
    """Every operation fails closed with POLICY_UNAVAILABLE, writes included, until a good version is published."""
    world, other = make_school(), make_school()
    everywhere(servers, world)
    content = BROKEN[fault](starting_book())
    publish_text(owner_url, world, content, hashlib.sha256(content.encode()).hexdigest())
    _closed(servers, world)
    assert everywhere(servers, other) == [{"GENDER", "ATTENDANCE"}] * SERVERS
    publish(owner_url, world, without("r116"))
    assert everywhere(servers, world) == [{"ATTENDANCE"}] * SERVERS


@pytest.mark.parametrize("digest", ["0" * 64, "", starting_book().digest()])
def test_a_version_with_a_wrong_digest_yields_nothing(
    servers: list[Server], make_school: MakeSchool, owner_url: str, digest: str
) -> None:
    """Content that is understood, but is not what was hashed."""
    world = make_school()
    everywhere(servers, world)
    publish_text(owner_url, world, without("r116").content(), digest)
    _closed(servers, world)
    publish(owner_url, world, starting_book())
    assert everywhere(servers, world) == [{"GENDER", "ATTENDANCE"}] * SERVERS


REWRITTEN: dict[str, dict[str, str]] = {
    "content": {"content": without("r113").content(), "digest": without("r113").digest()},
    "reason": {"reason": "Another one"},
    "the version before": {"previous_chain": "f" * 64, "chain": "relinked"},
    "a founding": {"kind": "FOUNDED", "previous_version": "", "previous_chain": "", "chain": "relinked"},
}


@pytest.mark.parametrize("what", REWRITTEN)
def test_a_version_whose_link_does_not_hold_yields_nothing(
    servers: list[Server], make_school: MakeSchool, owner_url: str, what: str
) -> None:
    """The owner takes the constraints away and rewrites a version, once with a link of its own: it opens nothing."""
    world = make_school()
    publish(owner_url, world, without("r116"))
    with rewritten(owner_url, world, 2, REWRITTEN[what]):
        _closed(servers, world)
    assert everywhere(servers, world) == [{"ATTENDANCE"}] * SERVERS


def test_an_adopted_version_is_used_as_its_link_says(
    servers: list[Server], make_school: MakeSchool, owner_url: str
) -> None:
    """It needs no approval, and may begin a chain; its link has to hold as every other's."""
    world = make_school()
    publish(owner_url, world, without("r116"))
    adopted = {"kind": "ADOPTED", "chain": "relinked"}
    with rewritten(owner_url, world, 2, {"kind": "ADOPTED"}):
        _closed(servers, world)
    with rewritten(owner_url, world, 2, {**adopted, "previous_chain": "f" * 64}):
        _closed(servers, world)
    with rewritten(owner_url, world, 2, {**adopted, "previous_version": "", "previous_chain": ""}):
        assert everywhere(servers, world) == [{"ATTENDANCE"}] * SERVERS


def _closed(servers: list[Server], world: World) -> None:
    mark = {"learner": f"lrn_{world.ids['ann'].hex}", "assessment": f"asm_{world.ids['maths-10 paper 1'].hex}"}
    given = {"i": {"marks": [mark | {"score": "1"}], "idempotencyKey": "closed"}}
    for server in servers:
        for handle in ("teacher", "head", "pat", "mis", "ann"):
            client = server.client(world, handle)
            for document in (ASKED, "{ viewer { roles } }", "{ school { name } dataCatalogue { visibleTo } }"):
                answer = client.ask(document)
                assert (answer.codes, answer.body.get("data")) == (["POLICY_UNAVAILABLE"], None), answer
        write = "mutation($i: RecordMarksInput!) { recordMarks(input: $i) { marks { id } userErrors { code } } }"
        assert server.client(world, "teacher").ask(write, given).codes == ["POLICY_UNAVAILABLE"]


def test_no_answer_mixes_two_versions(servers: list[Server], make_school: MakeSchool, owner_url: str) -> None:
    """Versions that show one of two elements each take turns under load: no answer shows both, or none."""
    world = make_school()
    books = (without("r113"), without("r116"))
    publish(owner_url, world, books[0])
    done = threading.Event()

    def read(server: Server) -> Counter[str]:
        seen: Counter[str] = Counter()
        client = server.client(world, "teacher")
        while not done.is_set():
            # Two root fields of one operation, so that a plan made between them would be seen.
            document = f"{ASKED[:-2]} more: {ASKED[2:-2].strip()} }}"
            answer = client.ask(document)
            if answer.codes == ["POLICY_UNAVAILABLE"]:
                seen["changing"] += 1
                continue
            parts = [shown(Answer(200, {"data": {"learners": answer.data[key]}})) for key in ("learners", "more")]
            assert parts[0] == parts[1], parts
            seen[" ".join(sorted(parts[0]))] += 1
        return seen

    with ThreadPoolExecutor(2 * SERVERS) as threads:
        readers = [threads.submit(read, server) for server in servers for _ in range(2)]
        try:
            for flip in range(FLIPS):
                publish(owner_url, world, books[(flip + 1) % 2])
                # Let some operations happen under each version: as many as servers, by this one.
                wanted = {"GENDER"} if books[(flip + 1) % 2] is books[0] else {"ATTENDANCE"}
                assert shown(servers[flip % SERVERS].client(world, "teacher").ask(ASKED)) == wanted
        finally:
            done.set()
        seen = sum((reader.result() for reader in readers), Counter[str]())
    assert seen.keys() <= {"GENDER", "ATTENDANCE", "changing"}
    assert min(seen["GENDER"], seen["ATTENDANCE"]) > FLIPS / 4
    assert seen["changing"] < seen.total() / 2


def test_the_book_may_not_go_beyond_the_guardrails(
    servers: list[Server], make_school: MakeSchool, owner_url: str
) -> None:
    """A version that lets parents read dates of birth, and a program special category, opens neither."""
    world = make_school()
    greedy = (
        read_rule("x1", "parent", "date_of_birth", "child"),
        read_rule("x2", "parent", "name", "school"),
        read_rule("x3", "mis_client", "sen_needs", "school"),
        read_rule("x4", "class_teacher", "sen_needs", "school"),
    )
    publish(owner_url, world, with_rules(starting_book(), greedy))
    for server in servers:
        [ann] = server.client(world, "pat").ask("{ learners { nodes { id dateOfBirth } } }").data["learners"]["nodes"]
        assert ann == {"id": f"lrn_{world.ids['ann'].hex}", "dateOfBirth": None}
        for handle in ("mis", "teacher"):
            rows = (
                server.client(world, handle).ask("{ learners { nodes { sen { needs } } } }").data["learners"]["nodes"]
            )
            assert rows
            assert {row["sen"]["needs"] for row in rows} == {None}
