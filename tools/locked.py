"""What the lock files pin: packages of Python and of npm, with their hashes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
SERVING: Final = "requirements.lock"
DEVELOPMENT: Final = "requirements-dev.lock"
NPM: Final = ("tests/e2e/clients/package-lock.json", "bench/peers/package-lock.json")
_PIN: Final = re.compile(r"([a-z0-9][a-z0-9._-]*)(?:\[[a-z,0-9-]+\])?==([^\s;]+)\s*(?:;\s*([^\\]*?))?\s*(?=--hash|$)")
_OF_US: Final = "usher"


class Unreadable(Exception):
    """A line of a lock that is no pin."""


@dataclass(frozen=True, slots=True)
class Package:
    """`hashes` are pairs of algorithm and hexadecimal digest, one a file; `needed_by` names of packages, or of ours.

    `shipped`: whether it serves, rather than tests; `licence` as npm's lock has it, None for Python.
    """

    ecosystem: str
    name: str
    version: str
    hashes: tuple[tuple[str, str], ...]
    needed_by: tuple[str, ...]
    shipped: bool
    marker: str | None = None
    licence: str | None = None

    @property
    def purl(self) -> str:
        """Package URL, without qualifiers."""
        kind = {"PyPI": "pypi", "npm": "npm"}[self.ecosystem]
        return f"pkg:{kind}/{self.name.replace('@', '%40')}@{self.version}"


def locked(root: Path = ROOT) -> list[Package]:
    """All of them, each once, in order of their URLs. Raises Unreadable."""
    serving = {one.purl for one in _python(root / SERVING, shipped=True)}
    found = {one.purl: one for path in NPM for one in _npm(root / path)}
    for one in (*_python(root / DEVELOPMENT, shipped=False), *_python(root / SERVING, shipped=True)):
        if one.shipped or one.purl not in serving:
            found[one.purl] = one
    return [found[purl] for purl in sorted(found)]


def _python(lock: Path, *, shipped: bool) -> Iterator[Package]:
    for entry in re.split(r"\n(?=[^\s#])", "\n" + lock.read_text(encoding="utf-8").replace("\\\n", " ")):
        if not entry.strip() or entry.lstrip().startswith("#"):
            continue
        line, _, rest = entry.lstrip().partition("\n")
        pin = _PIN.match(line)
        hashes = tuple(("SHA-256", one) for one in re.findall(r"--hash=sha256:([0-9a-f]{64})", line))
        if pin is None or not hashes:
            raise Unreadable(f"{lock.name}: {line[:60]}")
        yield Package("PyPI", pin[1], pin[2], hashes, tuple(_needed_by(rest)), shipped, (pin[3] or "").strip() or None)


def _needed_by(comments: str) -> Iterator[str]:
    """Names behind `# via`, on its line or on lines of their own."""
    for line in comments.splitlines():
        word = line.strip().lstrip("#").strip().removeprefix("via").strip()
        if re.fullmatch(r"[a-z0-9][a-z0-9._-]*", word):
            yield word
        elif word.startswith(f"{_OF_US} (pyproject.toml"):
            yield _OF_US


def _npm(lock: Path) -> Iterator[Package]:
    packages: dict[str, dict[str, Any]] = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    for path, one in packages.items():
        if not path:
            continue
        name, digest = path.rpartition("node_modules/")[2], str(one.get("integrity", ""))
        if not digest.startswith("sha512-") or "version" not in one:
            raise Unreadable(f"{lock.parent.name}/{lock.name}: {path}")
        sha = base64.b64decode(digest.removeprefix("sha512-")).hex()
        yield Package("npm", name, one["version"], (("SHA-512", sha),), (), False, None, one.get("license"))
