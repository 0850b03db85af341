"""docs/signing-in.md says the numbers and commands that the code has."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import typer.main

from server.cli.accounts import account
from server.identity.people import attempts, passwords, recovery_codes, sessions
from server.identity.people.outcomes import FactorDue, SignedIn, TooMany, Wrong

PAGE: Final = (Path(__file__).parents[3] / "docs" / "signing-in.md").read_text(encoding="utf-8")


def test_its_commands_are_there() -> None:
    """Each with its options; and every command of accounts is named somewhere."""
    known: dict[str, Any] = vars(typer.main.get_command(account))["commands"]
    said = re.findall(r"usher account ([a-z]+)([^`#\n]*)", PAGE)
    for name, rest in said:
        options: set[str] = {option for parameter in known[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z]+", rest)) <= options, (name, rest)
    listed = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
    assert set(known) == set(re.findall(r"`usher account ([a-z]+)`", listed))


def test_its_numbers_are_those_of_the_code() -> None:
    assert f"{passwords.SHORTEST} to {passwords.LONGEST} characters" in PAGE
    minutes = [
        each.total_seconds() / 60 for each in (sessions.IDLE, sessions.LONGEST, sessions.RECENT, attempts.LONGEST_WAIT)
    ]
    assert minutes == [30, 12 * 60, 15, 15]
    assert recovery_codes.COUNT == 10
    frees = [subject.free for subject in attempts.subjects("password", "ann", "192.0.2.1", None)]
    assert sorted(frees) == [5, 10]
    assert attempts.wait(5, 5) == timedelta(seconds=2)
    assert attempts.FORGOTTEN.days == 1


def test_it_names_each_step_of_the_log() -> None:
    assert all(f"`{step.__name__}`" in PAGE for step in (SignedIn, FactorDue, Wrong, TooMany))
