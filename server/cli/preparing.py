"""What happens before serving: the tables' newest version, the demo schools, and a look at the role that will serve."""

import asyncio
from pathlib import Path

from server.cli.console import ERRORS, bars
from server.database.start_up import open_pool
from server.migrations import migrate
from server.settings import Settings


def migrate_with_progress(owner_url: str) -> None:
    with ERRORS.status("Migrating") as status:
        migrate(owner_url, lambda sentence: status.update(sentence))


def import_demo(app_url: str, folder: Path) -> None:
    """Import the demo schools from real files in `folder`, unless they are there already."""
    from server.demo import load_demo  # the generator of the demo is slow to import, and only this command needs it

    with bars() as progress:
        load_demo(app_url, folder, progress)


def verify_database(settings: Settings, app_url: str) -> None:
    """Raises Unavailable, in one sentence, where each worker would refuse to start."""

    async def verify() -> None:
        await (await open_pool(settings, app_url)).close()

    asyncio.run(verify())
