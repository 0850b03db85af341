"""Sign-in identities: the one table that is read before a school is known."""

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

import psycopg

from server.errors import BadUserInput, Unavailable

_ACCOUNTS: LiteralString = (
    "SELECT identity, school_id, person_id, capacity, school_name FROM usher.login_identity "
    "ORDER BY school_name, identity, capacity"
)
_ACCOUNT: LiteralString = (
    "SELECT identity, school_id, person_id, capacity, school_name FROM usher.login_identity "
    "WHERE identity = %s ORDER BY school_name, capacity"
)
_FACT: LiteralString = "SELECT value FROM usher.installation WHERE name = %s"


@dataclass(frozen=True, slots=True)
class Account:
    """One row of login_identity: an account name with its person, school and capacity."""

    name: str
    school_id: UUID
    person_id: UUID
    capacity: str
    school_name: str


@dataclass(frozen=True, slots=True)
class Directory:
    """The accounts of the database at one address. Every method raises Unavailable."""

    app_url: str

    def all(self) -> list[Account]:
        return [Account(*row) for row in self._fetch(_ACCOUNTS)]

    def find(self, name: str) -> Account:
        """The account of that name, at the first of its schools by name. Raises BadUserInput."""
        rows = self._fetch(_ACCOUNT, name)
        if not rows:
            raise BadUserInput(f"There is no account named {name!r}.", ("account",))
        return Account(*rows[0])

    def fact(self, name: str) -> str | None:
        """What the installation says of itself under that name."""
        rows = self._fetch(_FACT, name)
        return str(rows[0][0]) if rows else None

    def _fetch(self, statement: LiteralString, *values: str) -> list[tuple[str, UUID, UUID, str, str]]:
        try:
            with psycopg.connect(self.app_url, connect_timeout=5) as connection:
                return connection.execute(statement, values).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
            raise Unavailable("The database has no tables yet. Run `usher run` or `usher migrate` first.") from None
        except psycopg.OperationalError:
            raise Unavailable("The database doesn't answer. Start it with `usher run`.") from None
