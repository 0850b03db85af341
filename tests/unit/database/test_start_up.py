"""A serving process starts with an open pool and a modest role, or not at all."""

import pytest

from server.database.pool import owner_connection
from server.database.start_up import open_pool
from server.errors import Unavailable
from server.settings import Settings
from tests.wire_tap import WireTap

_SMALL = Settings(usher_pool_min=1, usher_pool_max=2)


async def test_the_pool_is_open(app_url: str) -> None:
    """With the size of the settings."""
    pool = await open_pool(_SMALL, app_url)
    try:
        assert (pool.min_size, pool.max_size, pool.closed) == (1, 2, False)
    finally:
        await pool.close()


async def test_the_owner_does_not_serve(owner_url: str) -> None:
    """The refusal is an error at the start, not a warning in a log."""
    with pytest.raises(Unavailable, match="owns tables"):
        await open_pool(_SMALL, owner_url)


async def test_a_missing_database_is_said(app_url: str) -> None:
    """The sentence names the variable, and no address or password."""
    with WireTap(app_url) as tap:
        gone = tap.url
    with pytest.raises(Unavailable, match=r"answer at USHER_DATABASE_URL\.$"):
        await open_pool(_SMALL, gone, seconds=0.2)
    with pytest.raises(Unavailable, match=r"answer at USHER_OWNER_DATABASE_URL\.$"):
        owner_connection(gone)


def test_the_owners_connection_is_a_transaction(owner_url: str) -> None:
    """A migration or import stays whole, or leaves nothing."""
    with owner_connection(owner_url) as connection:
        connection.execute("CREATE TABLE public.attempt (word text)")
        connection.rollback()
        row = connection.execute("SELECT to_regclass('public.attempt')").fetchone()
    assert row == (None,)
