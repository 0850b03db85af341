"""What a school's officers wrote can't pass for a line that the program printed."""

import pytest

from server.cli import policy_tables as told
from server.cli.graphql_client import refuse

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
        }
    )  # fmt: skip
    out = _printed(capsys)[0]
    assert SHOWN in out
    assert len(out.splitlines()) == 2


def test_a_refusal_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Whichever server answered."""
    with pytest.raises(Exception, match="1"):
        refuse([("CODE", HOSTILE)])
    assert _printed(capsys)[1] == f"CODE: {SHOWN}\n"
