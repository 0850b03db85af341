"""The commands that need no server: what they print, and how they refuse."""

from pathlib import Path

import pytest

from server.cli import call
from server.demo.packs import pack_folder
from tools.printed import PRINTED


def test_a_call_without_a_command_shows_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """The list is the agreement's."""
    call(["--help"])
    shown = capsys.readouterr().out
    for command in ("run", "jobs", "migrate", "token", "audit", "demo", "grading", "import", "schema", "data-map"):
        assert f"  {command} " in shown


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["dance"], 2, "dance"),
        (["token"], 2, "'account'"),
        (["grading", "verify"], 2, "'folder'"),
        (["grading", "verify", "/nowhere"], 1, "/nowhere is no folder"),
        (["import", "roster", "/nowhere", "--as", "a", "--declare", "b"], 1, "/nowhere is no file"),
        (["import", "marks", "/nowhere", "--as", "a"], 2, "--declare"),
        (["audit", "export"], 2, "'file'"),
        (["demo", "files", "/proc/nowhere"], 1, "/proc/nowhere"),
    ],
)
def test_a_wrong_call_is_one_sentence(
    arguments: list[str], status: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error, with exit status 1 or 2, and never a traceback."""
    assert call(arguments) == status
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert len(printed.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["tokne"], "No such command 'tokne'. Did you mean 'token'? See `usher --help`."),
        (["token"], "Missing argument 'account'. See `usher token --help`."),
        (
            ["import", "roster", "f", "--as", "a", "--declare", "b", "--commit", "all"],
            "Invalid value for '--commit': 'all' is not one of 'check', 'all-or-nothing', 'good-rows'. "
            "See `usher import roster --help`.",
        ),
    ],
)
def test_a_wrong_call_names_its_own_help(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In whole sentences."""
    assert call(arguments) == 2
    assert capsys.readouterr().err == f"{sentence}\n"


def test_a_folder_without_a_pack_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No empty table beside the finding."""
    assert call(["grading", "verify", str(tmp_path)]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in shown] == ["error NO_PACK . folder", "0 passed, 0 failed"]


def test_a_setting_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The variable, never its value, which may be a password."""
    monkeypatch.setenv("PORT", "eight thousand")
    monkeypatch.setenv("USHER_WORKERS", "0")
    assert call(["run"]) == 2
    assert capsys.readouterr().err == "These environment variables can't be understood: PORT, USHER_WORKERS.\n"


def test_the_owners_address_alone_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Or the application would go on with the embedded server, unnoticed."""
    monkeypatch.delenv("USHER_DATABASE_URL", raising=False)
    monkeypatch.setenv("USHER_OWNER_DATABASE_URL", "postgresql://usher_owner:secret@127.0.0.1:1/usher")
    assert call(["migrate"]) == 1
    printed = capsys.readouterr().err
    assert "Set USHER_DATABASE_URL as well" in printed
    assert "secret" not in printed


@pytest.mark.parametrize("variable", ["USHER_DATABASE_URL", "USHER_OWNER_DATABASE_URL", "USHER_AUDIT_DATABASE_URL"])
@pytest.mark.parametrize("command", ["run", "migrate"])
def test_what_is_no_address_is_named(
    command: str, variable: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """At once, with an example; the value may hold a password."""
    monkeypatch.setenv("USHER_HOME", str(tmp_path))
    monkeypatch.setenv("PORT", "0")
    for name in ("USHER_DATABASE_URL", "USHER_OWNER_DATABASE_URL", "USHER_AUDIT_DATABASE_URL"):
        monkeypatch.setenv(name, "postgresql://somebody@127.0.0.1:1/usher")
    monkeypatch.setenv(variable, "sesame")
    assert call([command]) == 1
    role = {"USHER_DATABASE_URL": "app", "USHER_OWNER_DATABASE_URL": "owner"}.get(variable, "audit")
    assert capsys.readouterr().err == (
        f"{variable} is no address of a database: write it as postgresql://usher_{role}:PASSWORD@HOST:5432/usher.\n"
    )


def test_migrating_needs_the_owners_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The application's role can't."""
    monkeypatch.setenv("USHER_DATABASE_URL", "postgresql://usher_app@127.0.0.1:1/usher")
    monkeypatch.delenv("USHER_OWNER_DATABASE_URL", raising=False)
    assert call(["migrate"]) == 1
    assert "USHER_OWNER_DATABASE_URL" in capsys.readouterr().err


def test_the_schema_and_the_data_map_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """What `make schema` commits, and nothing else."""
    for command, name in (("schema", "schema.graphql"), ("data-map", "docs/data-map.md")):
        assert call([command]) == 0
        assert capsys.readouterr().out == PRINTED[name]()


def test_a_call_without_words_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """With exit status 2, since nothing was done."""
    assert call([]) == 2
    assert "Commands:" in capsys.readouterr().err


def test_the_shipped_pack_is_verified(capsys: pytest.CaptureFixture[str]) -> None:
    """All 2,491 cases pass."""
    assert call(["grading", "verify", str(pack_folder())]) == 0
    printed = capsys.readouterr().out
    assert "2491 passed, 0 failed" in printed
    assert "unknown kind" not in printed


def test_demo_files_are_written_twice_alike(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same bytes under the same names, which are printed."""
    written: list[dict[str, bytes]] = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        assert call(["demo", "files", str(folder)]) == 0
        written.append({path.name: path.read_bytes() for path in folder.iterdir()})
        assert sorted(capsys.readouterr().out.splitlines()) == sorted(map(str, folder.iterdir()))
    assert written[0] == written[1]
    assert {"demo.json"} < written[0].keys()
