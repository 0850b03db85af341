"""A command asks the Usher of its own data folder, and says which one refused its token."""

import json
import stat
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from server.cli import call
from server.cli.addresses import usual_address
from server.cli.home_lock import home_lock
from server.settings import load_settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("PORT", "USHER_HOST", "USHER_DATABASE_URL", "USHER_OWNER_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("USHER_HOME", str(tmp_path))
    monkeypatch.setenv("USHER_TOKEN", "t")
    return tmp_path


def test_without_a_run_it_is_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that `usher run` would serve with."""
    assert usual_address(load_settings()) == "http://127.0.0.1:8000"
    monkeypatch.setenv("PORT", "8431")
    assert usual_address(load_settings()) == "http://127.0.0.1:8431"
    for host, address in (("0.0.0.0", "http://127.0.0.1:8431"), ("::1", "http://[::1]:8431"), ("db", "http://db:8431")):
        monkeypatch.setenv("USHER_HOST", host)
        assert usual_address(load_settings()) == address


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("http://127.0.0.1:8431", "http://127.0.0.1:8431"),
        ("http://0.0.0.0:8431", "http://127.0.0.1:8431"),
        ("http://[::]:8431", "http://[::1]:8431"),
        ("http://localhost:8431", "http://127.0.0.1:8431"),
    ],
)
def test_a_run_tells_where_it_answers(home: Path, told: str, asked: str) -> None:
    """While it runs; afterwards it is the settings again."""
    with home_lock(home) as tell:
        assert usual_address(load_settings()) == "http://127.0.0.1:8000"
        tell(told)
        assert usual_address(load_settings()) == asked
    assert usual_address(load_settings()) == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    "told",
    [
        "http://192.0.2.7:8431", "https://192.0.2.7:8431", "http://[2001:db8::7]:8431",
        "http://127.0.0.1:8431@192.0.2.7:8431", "http://127.0.0.1@192.0.2.7:8431", "http://127.0.0.1:8431/elsewhere",
        "http://127.0.0.1:8431?", "http://127.0.0.1:8431\nhttp://192.0.2.7:8431", "http://127.0.0.1:84310",
        "http://0.0.0.0:8431@192.0.2.7", "ftp://127.0.0.1:8431", "http://[::1%lo]:8431", "8431", "\0",
    ],
)  # fmt: skip
def test_no_token_leaves_the_machine_by_a_lock(home: Path, told: str) -> None:
    """Whoever could write there would have it; a run of this machine tells nothing but an address of it."""
    (home / "run.lock").write_text(told)
    assert usual_address(load_settings()) == "http://127.0.0.1:8000"


def test_no_token_goes_to_a_proxy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a question to this machine."""
    with refusing() as proxy, home_lock(home) as tell:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy}")
        monkeypatch.delenv("no_proxy", raising=False)
        tell("http://127.0.0.1:1")
        assert call(["policy", "drafts"]) == 1
        assert heard == []


def test_a_data_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    """Whoever may read it could read letters and heads; one that is there stays as its owner made it."""
    with home_lock(tmp_path / "above" / "home"):
        pass
    assert stat.S_IMODE((tmp_path / "above" / "home").stat().st_mode) == 0o700
    (tmp_path / "above" / "home").chmod(0o711)
    with home_lock(tmp_path / "above" / "home"):
        pass
    assert stat.S_IMODE((tmp_path / "above" / "home").stat().st_mode) == 0o711


heard: list[str] = []
"""The paths that the last server was asked for."""


@contextmanager
def refusing() -> Generator[int]:
    """The port of a server that takes no token."""

    class Refuses(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.path)
            error = {"message": "The token does not verify.", "extensions": {"code": "UNAUTHENTICATED"}}
            body = json.dumps({"errors": [error]}).encode()
            self.send_response(401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            pass

    heard.clear()
    with HTTPServer(("127.0.0.1", 0), Refuses) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("told", [True, False], ids=["by its run", "by PORT"])
def test_a_refused_token_names_the_usher_that_was_asked(
    home: Path, told: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Found by the data folder, or by PORT."""
    with refusing() as port, home_lock(home) as tell:
        if told:
            tell(f"http://127.0.0.1:{port}")
        else:
            monkeypatch.setenv("PORT", str(port))
        assert call(["policy", "drafts"]) == 1
    assert capsys.readouterr().err == (
        f"UNAUTHENTICATED: The token does not verify. This was said by http://127.0.0.1:{port}: "
        "to ask another Usher give its --url, or its USHER_HOME.\n"
    )
