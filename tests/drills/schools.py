"""Schools for drills: the small one with a crowd to mark, and tokens of its people."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from server.identity.keys import token_key
from server.identity.tokens import TokenIssuer
from tests.drills.traffic import LEARNERS, Caller, Writer
from tests.e2e.serving import capacity_of
from tests.unit.commands.desk import crowd
from tests.worlds import World, insert_world, small_school

LIFETIME: Final = 3600
_WRITERS: Final = ("teacher", "maths-lead")


def school(app_url: str, word: str) -> World:
    """A new one in the database, with a crowd in 10/Ma1 that has no marks yet."""
    world = small_school(f"drill {word} {uuid4()}", datetime.now(UTC).date())
    crowd(world, LEARNERS)
    insert_world(app_url, world)
    return world


def token(home: Path, world: World, handle: str) -> str:
    """Good for an hour."""
    issuer = TokenIssuer(token_key(home / "keys"))
    return issuer.issue(world.school_id, world.name(handle), capacity_of(world, handle), LIFETIME, factor=True)


def caller(url: str, home: Path, world: World, handle: str, timeout: float = 60.0) -> Caller:
    return Caller(url, token(home, world, handle), timeout)


def writers(url: str, home: Path, world: World, word: str, *, fresh: bool = False) -> list[Writer]:
    """Two who write the same marks, so that each undoes what the other wrote."""
    return [
        Writer(caller(url, home, world, handle), world, f"{word}{parity}", parity, fresh=fresh)
        for parity, handle in enumerate(_WRITERS)
    ]
