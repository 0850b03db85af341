"""What Usher is made of: a bill of materials that follows from the locks, accepted licences, and an audit that fails when
it could not look."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tools import audit
from tools.licences import Unlicensed, is_accepted, licence
from tools.locked import DEVELOPMENT, ROOT, SERVING, Package, Unreadable, locked
from tools.sbom import bill, main


@pytest.fixture(scope="module")
def packages() -> list[Package]:
    return locked()


def test_each_pin_of_each_lock_is_read(packages: list[Package]) -> None:
    """With every hash that it has, once; what serves is marked so."""
    for lock in (SERVING, DEVELOPMENT):
        text = (ROOT / lock).read_text(encoding="utf-8")
        names = set(re.findall(r"^([a-z0-9._-]+)(?:\[.*\])?==", text, re.MULTILINE))
        read = [one for one in packages if one.ecosystem == "PyPI"]
        assert names <= {one.name for one in read}
        assert set(re.findall(r"sha256:([0-9a-f]{64})", text)) <= {digest for one in read for _, digest in one.hashes}
        if lock == SERVING:
            assert names == {one.name for one in read if one.shipped}
    assert {one.name for one in packages if one.ecosystem == "npm"} >= {"graphql-ws", "mercurius"}
    assert len({one.purl for one in packages}) == len(packages)


def test_a_line_that_is_no_pin_is_refused(tmp_path: Path) -> None:
    """Nothing is left out in silence."""
    for lock in (SERVING, DEVELOPMENT, "tests/e2e/clients/package-lock.json", "bench/peers/package-lock.json"):
        copy = tmp_path / lock
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text((ROOT / lock).read_text(encoding="utf-8"), encoding="utf-8")
    assert locked(tmp_path) == locked()
    lock = tmp_path / SERVING
    whole = lock.read_text(encoding="utf-8")
    for line in ("thing @ file:///thing", "thing==1.0", "thing>=1"):
        lock.write_text(whole + line + "\n", encoding="utf-8")
        with pytest.raises(Unreadable):
            locked(tmp_path)


def test_the_bill_is_valid_and_whole(packages: list[Package]) -> None:
    """By CycloneDX' own schema; each package with a hash and a licence, and who needs it."""
    made = bill(packages)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(made)) is None
    components = {one["purl"]: one for one in made["components"]}
    assert set(components) == {one.purl for one in packages}
    assert all(one["hashes"] and one["licenses"] for one in components.values())
    starlette = next(one for one in packages if one.name == "starlette")
    [ours] = [one for one in made["dependencies"] if one["ref"].startswith("pkg:pypi/usher@")]
    assert starlette.purl in ours["dependsOn"]
    assert "timestamp" not in made["metadata"]


def test_the_same_locks_make_the_same_file(tmp_path: Path, packages: list[Package]) -> None:
    """Byte by byte; another version makes another serial number."""
    files = [tmp_path / name for name in ("one.json", "two.json")]
    assert [main([str(file)]) for file in files] == [0, 0]
    assert files[0].read_bytes() == files[1].read_bytes()
    other = [replace(packages[0], version="0.0.1"), *packages[1:]]
    assert bill(other)["serialNumber"] != bill(packages)["serialNumber"]


def test_every_licence_is_accepted(packages: list[Package]) -> None:
    """Of what is shipped and of what tests need."""
    assert [f"{one.name}: {licence(one)}" for one in packages if not is_accepted(licence(one))] == []


@pytest.mark.parametrize(
    ("expression", "accepted"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR GPL-2.0-only) AND Apache-2.0", True),
        ("AGPL-3.0-or-later", False),
    ],
)
def test_licences_are_weighed_as_they_are_written(expression: str, accepted: bool) -> None:
    """All of AND, one of OR."""
    assert is_accepted(expression) == accepted


def test_a_package_without_a_known_licence_is_named() -> None:
    """And where to write it down."""
    with pytest.raises(Unlicensed, match=r"nobodys-thing.*tools/licences.py"):
        licence(Package("PyPI", "nobodys-thing", "1.0", (), (), shipped=True))


Answer = Callable[[list[dict[str, Any]]], tuple[int, Any]]


@dataclass
class Service:
    """Advisories on loopback; `answer` makes status and body of the queries."""

    url: str = ""
    answer: Answer = field(default=lambda queries: (200, results(queries)))


def results(queries: list[dict[str, Any]], **bad: str) -> dict[str, Any]:
    """As OSV answers: advisories of the versions that are known to be bad, and of those named in `bad`."""
    known = {one.name: "GHSA-old" for one in audit.BAD.values()} | bad
    versions = {one.name: one.version for one in audit.BAD.values()}
    return {
        "results": [
            {"vulns": [{"id": known[name], "modified": "2026-01-01T00:00:00Z"}]}
            if (name := one["package"]["name"]) in known and versions.get(name, one["version"]) == one["version"]
            else {}
            for one in queries
        ]
    }


@pytest.fixture(scope="module")
def running() -> Generator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            status, body = service.answer(queries)
            sent = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, format: str, *args: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield service
        server.shutdown()
        thread.join()


def _audited(service: Service, answer: Answer, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    service.answer = answer
    status = audit.main(["--service", service.url])
    said = capsys.readouterr()
    return status, said.out + said.err


def test_an_audit_without_advisories_passes(running: Service, capsys: pytest.CaptureFixture[str]) -> None:
    """Every package was asked about."""
    status, said = _audited(running, lambda queries: (200, results(queries)), capsys)
    assert (status, said) == (0, f"No advisories of {len(locked())} packages.\n")


def test_an_advisory_fails_the_audit(running: Service, capsys: pytest.CaptureFixture[str]) -> None:
    """And is named with the version; of npm too."""
    bad = {"starlette": "PYSEC-2026-1", "mercurius": "GHSA-new"}
    status, said = _audited(running, lambda queries: (200, results(queries, **bad)), capsys)
    assert status == 1
    assert re.search(r"^mercurius [\d.]+: GHSA-new\nstarlette [\d.]+: PYSEC-2026-1\n2 of \d+ packages", said)


FAULTS: list[tuple[Answer, str]] = [
    (lambda _: (503, {}), "answered 503"),
    (lambda _: (200, b"<html>"), "something else than results"),
    (lambda _: (200, {"results": None}), "left packages out"),
    (lambda queries: (200, {"results": results(queries)["results"][1:]}), "left packages out"),
    (lambda queries: (200, {"results": [dict[str, Any]() for _ in queries]}), "it has not looked"),
    (lambda queries: (200, {"results": [None, *results(queries)["results"][1:]]}), "doesn't know"),
]


@pytest.mark.parametrize(("answer", "said"), FAULTS)
def test_an_audit_that_could_not_look_fails_otherwise(
    running: Service, capsys: pytest.CaptureFixture[str], answer: Answer, said: str
) -> None:
    """With another exit status and other words: nothing was found, since nothing was looked at."""
    status, told = _audited(running, answer, capsys)
    assert (status, said in told) == (2, True), told
    assert told.startswith("Not audited.")


def test_an_audit_without_a_way_there_fails_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    """No network is no clean bill."""
    assert audit.main(["--service", "http://127.0.0.1:1"]) == 2
    assert capsys.readouterr().err.startswith("Not audited. The advisory service can't be reached")
