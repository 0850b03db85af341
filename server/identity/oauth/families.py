"""Token families: what one authorization gave one client, ended as one.

A family is named by `sid` in each of its access tokens. Whatever ends it stores that name beside single tokens that were
ended, and raises the profile version of whoever holds it: the next statement of any worker refuses its tokens, and open
streams close within two seconds.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, LiteralString
from uuid import UUID, uuid4

from psycopg import sql

from server.identity.oauth.clients import Connection
from server.identity.oauth.school_access import act_at

ACCESS_LIFETIME: Final = timedelta(minutes=10)
"""Of an access token; what ended is remembered a little longer."""
IDLE: Final = timedelta(days=14)
"""How long a refresh token waits to be used."""
LONGEST: Final = {"STAFF": timedelta(days=30), "OPERATOR": timedelta(days=1)}
LONGEST_OF_OTHERS: Final = timedelta(days=90)
"""How long a family of a parent or a learner lasts, however often it is used."""
_SKEW: Final = timedelta(minutes=1)

_BEGIN: LiteralString = """
INSERT INTO usher.token_family (family_id, client_id, account_id, session_id, school_id, person_id, capacity, scope,
  consent_id, jkt, authenticated_at, factor, begun_at, used_at, expires_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
# Whatever is left out matches all; what was ended stays as it was ended.
_END: LiteralString = """
UPDATE usher.token_family SET ended_at = %(now)s, ending = %(ending)s
WHERE ended_at IS NULL AND (session_id = %(session)s OR account_id = %(account)s OR family_id = %(family)s
  OR client_id = %(client)s)
RETURNING family_id, consent_id, school_id, person_id, capacity
"""
_END_CODES: LiteralString = """
UPDATE usher.authorization_code SET used_at = %(now)s
WHERE used_at IS NULL AND (session_id = %(session)s OR account_id = %(account)s OR client_id = %(client)s)
"""
_END_CONSENT: LiteralString = (
    "UPDATE usher.app_consent SET ended_at = %s WHERE consent_id = ANY(%s) AND ended_at IS NULL"
)
_FORGET: LiteralString = "DELETE FROM usher.ended_token WHERE school_id = %s AND person_id = %s AND expires_at < %s"
# Nobody has a token of a hat without a profile.
_ENDED: LiteralString = """
INSERT INTO usher.ended_token (school_id, token_id, person_id, capacity, ended_at, expires_at)
SELECT p.school_id, %(token)s, p.person_id, p.capacity, %(now)s, %(expires)s FROM usher.access_profile AS p
WHERE p.school_id = %(school)s AND p.person_id = %(person)s AND p.capacity = %(capacity)s ON CONFLICT DO NOTHING
"""
_RAISE: LiteralString = (
    "UPDATE usher.access_profile SET profile_version = profile_version + 1 "
    "WHERE school_id = %s AND person_id = %s AND capacity = %s"
)
_SETTINGS: Final = ("app.school_id", "app.person", "app.capacity")
_LISTED: LiteralString = """
SELECT f.family_id, c.name, f.capacity, f.school_id, f.person_id, string_to_array(f.scope, ' '), f.begun_at,
  f.used_at, f.expires_at,
  (SELECT min(i.school_name) FROM usher.login_identity AS i WHERE i.school_id = f.school_id)
FROM usher.token_family AS f JOIN usher.oauth_client AS c ON c.client_id = f.client_id
WHERE f.account_id = %s AND f.ended_at IS NULL AND f.expires_at > %s
ORDER BY f.begun_at, f.family_id
"""


@dataclass(frozen=True, slots=True)
class NewFamily:
    """What a family is begun with. `jkt`: the thumbprint of the key of a public client that its tokens are bound to."""

    client_id: str
    account_id: UUID
    session_id: UUID | None
    school_id: UUID
    person_id: UUID
    capacity: str
    scopes: frozenset[str]
    consent_id: UUID | None
    authenticated_at: datetime
    factor: bool
    jkt: str | None = None


@dataclass(frozen=True, slots=True)
class ListedFamily:
    """An app that a person let act for them, as their account page tells of it."""

    family_id: UUID
    app: str
    capacity: str
    school_id: UUID
    person_id: UUID
    scopes: Sequence[str]
    begun_at: datetime
    used_at: datetime
    expires_at: datetime
    school_name: str | None


def begin_family(connection: Connection, new: NewFamily, now: datetime) -> UUID:
    """The family's id, which is `sid` of its access tokens."""
    family_id = uuid4()
    row = (
        family_id, new.client_id, new.account_id, new.session_id, new.school_id, new.person_id, new.capacity,
        " ".join(sorted(new.scopes)), new.consent_id, new.jkt, new.authenticated_at, new.factor, now, now,
        family_end(new.capacity, now),
    )  # fmt: skip
    connection.execute(_BEGIN, row)
    return family_id


def family_end(capacity: str, begun_at: datetime) -> datetime:
    """When a family begun then is over, however often it is used."""
    return begun_at + LONGEST.get(capacity, LONGEST_OF_OTHERS)


def families_of(connection: Connection, account_id: UUID, now: datetime) -> Sequence[ListedFamily]:
    """Those that are not over, in the order in which they were begun."""
    found: list[tuple[Any, ...]] = connection.execute(_LISTED, [account_id, now]).fetchall()
    return [ListedFamily(*row) for row in found]


def end_family(connection: Connection, account_id: UUID, family_id: UUID, now: datetime) -> bool:
    """By the account's holder: whether it was theirs and going on."""
    own: LiteralString = "SELECT 1 FROM usher.token_family WHERE family_id = %s AND account_id = %s"
    if connection.execute(own, [family_id, account_id]).fetchone() is None:
        return False
    return end_families(connection, now, family_id=family_id, ending="HOLDER") > 0


def end_families(
    connection: Connection,
    now: datetime,
    *,
    session_id: UUID | None = None,
    account_id: UUID | None = None,
    family_id: UUID | None = None,
    client_id: str | None = None,
    ending: str | None = None,
) -> int:
    """End every family that any of these names, the consents that they rest on, and codes not yet used; how many ended.

    `ending` is a word for the record. The transaction acts at the same school afterwards as before.
    """
    named: dict[str, Any] = {
        "session": session_id, "account": account_id, "family": family_id, "client": client_id, "now": now,
    }  # fmt: skip
    word = ending or next((name.upper() for name, value in named.items() if value is not None), "NOTHING")
    connection.execute(_END_CODES, named)
    ended = connection.execute(_END, named | {"ending": word}).fetchall()
    if not ended:
        return 0
    connection.execute(_END_CONSENT, [now, [row[1] for row in ended if row[1] is not None]])
    with acting_as_before(connection):
        # In one order, so that two that end what the same people hold wait for one another and for nothing else.
        for family, _, school_id, person_id, capacity in sorted(ended, key=lambda row: (row[2:], row[0])):
            forbid(connection, str(family), school_id, person_id, capacity, now)
    return len(ended)


def forbid(connection: Connection, ending: str, school_id: UUID, person_id: UUID, capacity: str, now: datetime) -> None:
    """Refuse the hat's access tokens that `ending` names (`Principal.endings`) from the moment that this commits."""
    act_at(connection, school_id, person_id)
    hat: dict[str, Any] = {"school": school_id, "person": person_id, "capacity": capacity}
    expires = now + ACCESS_LIFETIME + _SKEW
    connection.execute(_FORGET, [school_id, person_id, now])
    connection.execute(_ENDED, hat | {"token": ending, "now": now, "expires": expires})
    connection.execute(_RAISE, [school_id, person_id, capacity])


@contextmanager
def acting_as_before(connection: Connection) -> Generator[None]:
    """Afterwards the transaction acts at the same school as before, whomever the block acts as."""
    question: LiteralString = "SELECT current_setting(%s, true), current_setting(%s, true), current_setting(%s, true)"
    before: Sequence[str | None] = connection.execute(question, _SETTINGS).fetchone() or (None, None, None)
    yield
    for name, value in zip(_SETTINGS, before, strict=True):
        setting = sql.SQL("SET LOCAL {} = {}").format(sql.SQL(name), sql.Literal(value or ""))
        connection.execute(setting)
