"""Twenty at once bring the same code, and the same refresh token: one is answered. Without the lock all of them are."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import LiteralString
from uuid import uuid4

import psycopg
import pytest

from server.identity.issuer import Issuer
from server.identity.oauth import codes, refresh_tokens
from server.identity.oauth.clients import digest
from server.identity.oauth.endpoints import OAuthEndpoints
from server.identity.oauth.requests import Form
from server.identity.signing_keys import SigningKeys
from tests.e2e.accounts import holder
from tests.e2e.apps import App, allowed, code_of, registered_app, signed_in
from tests.e2e.pages import Person
from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school

MANY = 20
PATIENCE = 60.0
CODE = "SELECT 1 FROM usher.authorization_code WHERE code_digest = %s FOR UPDATE"
REFRESH = "SELECT 1 FROM usher.refresh_token WHERE token_digest = %s FOR UPDATE"
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'usher oauth' AND wait_event_type = 'Lock' "
    "AND datname = current_database()"
)


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"app races {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def pat(app_url: str, server: Server, school: World) -> Person:
    return signed_in(server.http, holder(app_url, (school, "pat")))


@pytest.fixture(scope="module")
def app(app_url: str, server: Server) -> App:
    return registered_app(app_url, server.http)


@pytest.fixture(scope="module")
def endpoints(app_url: str, server: Server, app: App) -> Generator[OAuthEndpoints]:
    """The server's own, in this process, with a connection for each who asks."""
    found = OAuthEndpoints(app_url, Issuer(app.issuer), SigningKeys(server.home / "keys"), connections=MANY)
    found.open()
    yield found
    found.close()


def at_once(app_url: str, lock: LiteralString, text: str, ask: Callable[[], int]) -> list[int]:
    """What twenty hear who ask while the row is locked: none is answered before all of them have asked."""
    with ThreadPoolExecutor(MANY) as threads, psycopg.connect(app_url) as connection:
        connection.execute(lock, [digest(text)])
        answers = [threads.submit(ask) for _ in range(MANY)]
        until = time.monotonic() + PATIENCE
        with psycopg.connect(app_url, autocommit=True) as looking:
            while looking.execute(WAITING).fetchone() != (MANY,):
                assert time.monotonic() < until, "not all of them came to wait"
        connection.rollback()
        return sorted(answer.result() for answer in answers)


def form(app: App, **fields: str) -> Form:
    return Form({"client_id": app.client_id, **fields})


def redeemed_at_once(app_url: str, endpoints: OAuthEndpoints, app: App, pat: Person) -> list[int]:
    asked = app.asks()
    code = code_of(allowed(pat, asked.path))
    sent = form(
        app, grant_type="authorization_code", code=code, redirect_uri=asked.redirect_uri, code_verifier=asked.verifier
    )
    return at_once(app_url, CODE, code, lambda: endpoints.token(sent).status)


def refreshed_at_once(app_url: str, endpoints: OAuthEndpoints, app: App, pat: Person) -> list[int]:
    text = app.tokens(pat)["refresh_token"]
    sent = form(app, grant_type="refresh_token", refresh_token=text)
    return at_once(app_url, REFRESH, text, lambda: endpoints.token(sent).status)


def test_one_of_twenty_redeems_a_code(app_url: str, endpoints: OAuthEndpoints, app: App, pat: Person) -> None:
    assert redeemed_at_once(app_url, endpoints, app, pat) == [200, *[400] * (MANY - 1)]


def test_without_the_lock_all_redeem_it(
    app_url: str, endpoints: OAuthEndpoints, app: App, pat: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is the lock that the test above shows."""
    monkeypatch.setattr(codes, "TAKE", codes.TAKE.replace("FOR UPDATE", ""))
    assert redeemed_at_once(app_url, endpoints, app, pat) == [200] * MANY


def test_one_of_twenty_refreshes(app_url: str, endpoints: OAuthEndpoints, app: App, pat: Person) -> None:
    assert refreshed_at_once(app_url, endpoints, app, pat) == [200, *[400] * (MANY - 1)]


def test_without_the_lock_all_refresh(
    app_url: str, endpoints: OAuthEndpoints, app: App, pat: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is the lock that the test above shows."""
    monkeypatch.setattr(refresh_tokens, "TAKE", refresh_tokens.TAKE.replace("FOR UPDATE", ""))
    assert refreshed_at_once(app_url, endpoints, app, pat) == [200] * MANY


def test_over_http_one_of_twenty_is_answered(servers: list[Server], app: App, pat: Person) -> None:
    """By four processes, which share nothing but the database."""
    apps = [App(one.http, app.client_id) for one in servers]
    asked = app.asks()
    code = code_of(allowed(pat, asked.path))

    def redeem(number: int) -> int:
        return apps[number % len(apps)].redeemed(asked, code).status_code

    with ThreadPoolExecutor(MANY) as threads:
        assert sorted(threads.map(redeem, range(MANY))) == [200, *[400] * (MANY - 1)]


@pytest.mark.parametrize("level", [logging.NOTSET, logging.WARNING])
def test_the_library_logs_nothing(
    endpoints: OAuthEndpoints, app: App, pat: Person, caplog: pytest.LogCaptureFixture, level: int
) -> None:
    """authlib logs what it does where everything is logged: the endpoints switch that off, as the control shows."""
    assert logging.getLogger("authlib").level == logging.WARNING
    caplog.set_level(level, "authlib")
    caplog.set_level(logging.DEBUG)
    text = app.tokens(pat)["refresh_token"]
    answer = endpoints.token(form(app, grant_type="refresh_token", refresh_token=text))
    assert answer.status == 200
    heard = [record for record in caplog.records if record.name.startswith("authlib")]
    assert bool(heard) == (level == logging.NOTSET)
    assert not [word for word in (text, answer.body["refresh_token"]) if word in caplog.text]
