"""Whichever way a test asks, what it is told is judged; a way that is not heard is not used."""

from __future__ import annotations

import ast
import subprocess
import sys
from datetime import date
from uuid import UUID, uuid4

import httpx
import pytest

from server.database.pool import Pool
from server.identity.principal import Principal
from server.resolvers.execution import Execution, OperationRequest
from tests.database import Database
from tests.leaks.listening import listening
from tests.leaks.sentinels import PLANTED, plant
from tests.leaks.test_lines import ROOT
from tests.leaks.watching import WATCH
from tests.leaks.ways_of_asking import SPEAKING, used
from tests.worlds import insert_world
from tests.worlds.wide_school import wide_school

PRINTING = "import sys; print(sys.argv[1]); print(sys.argv[1], file=sys.stderr)"


@pytest.fixture
def word(database: Database, today: date, monkeypatch: pytest.MonkeyPatch) -> str:
    """A planted one; what is noticed of it here is no fault of the session. `database` begins to listen."""
    monkeypatch.setattr(WATCH, "told", list[str]())
    world = plant(wide_school(f"listening {uuid4()}", today), whole=True)
    insert_world(database.owner_url, world)
    return next(one.word for one in PLANTED.values() if one.world is world and one.element == "medical")


def answering(word: str) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(200, json={"data": word}, headers={"x": "y"}))


def test_httpx_is_heard(word: str) -> None:
    with httpx.Client(transport=answering(word)) as client, pytest.raises(AssertionError, match="nobody known"):
        client.get("http://usher")
    with httpx.Client(transport=answering(word)) as client, pytest.raises(AssertionError, match="nobody known"):
        client.stream("GET", "http://usher").__enter__()
    assert len(WATCH.told) == 2, "a test that passes all the same fails the session"


async def test_httpx_without_waiting_is_heard(word: str) -> None:
    async with httpx.AsyncClient(transport=answering(word)) as client:
        with pytest.raises(AssertionError, match="nobody known"):
            await client.get("http://usher")


async def test_an_operation_in_this_process_is_heard(
    word: str, bare_app_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> bytes:
        return f'{{"data": "{word}"}}'.encode()

    monkeypatch.setattr(Execution, "_answer", broken)
    stranger = Principal(PLANTED[word].world.school_id, UUID(int=1), "PARENT", None, "token", 0)
    async with Pool(bare_app_url, min_size=1, max_size=1) as pool:
        with pytest.raises(AssertionError, match="told to PARENT"):
            await Execution(pool, bytes(32)).run(OperationRequest("{ __typename }", None, {}, stranger, None, None))


def test_what_is_printed_is_heard(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    sys.stdout.write(word)
    with pytest.raises(AssertionError, match="nobody known"):
        capsys.readouterr()
    with pytest.raises(AssertionError, match="nobody known"):
        subprocess.run([sys.executable, "-c", PRINTING, word], capture_output=True, check=True)


def test_listening_ends() -> None:
    """Whatever was replaced is put back."""
    run = Execution.run
    with listening():
        assert Execution.run is not run
    assert Execution.run is run


def test_no_test_asks_unheard() -> None:
    """Closed: a new way of being told something needs a reason, and a reason needs its use."""
    tests = ROOT / "tests"
    found = {path.relative_to(tests).as_posix(): set(used(ast.parse(path.read_text()))) for path in tests.rglob("*.py")}
    assert {file: names for file, names in found.items() if names} == {
        file: set(reasons) for file, reasons in SPEAKING.items()
    }


def test_a_new_way_is_noticed() -> None:
    text = "import requests\nfrom urllib import request\nfrom subprocess import Popen\ndef f(capfd): os.system(1)"
    assert set(used(ast.parse(text))) == {"requests", "urllib.request", "Popen", "capfd", "system"}
