"""Reports over HTTP: published by the head, read by parents and learners of verified, current links, and nobody else."""

from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.e2e.row_counts import counts, snapshot
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

PUBLISH = """mutation($input: PublishReportsInput!) { publishReports(input: $input) {
  count version replayed reports { version } userErrors { code path } } }"""
REPORTS = """{ reports { nodes { id name version learner { givenName }
  lines { course teacher grade target comment withheld { element reason } } withheld { element reason } } } }"""
RECEIPT = """mutation($report: ID!) { acknowledgeReport(input: {report: $report}) {
  reports { id receipt } userErrors { code message path } } }"""
ALL_WAYS = """query($report: ID!, $learner: ID!) {
  report(id: $report) { id } node(id: $report) { id } reports { nodes { id } }
  learner(by: {id: $learner}) { reports { id } } }"""


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = wide_school(f"reports {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def quiet_school(app_url: str, today: date) -> World:
    """One in which nothing is written."""
    world = wide_school("reports, unpublished", today)
    insert_world(app_url, world)
    return world


def publish(client: Client, world: World, key: str, year_group: str = "10", **more: Any) -> dict[str, Any]:
    given = {"window": f"win_{world.ids['autumn'].hex}", "yearGroup": year_group, "name": "Autumn", **more}
    return client.ask(PUBLISH, {"input": {"idempotencyKey": key, **given}}).data["publishReports"]


def read(client: Client) -> dict[str, dict[str, Any]]:
    """The caller's reports by the learner's first name."""
    return {node["learner"]["givenName"]: node for node in client.ask(REPORTS).data["reports"]["nodes"]}


def line(report: dict[str, Any], course: str) -> dict[str, Any]:
    [found] = [found for found in report["lines"] if found["course"] == course]
    return found


def test_published_reports_are_read_by_parent_and_learner(server: Server, school: World) -> None:
    """Grade, target, comment and teacher of each course, as they were frozen; nothing is said of what is not there."""
    before = read(server.client(school, "pat"))
    assert publish(server.client(school, "head"), school, "p1")["count"] == 5
    for handle, capacity, child in (
        ("pat", "PARENT", "Ann"), ("ann", "LEARNER", "Ann"), ("quinn", "PARENT", "Cat"), ("rosa", "PARENT", "Eve"),
        ("teacher", "PARENT", "Bob"), ("hal", "LEARNER", "Hal"),
    ):  # fmt: skip
        found = read(server.client(school, handle, capacity))
        assert found.keys() == {child}
        report = found[child]
        assert (report["version"], report["name"], report["withheld"]) == (2, "Autumn", [])
        maths = line(report, "Mathematics, year 10")
        assert maths["grade"] is not None
        assert (maths["target"], maths["comment"], maths["withheld"]) == ("6", "Works with care.", [])
        assert maths["teacher"].startswith("Dr ")
    assert read(server.client(school, "pat"))["Ann"]["id"] != before["Ann"]["id"]


def test_what_was_superseded_or_withdrawn_is_gone_in_every_way(server: Server, school: World, owner_url: str) -> None:
    """The report of before is null by id and by node, and in no list; so is the new one once it is withdrawn."""
    pat = server.client(school, "pat")
    given = {"report": f"rep_{school.ids['report ann'].hex}", "learner": f"lrn_{school.ids['ann'].hex}"}
    old = {"id": given["report"]}
    shown = pat.ask(ALL_WAYS, given).data
    assert shown == {
        "report": old, "node": old, "reports": {"nodes": [old]}, "learner": {"reports": [old]},
    }  # fmt: skip
    publish(server.client(school, "data-manager"), school, "p1")
    new = read(pat)["Ann"]["id"]
    after = pat.ask(ALL_WAYS, given).data
    assert (after["report"], after["node"]) == (None, None)
    assert (after["reports"], after["learner"]) == ({"nodes": [{"id": new}]}, {"reports": [{"id": new}]})
    with psycopg.connect(owner_url) as connection:
        connection.execute("UPDATE usher.publication SET status = 'WITHDRAWN' WHERE school_id = %s", [school.school_id])
    nothing: dict[str, Any] = {"report": None, "node": None, "reports": {"nodes": []}, "learner": {"reports": []}}
    assert pat.ask(ALL_WAYS, given | {"report": new}).data == nothing


def test_others_are_shown_nothing(server: Server, school: World) -> None:
    """An ended and an unverified link, another family, a classmate, a link that has not begun: absent in every way."""
    publish(server.client(school, "head"), school, "p1")
    publish(server.client(school, "head"), school, "p2", "11")
    ids = {
        name: report["id"]
        for handle, capacity in (
            ("ann", "LEARNER"), ("bob", "LEARNER"), ("cat", "LEARNER"), ("dan", "LEARNER"), ("eve", "LEARNER"),
        )
        for name, report in read(server.client(school, handle, capacity)).items()
    }  # fmt: skip
    assert ids.keys() == {"Ann", "Bob", "Cat", "Dan", "Eve"}
    for handle, capacity, child, own in (
        ("pat", "PARENT", "bob", "Ann"), ("pat", "PARENT", "cat", "Ann"), ("pat", "PARENT", "eve", "Ann"),
        ("quinn", "PARENT", "dan", "Cat"), ("ann", "LEARNER", "bob", "Ann"), ("teacher", "PARENT", "ann", "Bob"),
    ):  # fmt: skip
        given = {"report": ids[child.capitalize()], "learner": f"lrn_{school.ids[child].hex}"}
        assert server.client(school, handle, capacity).ask(ALL_WAYS, given).data == {
            "report": None,
            "node": None,
            "reports": {"nodes": [{"id": ids[own]}]},
            "learner": None,
        }


def test_an_unpublished_window_shows_nothing(server: Server, school: World) -> None:
    """Year 11 has live grades and a withdrawn publication: its learner reads neither, until it is published."""
    dan = server.client(school, "dan")
    live = "{ learners { nodes { grades { value } marks { nodes { score } } targets { value } reports { id } } } }"
    nothing: dict[str, Any] = {"grades": [], "marks": {"nodes": []}, "targets": [], "reports": []}
    assert dan.ask(live).data["learners"]["nodes"] == [nothing]
    assert publish(server.client(school, "head"), school, "d", "11", dryRun=True)["count"] == 1
    assert dan.ask(live).data["learners"]["nodes"] == [nothing]
    publish(server.client(school, "head"), school, "p", "11")
    [shown] = dan.ask(live).data["learners"]["nodes"]
    assert (len(shown.pop("reports")), shown) == (1, {"grades": [], "marks": {"nodes": []}, "targets": []})


def test_a_mark_after_publication_changes_no_report(server: Server, school: World) -> None:
    """The live grade moves on; the snapshot stays until the school publishes again."""
    head, teacher, pat = (server.client(school, handle) for handle in ("head", "teacher", "pat"))
    publish(head, school, "p1")
    frozen = read(pat)
    marks = [
        {
            "learner": f"lrn_{school.ids['ann'].hex}",
            "assessment": f"asm_{school.ids[f'maths-10 paper {paper}'].hex}",
            "score": "80",
        }
        for paper in (1, 2)
    ]
    document = "mutation($i: RecordMarksInput!) { recordMarks(input: $i) { grades { value } userErrors { code } } }"
    written = teacher.ask(document, {"i": {"marks": marks, "idempotencyKey": "m"}}).data["recordMarks"]
    assert written == {"grades": [{"value": "9"}], "userErrors": []}
    assert read(pat) == frozen
    assert line(frozen["Ann"], "Mathematics, year 10")["grade"] == "3"
    publish(head, school, "p2")
    assert line(read(pat)["Ann"], "Mathematics, year 10")["grade"] == "9"


def test_a_repeat_publishes_nothing_again(server: Server, school: World, owner_url: str) -> None:
    """The same key gives the same answer; with other content it is refused."""
    head = server.client(school, "head")
    first = publish(head, school, "p1")
    before = snapshot(owner_url, school)
    again = publish(head, school, "p1")
    assert (first.pop("replayed"), again.pop("replayed")) == (False, True)
    assert again == first
    assert snapshot(owner_url, school) == before
    given = {"window": f"win_{school.ids['autumn'].hex}", "yearGroup": "10", "name": "Other", "idempotencyKey": "p1"}
    assert head.ask(PUBLISH, {"input": given}).codes == ["IDEMPOTENCY_CONFLICT"]
    assert snapshot(owner_url, school) == before


@pytest.mark.parametrize(
    "handle",
    ["teacher", "maths-lead", "tutor", "year-head", "senco", "dpo", "pat", "ann", "mis", "governor", "support"],
)
def test_who_may_not_publish_is_refused(server: Server, quiet_school: World, owner_url: str, handle: str) -> None:
    """FORBIDDEN, and nothing is written, not even for a dry run."""
    before = snapshot(owner_url, quiet_school)
    for dry in (False, True):
        given = {
            "window": f"win_{quiet_school.ids['autumn'].hex}",
            "yearGroup": "10",
            "name": "A",
            "idempotencyKey": "k",
        }
        answer = server.client(quiet_school, handle).ask(PUBLISH, {"input": given | {"dryRun": dry}})
        assert (answer.codes, answer.body["data"]) == (["FORBIDDEN"], None)
    assert snapshot(owner_url, quiet_school) == before


def test_a_receipt_is_given_for_one_s_own_report_alone(server: Server, school: World, owner_url: str) -> None:
    """Another family's report, an unknown one and another school's are one answer; the first receipt stands."""
    pat, own = server.client(school, "pat"), f"rep_{school.ids['report ann'].hex}"
    ann = server.client(school, "ann")
    given = ann.ask(RECEIPT, {"report": own}).data["acknowledgeReport"]
    assert given["userErrors"] == []
    assert given["reports"][0]["receipt"] is not None
    before = snapshot(owner_url, school)
    assert ann.ask(RECEIPT, {"report": own}).data["acknowledgeReport"] == given
    refused = [
        pat.ask(RECEIPT, {"report": report}).data["acknowledgeReport"]
        for report in (
            f"rep_{school.ids['report bob'].hex}",
            f"rep_{school.ids['report cat'].hex}",
            f"rep_{uuid4().hex}",
        )
    ]
    assert {str(answer) for answer in refused} == {str(refused[0])}
    assert refused[0]["reports"] == []
    assert [(error["code"], error["path"]) for error in refused[0]["userErrors"]] == [
        ("NOT_FOUND", ["input", "report"])
    ]
    assert server.client(school, "head").ask(RECEIPT, {"report": own}).codes == ["FORBIDDEN"]
    assert snapshot(owner_url, school) == before
    assert counts(owner_url, school)["report_receipt"] == 3
