"""The list of schools that lies beside their files: `demo.json` in a folder of demo files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from server.errors import BadUserInput
from server.exchange.founding import FirstPerson

MANIFEST = "demo.json"


@dataclass(frozen=True, slots=True)
class Client:
    identity: str
    scopes: tuple[str, ...]
    purpose: str


@dataclass(frozen=True, slots=True)
class School:
    """One school's entry; paths are absolute. `operators` are identities of the vendor's support staff."""

    name: str
    urn: str
    laestab: str
    academic_year: int
    first: FirstPerson
    first_since: date
    since: date
    roster: Path
    marks: tuple[Path, ...]
    parts: tuple[Path, ...]
    accounts: tuple[dict[str, str], ...]
    clients: tuple[Client, ...]
    operators: tuple[str, ...]


def read_manifest(folder: Path) -> tuple[School, ...]:
    """The schools of a folder. Raises BadUserInput when the list is missing or not understood."""
    try:
        listed: Any = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return tuple(_school(folder, listed["academic_year"], entry) for entry in listed["schools"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadUserInput(
            "The folder has no list of schools that can be read: write the files anew.", ("folder",)
        ) from error


def _school(folder: Path, academic_year: int, entry: dict[str, Any]) -> School:
    first = entry["first"]
    return School(
        name=entry["name"],
        urn=entry["urn"],
        laestab=entry["laestab"],
        academic_year=academic_year,
        first=FirstPerson(first["mis_id"], first["given_name"], first["family_name"], tuple(first["roles"])),
        first_since=date.fromisoformat(first["since"]),
        since=date.fromisoformat(entry["since"]),
        roster=folder / entry["roster"],
        marks=tuple(folder / name for name in entry["marks"]),
        parts=tuple(folder / name for name in entry["parts"]),
        accounts=tuple(dict(account) for account in entry["accounts"]),
        clients=tuple(Client(c["identity"], tuple(c["scopes"]), c["purpose"]) for c in entry["clients"]),
        operators=tuple(str(identity) for identity in entry["operators"]),
    )
