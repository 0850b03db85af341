"""The public JavaScript clients of GraphQL and of OAuth: installed from their lock, and run as programs of their own.

`python -m tests.e2e.npm_clients` installs them, as `make dev` does; without Node and npm it says so and does nothing.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.e2e.serving import Client, Server
from tests.leaks.watching import WATCH, reader_of

FOLDER: Final = Path(__file__).parent / "clients"
_INSTALLED: Final = FOLDER / "node_modules" / ".usher-lock"
_OLDEST_NODE: Final = 20
_SECONDS: Final = 120
_INSTALLING: Final = 300


def missing() -> str | None:
    """What this machine lacks to run them, in words; None once they are installed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return "Node and npm are not installed"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").split(".")[0]) < _OLDEST_NODE:
        return f"Node {version} is too old: the clients need {_OLDEST_NODE}"
    with (FOLDER / ".installing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test processes side by side install once
        return None if _installed() else _install(npm)


def _installed() -> bool:
    return _INSTALLED.exists() and _INSTALLED.read_text() == _lock()


def _lock() -> str:
    return (FOLDER / "package-lock.json").read_text()


def _install(npm: str) -> str | None:
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, timeout=_INSTALLING)
    except subprocess.TimeoutExpired:
        return "npm could not install the clients in time"
    if done.returncode != 0:
        return "npm could not install the clients: is its registry in reach?"
    _INSTALLED.write_text(_lock())
    return None


class Following:
    """A program that follows; `next` is the next thing that it says."""

    def __init__(self, process: subprocess.Popen[str], token: str) -> None:
        self._process = process
        self._reader = reader_of({"authorization": f"Bearer {token}"})

    def next(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the client said nothing more"
        WATCH.hear(line, self._reader)
        return json.loads(line)

    def event(self) -> dict[str, Any]:
        """The next event of the stream, by its only field; that a connection was closed and stands again is passed over."""
        while "event" not in (said := self.next()):
            assert "ended" not in said, said
        assert "errors" not in said["event"], said
        [event] = said["event"]["data"].values()
        return event


@contextmanager
def following(
    server: Server,
    client: Client,
    transport: str,
    query: str,
    variables: Mapping[str, Any] | None = None,
    **more: Any,
) -> Generator[Following]:
    """By "ws" or "sse". `more`: `attempts` to reconnect, the `origin` of a page, a `documentId` instead of the query."""
    asked = {
        "transport": transport,
        "url": f"{server.url}/graphql",
        "token": client.token,
        "query": query,
        "variables": dict(variables or {}),
    } | more
    process = subprocess.Popen(
        ["node", "follow.mjs", json.dumps(asked)],
        cwd=FOLDER,
        env=without_proxies(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Following(process, client.token)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def told(program: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What a program that does one thing and ends says on its last line; its failure fails the test."""
    done = subprocess.run(
        ["node", program, json.dumps(asked)],
        cwd=FOLDER,
        env=without_proxies(),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def conversed(program: str, asked: Mapping[str, Any], browse: Callable[[str], str]) -> dict[str, Any]:
    """What an app says at the end that sends a person somewhere: `browse` takes that address, and tells where it led."""
    process = subprocess.Popen(
        ["node", program, json.dumps(asked)],
        cwd=FOLDER,
        env=without_proxies(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        sent = json.loads(line)["url"] if line else ""
        rest, failed = process.communicate(f"{browse(sent)}\n" if sent else None, timeout=_SECONDS)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, failed[-2000:]
    return json.loads(rest.splitlines()[-1])


def without_proxies() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


if __name__ == "__main__":
    lacking = missing()
    print(  # noqa: T201 - a program's own line
        "The JavaScript clients are installed." if lacking is None else f"Without JavaScript clients: {lacking}."
    )
