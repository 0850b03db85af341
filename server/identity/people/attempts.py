"""How often a password or code may be tried: less and less often, and without keeping its owner out.

Tries are counted by name and network address, and by name alone, so that many addresses are no way around. A browser
that the account was signed in with before is counted by itself: whatever strangers do, its owner isn't slowed. Each try
counts as failed before the work begins, in the transaction that does it, so that twenty at once are twenty; one that
succeeds is taken back. The first few are free, then the wait doubles up to a quarter of an hour (OWASP ASVS 5.0, 6.3.1).
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, LiteralString

from server.database.blocking_pool import BlockingConnection as Connection

LONGEST_WAIT: Final = timedelta(minutes=15)
FORGOTTEN: Final = timedelta(days=1)
FREE_OF_ONE: Final = 5
FREE_OF_ALL: Final = 10
_DOUBLINGS: Final = 10

_MEET: LiteralString = (
    "INSERT INTO usher.sign_in_attempt (subject, failures, last_at, open_at) VALUES (%s, 0, %s, %s) "
    "ON CONFLICT DO NOTHING"
)
_HELD: LiteralString = "SELECT failures, last_at, open_at FROM usher.sign_in_attempt WHERE subject = %s FOR UPDATE"
_COUNT: LiteralString = "UPDATE usher.sign_in_attempt SET failures = %s, last_at = %s, open_at = %s WHERE subject = %s"
_TAKE_BACK: LiteralString = (
    "UPDATE usher.sign_in_attempt SET failures = greatest(failures - 1, 0), open_at = %s WHERE subject = %s"
)
_TELL: LiteralString = (
    "UPDATE usher.sign_in_attempt SET told_at = %s WHERE subject = %s AND (told_at IS NULL OR told_at < %s)"
)
# A few with each try, and none that somebody is at.
_FORGET: LiteralString = """
DELETE FROM usher.sign_in_attempt WHERE subject IN (SELECT s.subject FROM usher.sign_in_attempt AS s
  WHERE s.last_at < %s ORDER BY s.last_at LIMIT 20 FOR UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose tries are counted, as a digest; `free` of them cost no wait. `shared`: by strangers and the owner alike."""

    key: str
    free: int
    shared: bool


def subjects(kind: str, name: str, address: str, browser: str | None) -> Sequence[Subject]:
    """`browser` is the text of one that is known, None for any other. In the order in which they are locked."""
    if browser is not None:
        return (Subject(_digest(kind, name, "browser", browser), FREE_OF_ONE, shared=False),)
    return (
        Subject(_digest(kind, name), FREE_OF_ALL, shared=True),
        Subject(_digest(kind, name, "address", network_of(address)), FREE_OF_ONE, shared=False),
    )


def take_turn(connection: Connection, tried: Sequence[Subject], now: datetime) -> datetime | None:
    """None where it may be tried now, which is counted; else from when on, and nothing is counted."""
    held = list(_locked(connection, tried, now))
    blocked = max((open_at for _, open_at in held if open_at > now), default=None)
    if blocked is not None:
        return blocked
    for subject, (failures, _) in zip(tried, held, strict=True):
        count = failures + 1
        connection.execute(_COUNT, [count, now, now + wait(count, subject.free), subject.key])
    connection.execute(_FORGET, [now - FORGOTTEN])  # last: nobody waits for what this transaction still has to lock
    return None


def take_back(connection: Connection, tried: Sequence[Subject], now: datetime) -> None:
    """It succeeded: it was no failure. What others failed at under the same name stays counted."""
    for subject in tried:
        if subject.shared:
            connection.execute(_TAKE_BACK, [now, subject.key])
        else:
            connection.execute(_COUNT, [0, now, now, subject.key])


def locked_until(connection: Connection, tried: Sequence[Subject], now: datetime) -> datetime | None:
    """Until when it is locked for the longest time, where the owner is to be told: once a day; else None."""
    rows = [connection.execute(_HELD, [subject.key]).fetchone() for subject in tried]
    until: datetime | None = max((row[2] for row in rows if row is not None), default=None)
    if until is None or until - now < LONGEST_WAIT:
        return None
    return until if connection.execute(_TELL, [now, tried[0].key, now - FORGOTTEN]).rowcount else None


def forget_name(connection: Connection, kind: str, name: str) -> None:
    """An operator lets everybody try again at once; what single addresses and browsers failed at stays."""
    connection.execute("DELETE FROM usher.sign_in_attempt WHERE subject = %s", [_digest(kind, name)])


def wait(failures: int, free: int) -> timedelta:
    """After so many: nothing, then two seconds, four, eight, ... a quarter of an hour."""
    if failures < free:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failures - free + 1, _DOUBLINGS)), LONGEST_WAIT)


def _locked(connection: Connection, tried: Sequence[Subject], now: datetime) -> Iterator[tuple[int, datetime]]:
    """How often each failed lately, and from when on it is open; locked until the transaction ends."""
    for subject in tried:
        connection.execute(_MEET, [subject.key, now, now])
        row = connection.execute(_HELD, [subject.key]).fetchone()
        failures, last_at, open_at = row or (0, now, now)
        yield (0 if now - last_at > FORGOTTEN else failures), open_at


def network_of(address: str) -> str:
    """The address, or of IPv6 the network that one household has."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(known, ipaddress.IPv6Address):
        return str(known.ipv4_mapped or ipaddress.ip_network((known, 64), strict=False))
    return str(known)


def _digest(*words: str) -> str:
    return hashlib.sha256("\n".join(words).encode("utf-8", "surrogatepass")).hexdigest()
