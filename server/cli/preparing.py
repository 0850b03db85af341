"""What happens before serving: the tables' newest version, a look at the role that will serve, the demo schools."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from server.cli.console import ERRORS, bars
from server.database.planner_statistics import refresh_statistics
from server.database.start_up import open_pool
from server.demo.files import write_files
from server.demo.packs import pack_folder
from server.exchange.first_reports import publish_first_reports
from server.exchange.loading import demo_is_whole, load_demo
from server.identity.installation import verify_tables
from server.migrations import migrate
from server.settings import Settings


def migrate_with_progress(owner_url: str) -> None:
    with ERRORS.status("Migrating") as status:
        migrate(owner_url, status.update)


def verify_database(settings: Settings, app_url: str) -> None:
    """Raises Unavailable, in one sentence, where the server would refuse to start or never become ready."""

    async def verify() -> None:
        pool = await open_pool(settings, app_url)
        try:
            async with pool.connection() as connection:
                await verify_tables(connection)
        finally:
            await pool.close()

    asyncio.run(verify())


def import_demo(app_url: str, folder: Path, owner_url: str | None = None) -> None:
    """Write the demo schools' files to `folder` and import them as any school's, unless they are all there already.

    An interrupted import goes on with the school it was at. `owner_url`, where known, lets the planner know of what was
    imported. Raises BadUserInput where other schools are.
    """
    if demo_is_whole(app_url):
        publish_first_reports(app_url)
        return
    today = datetime.now(UTC).date()
    with ERRORS.status("Writing the demo schools' files"):
        write_files(folder, today)
    with bars() as progress:
        load_demo(app_url, folder, [pack_folder()], progress, today=today)
        publish_first_reports(app_url, progress)
    if owner_url is not None:
        with ERRORS.status("Counting what was imported"):
            refresh_statistics(owner_url)
