"""usher migrate: the tables' newest version and the partitions of the coming years."""

from server.cli.console import ERRORS
from server.cli.databases import database
from server.migrations import migrate


def migrate_database() -> None:
    """Bring the database to the newest version and make its year partitions."""

    def say(sentence: str) -> None:
        ERRORS.print(sentence, markup=False)

    with database(say) as addresses:
        migrate(addresses.owner_or_refuse(), say)
    say("The database is at the newest version.")
