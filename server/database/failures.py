"""What can go wrong between us and PostgreSQL, and what each failure becomes.

    GuardFailed        the rule book or the profile changed since the plan was made: plan again
    ConnectionLost     the connection died under a transaction: its owner decides whether to repeat it
    DatabaseDefect     everything unforeseen: masked as INTERNAL_ERROR
    UsherError         Unavailable, LimitExceeded: coded, shown to the caller

No message here holds a value: PostgreSQL's own do ("Key (upn)=(...) already exists"), so they are dropped.
"""

import psycopg

from server.errors import LimitExceeded, Unavailable


class GuardFailed(Exception):
    """Not exactly one head row had the expected versions; nothing of the transaction may be used."""


class ConnectionLost(Exception):
    """`generation` is that of the lost connection, for `Pool.renew`."""

    def __init__(self, generation: int) -> None:
        super().__init__("the database connection was lost")
        self.generation = generation


class DatabaseDefect(Exception):
    """`sqlstate`, and for a broken constraint its name and table, from PostgreSQL's error fields."""

    def __init__(self, reason: str, sqlstate: str | None = None, constraint: str = "", table: str = "") -> None:
        super().__init__(reason)
        self.sqlstate = sqlstate
        self.constraint = constraint
        self.table = table


_TOO_LONG = "57014"
_LOCKED = "55P03"
_CONFLICTS = frozenset({"40001", "40P01"})
# Invalid and duplicate names of prepared statements: a pooler gave us another server session, or cleared ours.
_ESTRANGED = frozenset({"26000", "42P05"})
# Connection exceptions, shutdown by an administrator, idle time-outs that end the session.
_LOST_CLASSES = ("08", "57P", "25P03", "25P04")
_RESOURCES = "53"


def is_lost(error: psycopg.Error, connection: psycopg.AsyncConnection[object]) -> bool:
    """Whether the connection, rather than the statement, failed."""
    return connection.closed or (error.sqlstate or "").startswith(_LOST_CLASSES)


def is_conflict(error: BaseException) -> bool:
    """A serialisation failure or deadlock: the same transaction may succeed if repeated."""
    return isinstance(error, psycopg.Error) and error.sqlstate in _CONFLICTS


def is_estranged(error: BaseException) -> bool:
    """What was prepared on the connection isn't there, or something else is."""
    return isinstance(error, psycopg.Error) and error.sqlstate in _ESTRANGED


def translate(error: psycopg.Error) -> Exception:
    """The failure to raise for an error of PostgreSQL's or psycopg's. Raise it `from None`."""
    state = error.sqlstate or ""
    if state == _TOO_LONG:
        return LimitExceeded("The operation took longer than allowed. Ask for less at once.")
    if state == _LOCKED or state in _CONFLICTS:
        return Unavailable("Others are changing the same rows. Try again.")
    if state in _ESTRANGED or state.startswith((*_LOST_CLASSES, _RESOURCES)):
        return Unavailable("The database can't be reached. Try again later.")
    fields = error.diag
    name = type(error).__name__
    reason = f"the database refused a statement: {name} {state}".rstrip()
    return DatabaseDefect(reason, error.sqlstate, fields.constraint_name or "", fields.table_name or "")
