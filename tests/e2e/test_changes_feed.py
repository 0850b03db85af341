"""A program's feed of changes: everything once, then what differs, then nothing; and never a word of what it may not read."""

from __future__ import annotations

from typing import Any

from tests.e2e.access_desk import AccessDesk, codes

ASKED = """query($since: String, $first: Int) { changes(since: $since, first: $first) {
    changes { kind id happened at } cursor more resyncRequired } }"""
Change = tuple[str, str, str]


async def page(desk: AccessDesk, since: str | None = None, first: int | None = None) -> dict[str, Any]:
    body = await desk.ask("mis", ASKED, since=since, first=first)
    assert "errors" not in body, body
    return dict(body["data"]["changes"])


async def everything(desk: AccessDesk, since: str | None = None, first: int = 7) -> tuple[list[Change], str]:
    """All changes since that place, and the place behind them."""
    found: list[Change] = []
    while True:
        told = await page(desk, since, first)
        assert not told["resyncRequired"]
        assert len(told["changes"]) == first or not told["more"]
        found += [(one["kind"], one["id"], one["happened"]) for one in told["changes"]]
        since = told["cursor"]
        if not told["more"]:
            assert since is not None
            return found, since


async def readable(desk: AccessDesk) -> set[tuple[str, str]]:
    """What queries show the program of learners and their guardians."""
    body = await desk.ask("mis", "{ learners(first: 500) { nodes { id guardians { id } } } }")
    nodes = body["data"]["learners"]["nodes"]
    return {("Learner", node["id"]) for node in nodes} | {
        ("Guardian", one["id"]) for node in nodes for one in node["guardians"]
    }


async def test_everything_once_then_nothing(desk: AccessDesk) -> None:
    """The first pass tells each row that queries show, page by page, each once; then there is nothing more."""
    told, cursor = await everything(desk)
    assert len(told) == len(set(told))
    assert {happened for _, _, happened in told} == {"CHANGED"}
    assert {(kind, id_) for kind, id_, _ in told if kind in ("Learner", "Guardian")} == await readable(desk)
    assert {kind for kind, _, _ in told} == {
        "Staff", "TutorGroup", "Course", "Class", "AssessmentWindow", "Assessment", "Learner", "Guardian",
    }  # fmt: skip
    assert (await page(desk, cursor))["changes"] == []


async def test_people_follow_no_feed(desk: AccessDesk) -> None:
    for handle in ("teacher", "head", "dpo", "pat", "ann"):
        assert codes(await desk.ask(handle, ASKED)) == ["FORBIDDEN"]
