"""What a fresh machine relies on: verbs, locks and the commands that CI calls."""

import json
import re
import stat
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
VERBS = (
    "install",
    "dev",
    "run",
    "test",
    "lint",
    "types",
    "contracts",
    "schema",
    "schema-check",
    "docker-check",
    "bench",
    "lock",
    "sbom",
    "audit",
    "clean",
)


def pins(name: str) -> dict[str, tuple[str, list[str]]]:
    """Package -> version and hashes, of a lock file."""
    joined = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, tuple[str, list[str]]] = {}
    for line in joined.splitlines():
        if match := re.match(r"([a-z0-9-]+)(?:\[[a-z,0-9-]+\])?==([^\s;]+)", line):
            found[match[1]] = (match[2], re.findall(r"--hash=sha256:[0-9a-f]{64}", line))
        else:
            assert not line.strip() or line.lstrip().startswith("#"), f"{name}: {line}"
    return found


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def normal(requirement: str) -> str:
    return re.split(r"[\[<>=;~! ]", requirement)[0].lower().replace("_", "-")


@pytest.mark.parametrize("name", LOCKS)
def test_locks_pin_by_version_and_hash(name: str) -> None:
    """Every line is a package, its version and at least one hash."""
    assert pins(name)
    assert [package for package, (_, hashes) in pins(name).items() if not hashes] == []


@pytest.mark.parametrize("name", LOCKS)
def test_locks_hold_no_address(name: str) -> None:
    """Where a package is downloaded from is the reader's choice."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"https?://|file:|--(?:extra-)?index-url|--find-links| @ ", text)


def test_the_lock_of_the_javascript_clients_holds_no_address() -> None:
    """npm's lock pins by version and hash, too, and leaves the registry to the reader."""
    folder = ROOT / "tests" / "e2e" / "clients"
    locked: dict[str, dict[str, Any]] = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))[
        "packages"
    ]
    for one in locked.values():
        one.pop("funding", None)  # addresses for whoever wants to give, from which nothing is downloaded
    assert "://" not in json.dumps(locked)
    asked: dict[str, str] = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert {f"node_modules/{name}" for name in asked} == set(locked) - {""}
    assert all(one["integrity"].startswith("sha512-") for path, one in locked.items() if path)
    assert asked == {name: locked[f"node_modules/{name}"]["version"] for name in asked}
    assert (folder / ".npmrc").read_text(encoding="utf-8") == "omit-lockfile-registry-resolved=true\n"


def test_the_lock_of_development_holds_the_other() -> None:
    """What is tested is what is served: the same versions and hashes."""
    serving, development = (pins(name) for name in LOCKS)
    assert {name: pin for name, pin in serving.items() if development.get(name) != pin} == {}


def test_locks_hold_what_the_project_asks_for() -> None:
    """Each dependency is there, and the build backend at the version that builds it."""
    described = project()
    serving, development = (pins(name) for name in LOCKS)
    groups = described["dependency-groups"]
    assert {normal(each) for each in (*described["project"]["dependencies"], *groups["build"])} <= set(serving)
    assert {normal(each) for each in groups["dev"]} <= set(development)
    (backend,) = described["build-system"]["requires"]
    assert serving[normal(backend)][0] == backend.partition("==")[2]


def test_make_alone_lists_the_verbs() -> None:
    """With what each does, in one line."""
    listed = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True)
    for verb in VERBS:
        assert re.search(rf"^  {verb} +[A-Z]", listed.stdout, re.MULTILINE), verb


def test_test_checks_everything() -> None:
    """`make test` means style, types, contracts, printed files and the Dockerfile, too."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [(first, then)] = re.findall(
        r"^test: ([a-z -]+)##.*\n\t@\$\(MAKE\) [a-z=3 -]*--keep-going ([a-z -]+)$", makefile, re.MULTILINE
    )
    assert first.split() == ["dev", "lint", "contracts", "schema-check"]
    assert then.split() == ["suite", "types", "docker-check"]
    assert re.search(r"^suite: dev\n\t\$\(BIN\)/pytest -n auto ", makefile, re.MULTILINE)


def test_ci_calls_verbs_alone() -> None:
    """The same command that a person gives, and it can be run."""
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & stat.S_IXUSR
    commands = [line for line in script.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert commands == ["set -eu", 'cd "$(dirname "$0")/.."', "exec make test"]
