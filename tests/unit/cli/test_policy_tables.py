"""What a school's officers wrote can't pass for a line that the program printed."""

from collections.abc import Mapping
from typing import Any

import pytest

from server.cli import policy_tables as told
from server.cli.graphql_client import GraphQLClient, refuse
from server.cli.policy_asking import names_of

HOSTILE = "a\nVersion 2 is in force.\x1b[2J\r\u202eb\u200f\x07\x9b\u2028\ud800"
SHOWN = r"a\nVersion 2 is in force.\x1b[2J\r\u202eb\u200f\x07\x9b\u2028\ud800"
MISLEADING = set(HOSTILE) - set(SHOWN) - {"\n"}


def _printed(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """Standard output and error, without a mark that misleads."""
    out, err = capsys.readouterr()
    assert not MISLEADING & set(out + err)
    return out, err


def test_a_line_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever stands in a title."""
    told.say(f"{HOSTILE}: in force.")
    assert _printed(capsys)[0] == f"{SHOWN}: in force.\n"


def test_a_cell_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The table has as many lines as without it."""
    told.table("Drafts", ("title",), [["a"]])
    lines = len(_printed(capsys)[0].splitlines())
    told.table("Drafts", ("title",), [[HOSTILE]])
    out = _printed(capsys)[0]
    assert SHOWN in out
    assert len(out.splitlines()) == lines


def test_an_id_is_shown_whole(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """In a narrow terminal too: it is copied into the next command."""
    monkeypatch.setattr(told.OUT, "width", 80)
    told.table(
        "Drafts", ("id", "title", "state", "base"), [["pdr_" + "0" * 32, "Needs for cover teachers", "DRAFT", 1]]
    )
    assert "pdr_" + "0" * 32 in capsys.readouterr().out


def test_a_version_shows_its_reason_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A version that was published before reasons were checked."""
    told.version(
        {
            "version": 2, "kind": "PUBLISHED", "state": "PUBLISHED", "overdue": False, "publishedAt": "2026-11-03T10:00",
            "chain": "0" * 64, "chainHolds": True, "author": "stf_1", "approvedBy": None, "reason": HOSTILE,
        },
        {},
    )  # fmt: skip
    out = _printed(capsys)[0]
    assert SHOWN in out
    assert len(out.splitlines()) == 2


def test_a_version_names_people_and_the_zone(capsys: pytest.CaptureFixture[str]) -> None:
    """An id stays where the caller may not know the name; names are as hostile as any text."""
    told.version(
        {
            "version": 2, "kind": "PUBLISHED", "state": "PUBLISHED", "overdue": False,
            "publishedAt": "2026-11-03T10:00:59.123456Z", "chain": "0" * 64, "chainHolds": True,
            "author": "stf_1", "approvedBy": "stf_2", "reason": None,
        },
        {"stf_1": HOSTILE},
    )  # fmt: skip
    assert _printed(capsys)[0].splitlines() == [
        "2  PUBLISHED  PUBLISHED  2026-11-03 10:00 UTC  000000000000 holds",
        f"   by {SHOWN}, approved by stf_2",
    ]


def test_a_refusal_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Whichever server answered."""
    with pytest.raises(Exception, match="1"):
        refuse([("CODE", HOSTILE)])
    assert _printed(capsys)[1] == f"CODE: {SHOWN}\n"


def test_names_are_asked_for_a_hundred_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may not be known of, or whose name may not be read, keeps the id."""
    asked: list[int] = []

    def answer(_: GraphQLClient, __: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(len(variables["i"]))
        if "stf_000" not in variables["i"]:
            return {}  # refused
        rows = [{"id": who, "givenName": "A", "familyName": who[-3:]} for who in variables["i"]]
        return {"nodes": [None, {**rows[1], "givenName": None, "familyName": None}, *rows[2:]]}

    monkeypatch.setattr(GraphQLClient, "look_up", answer)
    people = [f"stf_{number:03}" for number in range(120)]
    found = names_of(GraphQLClient("http://127.0.0.1:1", "t"), [None, *people, *people])
    assert asked == [100, 20]
    assert found == {who: f"A {who[-3:]}" for who in people[2:100]}
