"""A letter is queued in its cause's transaction, and what it holds is closed to everybody but who sends it."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest

from server.commands.letters import queue_letter as queue_letter_async
from server.database.blocking_pool import BlockingPool
from server.database.pool import Pool
from server.errors import Unavailable
from server.identity.keys import new_token_key
from server.identity.letters.letter import Letter, write
from server.identity.letters.queue import queue_letter, recipient_digest
from server.identity.letters.sealing import seal, unseal
from tests.database import Database
from tests.letters import letter_key, waiting_letters

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def a_letter() -> Letter:
    """To an address of its own: other tests' letters lie in the same table."""
    link = f"https://usher.test/confirm/{uuid4().hex}"
    return Letter("confirm_address", f"{uuid4().hex}@mail.test", {"link": link, "until": NOW})


def test_a_letter_waits_once_its_cause_has_committed(database: Database) -> None:
    """With subject and text as written, to be opened by the sender's key."""
    letter, pool = a_letter(), BlockingPool(database.app_url, 1, "tests")
    pool.open()
    with pool.transaction() as connection:
        letter_id = queue_letter(connection, letter, NOW)
        assert waiting_letters(database.owner_url, letter.to) == []
    pool.close()
    assert waiting_letters(database.owner_url, letter.to) == [("confirm_address", write(letter))]
    with psycopg.connect(database.owner_url) as connection:
        query = "SELECT kind, recipient_digest, queued_at, attempts, outcome FROM usher.letter WHERE letter_id = %s"
        row = connection.execute(query, [letter_id]).fetchone()
    assert row == ("confirm_address", recipient_digest(letter_id, letter.to), NOW, 0, None)


async def test_commands_queue_letters_in_their_transaction(database: Database, pool: Pool) -> None:
    """Committed, it waits; rolled back, it was never there."""
    kept, undone = a_letter(), a_letter()
    async with pool.connection() as connection, connection.transaction():
        await queue_letter_async(connection, kept, NOW)
    async with pool.connection() as connection, connection.transaction(force_rollback=True):
        await queue_letter_async(connection, undone, NOW)
    assert waiting_letters(database.owner_url, kept.to) == [("confirm_address", write(kept))]
    assert waiting_letters(database.owner_url, undone.to) == []


def test_no_letter_goes_whose_cause_was_rolled_back(database: Database) -> None:
    """Whatever fails after it was queued."""
    letter, pool = a_letter(), BlockingPool(database.app_url, 1, "tests")
    pool.open()
    with pytest.raises(psycopg.errors.DivisionByZero), pool.transaction() as connection:  # noqa: PT012
        queue_letter(connection, letter, NOW)
        connection.execute("SELECT 1 / 0")
    pool.close()
    assert waiting_letters(database.owner_url, letter.to) == []


def test_a_waiting_letter_tells_a_reader_of_the_database_nothing(database: Database) -> None:
    """Neither its link nor its address nor its subject stands in the row; the digest of the same address is another."""
    letter, pool = a_letter(), BlockingPool(database.app_url, 1, "tests")
    pool.open()
    with pool.transaction() as connection:
        first, second = (queue_letter(connection, letter, NOW) for _ in range(2))
        query = "SELECT t::text, t.recipient_digest FROM usher.letter AS t WHERE letter_id = ANY(%s)"
        rows = connection.execute(query, [[first, second]]).fetchall()
    pool.close()
    assert len({digest for _, digest in rows}) == 2
    for text, _ in rows:
        assert letter.to.partition("@")[0] not in text
        assert str(letter.values["link"]).rpartition("/")[2] not in text
        assert "confirm" not in text.replace("confirm_address", "").lower()


def test_before_there_is_a_key_no_letter_is_queued(make_database: Callable[[], Database]) -> None:
    """It says what is missing, and queues nothing that nobody could open."""
    database = make_database()
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("DELETE FROM usher.letter_key")
    pool = BlockingPool(database.app_url, 1, "tests")
    pool.open()
    with pytest.raises(Unavailable, match="usher jobs"), pool.transaction() as connection:
        queue_letter(connection, a_letter(), NOW)
    pool.close()
    with psycopg.connect(database.owner_url) as connection:
        assert connection.execute("SELECT count(*) FROM usher.letter").fetchone() == (0,)


def test_a_letter_is_opened_by_its_key_alone() -> None:
    """Another key opens nothing, and neither does ours what was changed or is no letter."""
    written, other = write(a_letter()), new_token_key()
    sealed = seal({**other.as_dict(private=False), "kid": str(other.kid)}, written)
    assert unseal(other, sealed) == written
    changed = f"{sealed[:-30]}{'A' if sealed[-30] != 'A' else 'B'}{sealed[-29:]}"
    assert [unseal(letter_key(), sealed), unseal(other, changed), unseal(other, "no letter")] == [None] * 3


def test_queueing_leaves_names_as_they_were(database: Database) -> None:
    """The search path that the queue's own names need is gone after each letter, within the transaction, too."""
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        (before,) = connection.execute("SHOW search_path").fetchone() or ("",)
        with connection.transaction(force_rollback=True):
            queue_letter(connection, a_letter(), NOW)
            assert connection.execute("SHOW search_path").fetchone() == (before,)
        assert connection.execute("SHOW search_path").fetchone() == (before,)
