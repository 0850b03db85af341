"""The pool as a serving process gets it: open, and with a role that is fit to serve."""

import psycopg_pool

from server.database.application_role import verify_application_role
from server.database.pool import Pool, make_pool
from server.errors import Unavailable
from server.settings import Settings


async def open_pool(settings: Settings, url: str, seconds: float = 15.0) -> Pool:
    """An open pool; close it with `await pool.close()`.

    Raises Unavailable when the database doesn't answer within `seconds`, or refuses its role, which is said.
    """
    pool = make_pool(settings, url)
    try:
        await pool.open(wait=True, timeout=seconds)
    except psycopg_pool.PoolTimeout:
        raise Unavailable("The database doesn't answer at USHER_DATABASE_URL.") from None
    try:
        async with pool.connection() as connection:
            await verify_application_role(connection)
    except BaseException:
        await pool.close()
        raise
    return pool
