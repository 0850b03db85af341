"""Letters that the application queued, read with the key that every test's database has letters sealed to."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg
from joserfc.jwk import ECKey

from server.identity.letters.keys import PUBLISH, published
from server.identity.letters.letter import Written
from server.identity.letters.sealing import unseal

# A process of jobs that a test starts with a home of its own publishes an older one, which nothing is sealed to.
_MADE: Final = datetime(2100, 1, 1, tzinfo=UTC)
_PEM: Final = b"""-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXkw6pFsySRvQ68w6
/UTBmIndm4DSSRSYUREbkkxqegqhRANCAAQe/K2YC1AfkN8JJlRq6NDG6HdxutRk
ksae+SJs571pGYdCbgrq0fbbrxU7IdAnc2BDcn2fJ1ZjiGs1irfTtTNJ
-----END PRIVATE KEY-----
"""


def letter_key() -> ECKey:
    key = ECKey.import_key(_PEM)
    key.ensure_kid()
    return key


def publish_letter_key(owner_url: str) -> None:
    """Letters can be queued in this database from now on."""
    with psycopg.connect(owner_url) as connection:
        connection.execute(PUBLISH, published(letter_key(), _MADE))


def keep_letter_key(home: Path) -> None:
    """A jobs process with this home opens the letters of the tests' databases."""
    keys = home / "keys"
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    (keys / "letters-p256.pem").write_bytes(_PEM)
    (keys / "letters-p256.pem").chmod(0o600)


def waiting_letters(owner_url: str, to: str) -> list[tuple[str, Written]]:
    """Kind and content of each letter to that address that was queued and isn't sent, the first first."""
    query = "SELECT kind, sealed FROM usher.letter WHERE sealed IS NOT NULL ORDER BY queued_at, letter_id"
    with psycopg.connect(owner_url) as connection:
        rows = connection.execute(query).fetchall()
    opened = [(kind, unseal(letter_key(), sealed)) for kind, sealed in rows]
    return [(kind, written) for kind, written in opened if written is not None and written.to == to]
