"""Which database a command speaks to: one's own, or the embedded one under USHER_HOME."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from server.database.addresses import is_address
from server.database.embedded import running_cluster
from server.database.roles import APP, AUDIT, OWNER
from server.errors import Unavailable
from server.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Addresses:
    """`owner` and `audit` are None where those roles' addresses aren't known."""

    app: str
    owner: str | None
    audit: str | None = None

    def owner_or_refuse(self) -> str:
        if self.owner is None:
            raise Unavailable("Set USHER_OWNER_DATABASE_URL to the owner's address for this command.")
        return self.owner

    def audit_or_refuse(self) -> str:
        if self.audit is None:
            raise Unavailable("Set USHER_AUDIT_DATABASE_URL to the address of usher_audit for this command.")
        return self.audit


def own_addresses(settings: Settings) -> Addresses | None:
    """The addresses of one's own server, or None for the embedded one. Raises Unavailable for what is none."""
    if settings.database_url is None:
        if settings.owner_database_url is not None:
            raise Unavailable("Set USHER_DATABASE_URL as well as USHER_OWNER_DATABASE_URL, or neither.")
        return None
    _refuse_no_address("USHER_DATABASE_URL", settings.database_url, APP)
    _refuse_no_address("USHER_OWNER_DATABASE_URL", settings.owner_database_url, OWNER)
    _refuse_no_address("USHER_AUDIT_DATABASE_URL", settings.audit_database_url, AUDIT)
    return Addresses(settings.database_url, settings.owner_database_url, settings.audit_database_url)


def _refuse_no_address(variable: str, address: str | None, role: str) -> None:
    """The value is never shown: it may hold a password."""
    if address is not None and not is_address(address):
        example = f"postgresql://{role}:PASSWORD@HOST:5432/usher"
        raise Unavailable(f"{variable} is no address of a database: write it as {example}.")


@contextmanager
def database(say: Callable[[str], None] = lambda _: None, *, existing: bool = False) -> Generator[Addresses]:
    """The database's addresses; the embedded server is started for the block unless it runs already.

    With `existing`, a folder without a database is refused rather than filled.
    """
    settings = load_settings()
    own = own_addresses(settings)
    if own is not None:
        yield own
        return
    if existing and not (settings.usher_home / "postgres" / "data").exists():
        raise Unavailable(f"There is no database in {settings.usher_home}: run `usher run` first, or set USHER_HOME.")
    with running_cluster(settings.usher_home, say) as cluster:
        yield Addresses(cluster.url(APP), cluster.url(OWNER), cluster.url(AUDIT))
