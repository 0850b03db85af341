"""`usher run` from outside: starts, survives what dies, stops in order, and keeps the data."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from server.database.embedded import Cluster
from server.demo.calendar import year_of
from server.identity.demo_tokens import demo_accounts, demo_token
from server.identity.keys import token_key
from server.identity.oauth.demo_clients import APP, APP_REDIRECT, PROGRAM, PROGRAM_SECRET
from server.identity.people.demo_accounts import PASSWORD, SECRET
from server.identity.people.passwords import check_password
from server.identity.tokens import TokenIssuer
from server.web.graphiql_page import demo_queries
from tests.e2e.accounts import Holder
from tests.e2e.apps import App, signed_in
from tests.e2e.test_readme import check_examples, check_shell, check_story

USHER = str(Path(sys.executable).with_name("usher"))
_SECONDS = 60.0
_START_SECONDS = 400.0  # with the demo, on a busy machine


@dataclass(slots=True)
class Home:
    """A data folder of its own, which PostgreSQL's user may enter, and a port."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("USHER_")}
        return kept | {"USHER_HOME": str(self.folder), "PORT": str(self.port), "COLUMNS": "200"}

    def call(self, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        """One short command to its end."""
        return subprocess.run(
            [USHER, *arguments],
            env=self.environment | changed,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def ready(self) -> dict[str, Any] | None:
        """The answer of /readyz if it is 200."""
        try:
            answer = httpx.get(f"{self.url}/readyz", timeout=5, trust_env=False)
        except httpx.HTTPError:
            return None
        return answer.json() if answer.status_code == 200 else None


@dataclass(slots=True)
class Run:
    """A running `usher run` and what it said so far."""

    home: Home
    process: subprocess.Popen[bytes]
    output: Path

    def said(self) -> str:
        return self.output.read_text()

    def children(self, word: str) -> list[int]:
        """Process ids of its children whose command line holds the word."""
        return [pid for pid in _processes(word) if _parent(pid) == self.process.pid]


@pytest.fixture(scope="module")
def home() -> Generator[Home]:
    """Removed at the end, with a server that a failed test may have left behind."""
    folder = Path(tempfile.mkdtemp(prefix="usher-run-"))
    folder.chmod(0o711)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    yield Home(folder, port)
    cluster = Cluster(folder)
    cluster.start()
    cluster.stop()
    shutil.rmtree(folder)


@contextmanager
def running(home: Home, *arguments: str) -> Generator[Run]:
    """`usher run` once it is ready; stopped with SIGTERM unless the test ended it."""
    output = home.folder / "said"
    with output.open("wb") as said:
        process = subprocess.Popen([USHER, "run", *arguments], env=home.environment, stdout=said, stderr=said)
    run = Run(home, process, output)
    try:
        until(lambda: process.poll() is not None or "Ctrl-C stops it." in run.said(), run, _START_SECONDS)
        assert process.poll() is None, run.said()
        assert home.ready() is not None
        yield run
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(_SECONDS)


def until(condition: Callable[[], object], run: Run, seconds: float = _SECONDS) -> None:
    """Wait for what other processes do."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, run.said()
        time.sleep(0.05)


def _processes(word: str) -> list[int]:
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and word in (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode():
                found.append(int(folder.name))
        except (OSError, UnicodeDecodeError):
            continue
    return found


def _parent(pid: int) -> int | None:
    try:
        return int((Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return None


def _sql(home: Home, statement: str) -> list[tuple[Any, ...]]:
    cluster = Cluster(home.folder)
    cluster.start()  # joins the server that runs
    with psycopg.connect(cluster.url("usher_owner")) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def run(home: Home) -> Generator[Run]:
    """One run for the tests that leave it running."""
    with running(home, "--no-demo") as run:
        yield run


def test_it_is_ready_and_says_where(run: Run) -> None:
    """Every check is ok, the address is printed, GraphiQL is there, and the keys are the owner's alone."""
    ready = run.home.ready()
    assert ready is not None
    assert ready["checks"] == dict.fromkeys(("database", "migrations", "partitions", "clock", "policies", "demo"), "ok")
    assert f"{run.home.url}/graphql" in run.said()
    assert PASSWORD not in run.said()
    assert "GraphiQL" in httpx.get(run.home.url, trust_env=False).text
    keys = run.home.folder / "keys"
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}


def test_a_second_run_in_the_same_home_says_so(run: Run) -> None:
    """One sentence with the address of the first, on standard error."""
    second = run.home.call("run", "--no-demo", PORT="0")
    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.splitlines() == [
        f"Usher already runs in {run.home.folder}, at {run.home.url}. Stop it first, or set USHER_HOME to another folder."
    ]


def test_a_port_in_use_is_named(run: Run, tmp_path: Path) -> None:
    """Before anything is started."""
    other = run.home.call("run", USHER_HOME=str(tmp_path))
    assert other.returncode == 1
    assert "Set PORT to a free one" in other.stderr
    assert not (tmp_path / "postgres").exists()


def test_a_database_that_is_no_demo_gives_out_no_token(run: Run) -> None:
    """The command works beside the running server, and refuses."""
    refused = run.home.call("token", "teacher")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "demo database" in refused.stderr


def test_a_killed_server_process_starts_again(run: Run) -> None:
    """Another process answers on the same port."""
    (before,) = run.children("server.cli.worker")
    os.kill(before, signal.SIGKILL)
    until(lambda: run.children("server.cli.worker") not in ([], [before]), run)
    until(run.home.ready, run)
    assert "starting it again" in run.said()


def test_a_killed_process_of_the_jobs_starts_again(run: Run) -> None:
    """It seals the audit, and nothing asks /readyz about it."""
    (before,) = run.children("server.cli.jobs_process")
    os.kill(before, signal.SIGKILL)
    assert run.home.ready() is not None
    until(lambda: run.children("server.cli.jobs_process") not in ([], [before]), run)
    assert "The process of the jobs has stopped: starting it again" in run.said()


def test_a_killed_postgresql_starts_again_with_its_data(run: Run) -> None:
    """What was committed is there, and the server that waits for it is ready again."""
    _sql(run.home, "CREATE TABLE IF NOT EXISTS usher.proof (word text); INSERT INTO usher.proof VALUES ('kept')")
    (before,) = run.children("postgres -D")
    os.kill(before, signal.SIGKILL)
    until(lambda: run.children("postgres -D") not in ([], [before]), run)
    until(run.home.ready, run)
    assert _sql(run.home, "SELECT DISTINCT word FROM usher.proof") == [("kept",)]
    _sql(run.home, "DROP TABLE usher.proof")


@pytest.fixture
def another() -> Generator[Home]:
    """A home for tests that end the run."""
    folder = Path(tempfile.mkdtemp(prefix="usher-run-"))
    folder.chmod(0o711)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    yield Home(folder, port)
    shutil.rmtree(folder)


def test_it_stops_in_order_and_starts_again_with_its_data(another: Home) -> None:
    """Ctrl-C and SIGTERM alike: exit status 0, no process left; the next start finds what was there."""
    for number in (signal.SIGINT, signal.SIGTERM):
        with running(another, "--no-demo") as run:
            _sql(another, "INSERT INTO usher.installation VALUES ('proof', 'kept') ON CONFLICT DO NOTHING")
            run.process.send_signal(number)
            assert run.process.wait(_SECONDS) == 0, run.said()
        assert _processes(str(another.folder)) == []
        assert "Traceback" not in run.said()
    with running(another, "--no-demo"):
        assert _sql(another, "SELECT value FROM usher.installation WHERE name = 'proof'") == [("kept",)]


def test_a_killed_supervisor_leaves_no_server_process(another: Home) -> None:
    """Its workers end with it, and the next run takes PostgreSQL over."""
    with running(another, "--no-demo") as run:
        workers = run.children("server.cli.worker")
        run.process.kill()
        run.process.wait(_SECONDS)
        until(lambda: not [pid for pid in workers if _parent(pid) is not None], run)
    with running(another, "--no-demo") as run:
        assert "Starting PostgreSQL" not in run.said()


ACCOUNTS = {
    "teacher": "STAFF", "tutor": "STAFF", "senco": "STAFF", "senco-untrained": "STAFF", "head": "STAFF",
    "data-manager": "STAFF", "exams-officer": "STAFF", "dpo": "STAFF", "parent": "PARENT", "learner": "LEARNER",
    "mis": "CLIENT", "other-teacher": "STAFF",
}  # fmt: skip


def test_the_demo_is_there_for_every_account(another: Home) -> None:
    """As `make run` makes it, in about a minute: accounts and queries are printed, tokens and queries work.

    One test, so that one process makes the demo.
    """
    with running(another) as run:
        _check_accounts(run)
        _check_people(run)
        _check_clients(run)
        _check_queries(run)
        _check_audit(run)
        _check_documents(run)
        refused = another.call("token", "nobody")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "Take one of: " in refused.stderr
    with running(another) as run:
        assert "mporting" not in run.said()
        _ask(another, _command_token(another), "{ school { name } }")


def _check_audit(run: Run) -> None:
    """The imports are sealed within the minute, and their heads kept beside the database."""
    heads = run.home.folder / "audit"
    until(lambda: len(list(heads.glob("*.jsonl"))) == 2, run, 90)
    verified = run.home.call("audit", "verify")
    assert (verified.returncode, verified.stderr) == (0, "")
    assert "everything is as it was sealed" in verified.stdout


def _check_accounts(run: Run) -> None:
    """Each asks who it is; capacity and school are those of its row."""
    cluster = Cluster(run.home.folder)
    cluster.start()
    issuer = TokenIssuer(token_key(run.home.folder / "keys"))
    for account, capacity in ACCOUNTS.items():
        assert re.search(rf"│ {account} +│", run.said())
        data = _ask(run.home, demo_token(cluster.url(), account, issuer), "{ viewer { capacity } school { name } }")
        school = "Harrow Fell School" if account == "other-teacher" else "Calder Bridge Academy"
        assert data == {"viewer": {"capacity": capacity}, "school": {"name": school}}


def _check_people(run: Run) -> None:
    """They sign in with the password that is printed; of whom two factors are demanded, with the command's code, too."""
    assert PASSWORD in run.said()
    assert SECRET in run.said()
    cluster = Cluster(run.home.folder)
    cluster.start()
    for account, coded in {"head": True, "senco": True, "parent": False, "senco-untrained": False}.items():
        assert re.search(rf"│ {account} +│.*│ password{' and code' if coded else ''} +│", run.said())
        with psycopg.connect(cluster.url()) as connection:
            assert check_password(connection, account, PASSWORD) is not None
    code = run.home.call("account", "code", "head")
    assert re.fullmatch(r"[0-9]{6}\n", code.stdout), code.stderr


def _check_clients(run: Run) -> None:
    """The program gets a token with the secret that is printed, and somebody signs in to the app."""
    assert PROGRAM_SECRET in run.said()
    with httpx.Client(base_url=run.home.url, trust_env=False, timeout=30) as http:
        program = App(http, PROGRAM, secret=PROGRAM_SECRET)
        fields = {"grant_type": "client_credentials", "resource": f"{program.issuer}/vendor"}
        token = program.posted("/oauth/token", **fields).json()["access_token"]
        listed = http.get("/oauth/grants", headers={"Authorization": f"Bearer {token}"}).json()["grants"]
        answer = program.posted("/oauth/token", **fields | {"resource": listed[0]["resource"]})
        assert program.ask(answer.json()["access_token"], "{ school { name } }").json()["data"]["school"]
        app = App(http, APP, [APP_REDIRECT.replace("127.0.0.1", "127.0.0.1:51004")])
        person = signed_in(http, Holder(UUID(int=0), "parent", PASSWORD))
        answer = app.ask(app.tokens(person)["access_token"], "{ viewer { roles } }")
        assert answer.json()["data"]["viewer"]["roles"] == ["parent"]


def _check_queries(run: Run) -> None:
    """With the token that the command prints; the first three are printed at the start."""
    token = _command_token(run.home)
    for number, (_, document) in enumerate(demo_queries()):
        assert _ask(run.home, token, document)
        assert number >= 3 or document.strip() in run.said()


def _check_documents(run: Run) -> None:
    """Every example of README and docs, last: they write a mark."""
    cluster = Cluster(run.home.folder)
    cluster.start()
    issuer = TokenIssuer(token_key(run.home.folder / "keys"))

    def ask(account: str, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        return _answer(run.home, demo_token(cluster.url(), account, issuer), document, variables)

    names = {account.name for account in demo_accounts(cluster.url())}
    check_examples(ask, year_of(datetime.now(UTC).date()), names)
    check_shell(run.home.url, run.home.environment)
    check_story(ask, lambda arguments: _policy(run.home, arguments), year_of(datetime.now(UTC).date()))


def _policy(home: Home, arguments: list[str]) -> str:
    """All that a command of the story prints, on a terminal as wide as the README's."""
    assert arguments[0] == "policy"
    done = home.call("policy", "--url", home.url, *arguments[1:], COLUMNS="120")
    return done.stdout + done.stderr


def _command_token(home: Home) -> str:
    done = home.call("token", "teacher")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _ask(home: Home, token: str, document: str) -> dict[str, Any]:
    answer = _answer(home, token, document, {})
    assert answer.get("errors") is None
    return answer["data"]


def _answer(home: Home, token: str, document: str, variables: dict[str, Any]) -> dict[str, Any]:
    return httpx.post(
        f"{home.url}/graphql",
        json={"query": document, "variables": variables},
        headers={"authorization": f"Bearer {token}"},
        trust_env=False,
        timeout=30,
    ).json()
