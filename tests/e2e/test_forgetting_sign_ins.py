"""forget_sign_ins: what signing in needs no more goes, and what is in use, or was a moment ago, stays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from server.commands.jobs.job import Desk
from server.commands.jobs.sign_ins import forget_sign_ins
from server.compliance.mail import Mailer
from server.database.pool import Pool
from server.identity import forgetting
from server.identity.oauth.clients import new_secret, register_client
from server.identity.people.accounts import make_account
from server.migrations import walls
from tests.worlds import World, insert_world, small_school

NOW: Final = datetime.now(UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FOR_GOOD: Final = {"account", "app_consent", "federated_identity", "oauth_redirect", "passkey", "school_provider"}
"""Accounts, what they are proved by, and what somebody decided."""


class Rows:
    """Inserts rows with keys of their own, and knows which were there."""

    def __init__(self, owner_url: str, world: World) -> None:
        self.owner_url, self.world = owner_url, world
        self.client, self.word = f"forget-{uuid4().hex[:12]}", uuid4().hex
        self.made: dict[str, list[tuple[str, object]]] = {}
        with psycopg.connect(owner_url) as connection:
            register_client(connection, self.client, "A vendor", NOW, new_secret())
            self.account = make_account(connection, f"forget-{self.word}", None, NOW).account_id
        self.provider = self._row("school_provider", "provider_id", uuid4(), **self._provider())
        self.made.clear()

    def expiring(self, at: datetime) -> None:
        """One of each kind that expires by itself."""
        client = {"client_id": self.client}
        hat = self._hat() | client | {"account_id": self.account, "authenticated_at": at, "factor": True, "scope": ""}
        self._text("authorization_code", "code_digest", **hat, redirect_uri="", challenge="", expires_at=at)
        self._text("dpop_proof", "jti", jkt="key", expires_at=at)
        school = {"school_id": self.world.school_id, "invitation_id": uuid4()}
        self._text("joining", "joining_digest", **school, expires_at=at, code_tries=0, codes_sent=0)
        link = {"account_id": self.account, "purpose": "password_reset"}
        self._text("mailed_link", "token_digest", **link, made_at=at, expires_at=at)
        self._text("oauth_assertion", "jti", **client, expires_at=at)
        self._text("passkey_challenge", "challenge_digest", purpose="authenticate", expires_at=at)
        self._text("pushed_request", "request_digest", **client, parameters=Jsonb({}), expires_at=at)
        way = {"cookie_digest": "", "provider_id": self.provider, "next": "/"}
        self._text("school_sign_in", "state_digest", **way, expires_at=at)
        self._text("vendor_token", "token_id", **client, given_at=at, expires_at=at)
        self._text("one_time_secret", "secret_id", uuid4(), account_id=self.account, sealed="", made_at=at)
        self._text("sign_in_attempt", "subject", failures=3, last_at=at, open_at=at)
        mis = {"school_id": self.world.school_id, "person_id": self.world.ids["mis"], "capacity": "CLIENT"}
        self._text("ended_token", "token_id", **mis, ended_at=at - HOUR, expires_at=at)

    def session(self, begun: datetime, ended: datetime | None = None) -> None:
        row = {"account_id": self.account, "cookie_digest": uuid4().hex, "agent": "", "begun_at": begun}
        self._row("browser_session", "session_id", uuid4(), **row, seen_at=begun, ended_at=ended)

    def browser(self, seen: datetime) -> None:
        self._text("known_browser", "cookie_digest", account_id=self.account, known_at=seen, seen_at=seen)

    def recovery_code(self, used: datetime | None) -> None:
        made = NOW - 500 * DAY
        self._text("recovery_code", "code_digest", account_id=self.account, made_at=made, used_at=used)

    def confirmed_secret(self, made: datetime) -> None:
        row = {"account_id": self.account, "sealed": "", "made_at": made, "confirmed_at": made}
        self._row("one_time_secret", "secret_id", uuid4(), **row)

    def family(self, expires: datetime, ended: datetime | None = None) -> UUID:
        begun = expires - 30 * DAY
        row = self._hat() | {"client_id": self.client, "account_id": self.account, "scope": "", "factor": True}
        row |= {"authenticated_at": begun, "begun_at": begun, "used_at": begun, "expires_at": expires}
        ending = None if ended is None else "HOLDER"
        return self._row("token_family", "family_id", uuid4(), **row, ended_at=ended, ending=ending)

    def refresh_token(self, family: UUID, given: datetime) -> None:
        row = {"family_id": family, "given_at": given, "expires_at": given + DAY, "used_at": given}
        self._text("refresh_token", "token_digest", **row)

    def kept(self) -> dict[str, int]:
        """How many of those made are there, by table, without tables that have none."""
        found = {table: sum(self._is_there(table, *row) for row in rows) for table, rows in self.made.items()}
        return {table: count for table, count in found.items() if count}

    def _provider(self) -> dict[str, Any]:
        named = {"school_id": self.world.school_id, "school_name": "A school", "issuer": f"https://{self.word}.example"}
        return named | {"client_id": "usher", "sealed": "", "registered_at": NOW}

    def _hat(self) -> dict[str, Any]:
        return {"school_id": self.world.school_id, "person_id": self.world.ids["teacher"], "capacity": "STAFF"}

    def _text(self, table: str, key: str, value: object = None, **values: object) -> None:
        self._row(table, key, value or uuid4().hex, **values)

    def _row(self, table: str, key: str, value: Any, **values: object) -> Any:
        row = {key: value} | values
        statement = sql.SQL("INSERT INTO usher.{} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join([sql.Placeholder()] * len(row)),
        )
        with psycopg.connect(self.owner_url) as connection:
            connection.execute(statement, list(row.values()))
        self.made.setdefault(table, []).append((key, value))
        return value

    def _is_there(self, table: str, key: str, value: object) -> bool:
        statement = sql.SQL("SELECT 1 FROM usher.{} WHERE {} = %s").format(sql.Identifier(table), sql.Identifier(key))
        with psycopg.connect(self.owner_url) as connection:
            return connection.execute(statement, [value]).fetchone() is not None


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"forgetting {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def rows(owner_url: str, school: World) -> Rows:
    return Rows(owner_url, school)


@pytest.fixture
def desk(pool: Pool) -> Desk:
    return Desk(pool, None, Path("/nonexistent"), Mailer(None, "usher@school.example", Path("/nonexistent")))


async def test_what_expired_goes_after_a_day(rows: Rows, desk: Desk) -> None:
    """Every kind; a second run finds nothing."""
    rows.expiring(NOW - 25 * HOUR)
    made = set(rows.made)
    assert set(rows.kept()) == made
    assert await forget_sign_ins(desk, NOW) >= len(made)
    assert rows.kept() == {}
    assert await forget_sign_ins(desk, NOW) == 0


async def test_what_is_good_or_was_a_moment_ago_stays(rows: Rows, desk: Desk) -> None:
    """Every kind; codes that were used long ago of a recovery set that is, and an authenticator app in use."""
    rows.expiring(NOW - 23 * HOUR)
    rows.expiring(NOW + HOUR)
    rows.confirmed_secret(NOW - 500 * DAY)
    rows.recovery_code(None)
    rows.recovery_code(NOW - 29 * DAY)
    rows.browser(NOW - 399 * DAY)
    rows.session(NOW - HOUR)
    rows.session(NOW - 30 * DAY, ended=NOW - 30 * DAY)
    rows.refresh_token(rows.family(NOW + DAY), NOW - 29 * DAY)
    rows.family(NOW - 29 * DAY)
    rows.family(NOW + DAY, ended=NOW - 29 * DAY)
    before = rows.kept()
    await forget_sign_ins(desk, NOW)
    assert rows.kept() == before
    assert (before["refresh_token"], before["token_family"], before["one_time_secret"]) == (1, 3, 3)


async def test_what_ended_goes_after_a_month(rows: Rows, desk: Desk) -> None:
    """Sessions, ended or only over, and families with what they gave; a browser after 400 days."""
    rows.session(NOW - 31 * DAY)
    rows.session(NOW - 31 * DAY, ended=NOW - 31 * DAY)
    rows.recovery_code(NOW - 31 * DAY)
    rows.browser(NOW - 401 * DAY)
    rows.refresh_token(rows.family(NOW - 31 * DAY), NOW - 40 * DAY)
    rows.refresh_token(rows.family(NOW + DAY, ended=NOW - 31 * DAY), NOW - 40 * DAY)
    await forget_sign_ins(desk, NOW)
    assert rows.kept() == {}


async def test_refresh_tokens_go_before_their_family(rows: Rows, desk: Desk) -> None:
    """A day after it ended none of them opens anything, nor ends anything."""
    rows.refresh_token(rows.family(NOW + DAY, ended=NOW - 2 * DAY), NOW - 3 * DAY)
    await forget_sign_ins(desk, NOW)
    assert rows.kept() == {"token_family": 1}


async def test_batch_by_batch(rows: Rows, pool: Pool) -> None:
    """More than a batch holds, of both sorts of tables."""
    for _ in range(5):
        rows.expiring(NOW - 25 * HOUR)
    assert await forgetting.forget(pool, NOW, at_once=2) >= 5
    assert await forgetting.forget_ended_tokens(pool, rows.world.school_id, NOW, at_once=2) == 5
    assert rows.kept() == {}


async def test_what_somebody_is_at_waits_for_the_next_run(rows: Rows, desk: Desk, owner_url: str) -> None:
    """No run waits for a lock, nor fails where a run beside it, or one that was cut off, was there before."""
    rows.expiring(NOW - 25 * HOUR)
    (_, locked), *_ = rows.made["sign_in_attempt"]
    with psycopg.connect(owner_url) as connection:
        connection.execute("SELECT 1 FROM usher.sign_in_attempt WHERE subject = %s FOR UPDATE", [locked])
        await forget_sign_ins(desk, NOW)
        assert rows.kept() == {"sign_in_attempt": 1}
    await forget_sign_ins(desk, NOW)
    assert rows.kept() == {}


def test_every_table_of_identity_is_forgotten_or_kept_for_good() -> None:
    """A new one says which."""
    forgotten = {one.table for one in forgetting.ALL}
    assert {*walls.PEOPLE, *walls.APPS, *walls.SCHOOL_SIGN_IN} <= forgotten | FOR_GOOD
    assert not forgotten & FOR_GOOD
