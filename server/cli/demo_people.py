"""The demo's people can sign in: each gets an account with the known password, and a known secret where one is demanded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from datetime import UTC, datetime

from server.cli.console import bars
from server.database.pool import owner_connection
from server.database.start_up import open_pool
from server.errors import Forbidden, SecondFactorRequired, Unauthenticated
from server.identity.accounts import Account, Directory
from server.identity.issuer import Issuer
from server.identity.people.demo_accounts import lacking_accounts, open_accounts
from server.identity.people.premises import Premises
from server.identity.principal import Principal
from server.policies.shipped import shipped_ceiling
from server.resolvers.asked import Standings
from server.settings import Settings

_DOING = "Opening the demo's accounts"


def let_demo_people_in(settings: Settings, app_url: str) -> None:
    """All that have no account yet, in one transaction; nothing where there are real people."""
    with owner_connection(app_url) as connection, connection.transaction():
        try:
            lacking = lacking_accounts(connection)
        except Forbidden:
            return
        if not lacking:
            return
        wanted = set(lacking)
        known = [one for one in Directory(app_url).all() if one.name in wanted]
        demanded = asyncio.run(_demanded(settings, app_url, known))
        premises = Premises.of(Issuer(settings.issuer), settings.keys)
        with bars() as progress:

            def made() -> None:
                progress(description=_DOING, advance=1, total=len(lacking))

            open_accounts(connection, premises, lacking, demanded, datetime.now(UTC), made)


async def _demanded(settings: Settings, app_url: str, accounts: Collection[Account]) -> frozenset[str]:
    """Those of whom the API would demand a second factor."""
    pool = await open_pool(settings, app_url)
    try:
        standings = Standings(pool, shipped_ceiling())
        return frozenset([one.name for one in accounts if await _demands(standings, one)])
    finally:
        await pool.close()


async def _demands(standings: Standings, account: Account) -> bool:
    asker = Principal(account.school_id, account.person_id, account.capacity, None, "", int(time.time()))
    try:
        await standings.of(asker, datetime.now(UTC), None, None)
    except SecondFactorRequired:
        return True
    except Unauthenticated:
        return False
    return False
