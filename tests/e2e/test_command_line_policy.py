"""`usher policy` against a served process: what it prints, how it refuses, and that it is the API's client alone."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import uuid4

import pytest

from server.cli import call
from tests.e2e.policy_desk import WHY, Desk, nothing_changes
from tests.e2e.serving import Server
from tests.worlds import insert_world, small_school


@dataclass(frozen=True)
class Shell:
    """A command line in somebody's name: exit status, standard output and error of each call."""

    desk: Desk
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, handle: str, *words: str) -> tuple[int, str, str]:
        self.monkeypatch.setenv("USHER_TOKEN", self.desk.client(handle).token)
        status = call(["policy", "--url", str(self.desk.server.http.base_url), *words])
        printed = self.capsys.readouterr()
        return status, printed.out, printed.err

    def done(self, handle: str, *words: str) -> str:
        """What a call that succeeds prints."""
        status, out, err = self(handle, *words)
        assert (status, err) == (0, "")
        return out

    def refused(self, handle: str, *words: str) -> str:
        """What a call that changes nothing says."""
        with nothing_changes(self.desk):
            status, out, err = self(handle, *words)
        assert (status, out) == (1, "")
        return err


@pytest.fixture
def shell(
    server: Server,
    app_url: str,
    owner_url: str,
    today: date,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shell:
    world = small_school(f"the command line {uuid4()}", today)
    insert_world(app_url, world)
    return Shell(Desk(server, world, owner_url), monkeypatch, capsys)


def named(printed: str, prefix: str) -> str:
    found = re.search(rf"{prefix}_[0-9a-f]{{32}}", printed)
    assert found is not None, printed
    return found.group()


def test_the_whole_story_from_the_command_line(shell: Shell) -> None:
    """Draft, edit, check, impact, submit, approve, publish, history, diff, roll back."""
    assert "r116" in shell.done("dpo", "show")
    assert shell.done("dpo", "drafts") == "There are no open drafts, and nothing was submitted.\n"
    draft = named(shell.done("dpo", "draft", "--remove", "r116", "--title", "Less gender"), "pdr")
    added = "Tutors may read the behaviour record of learners they teach."
    assert "revision 2" in shell.done("dpo", "edit", draft, "--add", added)
    assert "examples hold" in shell.done("dpo", "check", draft)
    impact = shell.done("dpo", "impact", "--draft", draft)
    assert "gender" in impact
    assert "behaviour" in impact
    submission = named(shell.done("dpo", "submit", draft, "--reason", WHY), "psb")
    listed = shell.done("dpo", "drafts")
    assert draft in listed
    assert submission in listed
    assert "NOT_APPROVED" in shell.refused("dpo", "publish", submission)
    assert "FORBIDDEN" in shell.refused("dpo", "approve", submission)
    assert "approved upon version 1" in shell.done("head", "approve", submission)
    assert shell.done("dpo", "publish", submission) == "Version 2 is in force.\n"
    differs = shell.done("head", "diff", "1", "2")
    assert added in differs
    assert "r116" in differs
    back = named(shell.done("dpo", "roll-back", "1", "--reason", WHY), "psb")
    shell.done("head", "approve", back)
    assert "to be published at" in shell.done(
        "dpo", "publish", back, "--at", (datetime.now(UTC) + timedelta(days=30)).isoformat()
    )
    assert "withdrawn" in shell.done("head", "withdraw", back)
    history = shell.done("head", "history")
    assert "FOUNDED" in history
    assert "holds" in history
    assert "BROKEN" not in history
    assert f" {datetime.now(UTC):%Y-%m-%d} " in history
    assert " UTC  " in history
    assert "by Dee Post, approved by Hedda Master" in history
    assert "stf_" not in history


def test_a_narrowing_from_the_command_line(shell: Shell) -> None:
    """At once, and confirmed by another."""
    assert "Version 2 is in force." in shell.done("dpo", "narrow", "--remove", "r116", "--reason", WHY)
    assert shell.done("head", "confirm", "2") == "Version 2 is confirmed.\n"


def test_refusals_are_codes_and_sentences(shell: Shell) -> None:
    """On standard error, with exit status 1, and nothing changed."""
    draft = shell.desk.draft()["id"]
    for handle, words, code in (
        ("teacher", ("show",), "FORBIDDEN"),
        ("head", ("draft", "--remove", "r116"), "FORBIDDEN"),
        ("dpo", ("draft", "--remove", "nobody"), "UNKNOWN_RULE"),
        ("dpo", ("draft", "--add", "Teechers may read it."), "UNKNOWN_ROLE"),
        ("dpo", ("edit", draft, "--raise", "gender"), "--raise is written"),
        ("dpo", ("edit", "pdr_" + "0" * 32, "--remove", "r113"), "NOT_FOUND"),
        ("dpo", ("submit", "nonsense", "--reason", WHY), "BAD_USER_INPUT"),
        ("dpo", ("roll-back", "1", "--reason", WHY), "NOTHING_CHANGED"),
        ("dpo", ("narrow", "--to-version", "7", "--reason", WHY), "NOT_FOUND"),
        ("dpo", ("diff", "1", "9"), "NOT_FOUND"),
        ("dpo", ("publish", "psb_" + "0" * 32, "--at", "tomorrow"), "A DateTime is written as RFC 3339 with an offset"),
        ("head", ("confirm", "1"), "NOT_NARROWED"),
        ("head", ("approve", "psb_" + "0" * 32), "NOT_FOUND"),
    ):
        assert code in _error(shell, handle, *words)


def _error(shell: Shell, handle: str, *words: str) -> str:
    status, out, err = shell(handle, *words)
    assert (status, out) == (1, ""), (words, out)
    assert len(err.strip().splitlines()) == 1
    return err


def test_a_draft_that_fails_ends_with_status_one(shell: Shell) -> None:
    """With its findings and failing examples in full."""
    wide = "Parents may read the name of everyone in the school."
    draft = named(shell.done("dpo", "draft", "--add", wide), "pdr")
    status, out, err = shell("dpo", "check", draft)
    assert (status, err) == (1, "")
    assert "CEILING_SCOPE" in out


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "ftp://127.0.0.1", "file:///etc/passwd"])
def test_without_a_server_it_says_so(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, no traceback, and no other scheme than HTTP."""
    monkeypatch.setenv("USHER_TOKEN", "t")
    assert call(["policy", "--url", url, "show"]) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_it_asks_for_a_token(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """From the environment, or in a demo by account."""
    monkeypatch.delenv("USHER_TOKEN", raising=False)
    assert call(["policy", "show"]) == 1
    assert "USHER_TOKEN" in capsys.readouterr().err


def test_accounts_are_for_demos(
    app_url: str, owner_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    """Where real people have accounts, nobody becomes another by a word."""
    monkeypatch.setenv("USHER_DATABASE_URL", app_url)
    monkeypatch.setenv("USHER_OWNER_DATABASE_URL", owner_url)
    monkeypatch.setenv("USHER_HOME", str(tmp_path))
    assert call(["policy", "--as", "dpo", "show"]) == 1
    assert "demo" in capsys.readouterr().err


def test_the_token_goes_to_nobody_else(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A redirection is an answer that can't be used, and isn't followed."""
    asked: list[str] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/stolen")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            pass

    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("USHER_TOKEN", "t")
        assert call(["policy", "--url", f"http://127.0.0.1:{server.server_port}", "show"]) == 1
        server.shutdown()
    assert asked == ["/graphql"]
    assert "302" in capsys.readouterr().err
