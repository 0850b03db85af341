"""Learners who are left out of one program's data: who says so, and that the program then knows nothing of them."""

from __future__ import annotations

from typing import Any, Final

from tests.e2e.access_desk import AccessDesk, codes
from tests.e2e.test_changes_feed import everything

REASON: Final = "The family asked for it."
LISTED: Final = """query($program: ID, $learner: ID) { clientOptOuts(program: $program, learner: $learner) {
    id program learner askedBy reason recordedBy endedAt endedBy ending } }"""
SEEN: Final = """query($id: ID!) {
    learner(by: {id: $id}) { id } node(id: $id) { id } learners(first: 100) { totalCount nodes { id } }
    classes(first: 100) { nodes { learners { id } } } }"""


def record(desk: AccessDesk, learner: str, **changed: Any) -> dict[str, Any]:
    given = {
        "program": desk.id("mis", "prg"),
        "learner": desk.id(learner, "lrn"),
        "askedBy": "GUARDIAN",
        "reason": REASON,
    }
    return given | changed


async def opted_out(desk: AccessDesk, learner: str) -> str:
    payload = await desk.do("head", "optOutOfClient", **record(desk, learner))
    assert payload["userErrors"] == []
    return str(payload["id"])


async def shown(desk: AccessDesk, learner: str) -> list[bool]:
    """Whether each way of asking shows the program the learner."""
    id_ = desk.id(learner, "lrn")
    data = (await desk.ask("mis", SEEN, id=id_))["data"]
    in_class = any(one["id"] == id_ for each in data["classes"]["nodes"] for one in each["learners"])
    listed = [node["id"] for node in data["learners"]["nodes"]]
    return [data["learner"] is not None, data["node"] is not None, id_ in listed, in_class]


async def test_who_is_left_out_is_not_there(desk: AccessDesk) -> None:
    """By id, in lists and classes, for this program alone; its feed is told once; and all comes back when it ends."""
    _, cursor = await everything(desk)
    assert await shown(desk, "bob") == [True] * 4
    key = await opted_out(desk, "bob")
    assert await shown(desk, "bob") == [False] * 4
    assert await shown(desk, "ann") == [True] * 4
    told, cursor = await everything(desk, cursor)
    assert ("Learner", desk.id("bob", "lrn"), "CLOSED") in told
    assert {happened for kind, _, happened in told if kind == "Guardian"} <= {"CLOSED"}
    assert (await everything(desk, cursor))[0] == []
    assert "Bob" in await desk.names("teacher")
    ended = await desk.do("dpo", "endClientOptOut", optOut=key, reason=REASON)
    assert (ended["id"], ended["userErrors"]) == (key, [])
    assert await shown(desk, "bob") == [True] * 4
    told, _ = await everything(desk, cursor)
    assert ("Learner", desk.id("bob", "lrn"), "CHANGED") in told


async def test_who_was_never_shown_is_never_closed(desk: AccessDesk) -> None:
    """A feed that begins afterwards holds no trace of the learner."""
    await opted_out(desk, "bob")
    told, _ = await everything(desk)
    assert desk.id("bob", "lrn") not in {id_ for _, id_, _ in told}
    assert {happened for _, _, happened in told} == {"CHANGED"}


async def test_who_records_ends_and_reads(desk: AccessDesk) -> None:
    """Head and officer; nobody else, and no program for itself. A second record, and a second end, are refused."""
    key = await opted_out(desk, "bob")
    for handle in ("teacher", "data-manager", "dsl", "governor", "pat", "bob", "mis", "support-granted"):
        await desk.forbidden(handle, "optOutOfClient", **record(desk, "ann"))
        await desk.forbidden(handle, "endClientOptOut", optOut=key, reason=REASON)
        assert codes(await desk.ask(handle, LISTED)) == ["FORBIDDEN"], handle
    assert await desk.refused("dpo", "optOutOfClient", **record(desk, "bob")) == ["ALREADY_HELD"]
    assert await desk.refused("dpo", "optOutOfClient", **record(desk, "ann", askedBy="SOMEBODY")) == ["UNKNOWN_ASKER"]
    assert await desk.refused("dpo", "optOutOfClient", **record(desk, "ann", reason="no")) == ["REASON_MISSING"]
    nobody = record(desk, "ann") | {"learner": f"lrn_{'0' * 32}"}
    assert await desk.refused("dpo", "optOutOfClient", **nobody) == ["NOT_FOUND"]
    person = record(desk, "ann", program=desk.id("teacher", "prg"))
    assert await desk.refused("dpo", "optOutOfClient", **person) == ["NOT_FOUND"]
    await desk.do("dpo", "endClientOptOut", optOut=key, reason=REASON)
    assert await desk.refused("dpo", "endClientOptOut", optOut=key, reason=REASON) == ["ENDED"]
    [row] = (await desk.ask("head", LISTED, learner=desk.id("bob", "lrn")))["data"]["clientOptOuts"]
    assert (row["id"], row["askedBy"], row["recordedBy"]) == (key, "GUARDIAN", desk.id("head"))
    assert (row["endedBy"], row["ending"], row["endedAt"] is None) == (desk.id("dpo"), REASON, False)
