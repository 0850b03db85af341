"""A program has so many tokens a minute at each school, whatever others do; the clock is the test's."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Generator
from datetime import date
from time import time
from uuid import UUID, uuid4

import pytest
from joserfc.jwk import ECKey

from server.identity.issuer import Issuer
from server.identity.oauth.allowance import MOST
from server.identity.oauth.endpoints import OAuthEndpoints
from server.identity.oauth.requests import Form
from server.identity.oauth.server import OAuthAnswer
from tests.e2e.programs import Program, registered
from tests.e2e.serving import Server
from tests.signing import OneKey
from tests.worlds import World, insert_world, small_school

ISSUER = Issuer("https://usher.example")


class Keys(OneKey):
    """One key, which signs too."""

    def signing(self) -> ECKey:
        return self.key


class Counter:
    """The token endpoint at a moment that the test sets."""

    def __init__(self, app_url: str) -> None:
        key = ECKey.generate_key("P-256", auto_kid=True)
        self.now = float(int(time()))
        self.endpoints = OAuthEndpoints(app_url, ISSUER, Keys(key), lambda: self.now)  # pyright: ignore[reportArgumentType] - of keys it asks no more

    def ask(self, program: Program, resource: str, **fields: str) -> OAuthAnswer:
        proof = b64encode(f"{program.client_id}:{program.secret}".encode()).decode()
        form = {"grant_type": "client_credentials", "resource": resource, **fields}
        return self.endpoints.token(Form(form, f"Basic {proof}"))

    def at(self, program: Program, school_id: UUID) -> OAuthAnswer:
        return self.ask(program, ISSUER.school(school_id))

    def flood(self, program: Program, resource: str) -> None:
        assert {self.ask(program, resource).status for _ in range(MOST)} == {200}


@pytest.fixture
def counter(app_url: str) -> Generator[Counter]:
    found = Counter(app_url)
    found.endpoints.open()
    yield found
    found.endpoints.close()


@pytest.fixture(scope="module")
def schools(app_url: str, today: date) -> list[World]:
    found = [small_school(f"flooded {uuid4()}", today) for _ in range(2)]
    for world in found:
        insert_world(app_url, world)
    return found


def test_a_flood_at_one_school_hurts_nobody_else(
    counter: Counter, schools: list[World], app_url: str, server: Server
) -> None:
    """Refused are the program's further tokens there, until the minute is over; not another's, nor its own elsewhere."""
    program, other = (registered(app_url, server.http, *schools) for _ in range(2))
    here, elsewhere = (world.school_id for world in schools)
    counter.flood(program, ISSUER.school(here))
    counter.now += 20.5
    refused = counter.at(program, here)
    assert (refused.status, refused.body["error"]) == (429, "temporarily_unavailable")
    assert dict(refused.headers)["Retry-After"] == "40"
    assert counter.at(program, elsewhere).status == 200
    assert counter.at(other, here).status == 200
    assert counter.ask(program, ISSUER.vendor).status == 200
    counter.now += 39
    assert counter.at(program, here).status == 429
    counter.now += 1
    assert counter.at(program, here).status == 200


def test_what_is_refused_anyhow_counts_for_nothing(
    counter: Counter, schools: list[World], app_url: str, server: Server
) -> None:
    """Scopes that were not granted, and a wrong secret in the program's name, use up no token of it."""
    program = registered(app_url, server.http, *schools)
    here = ISSUER.school(schools[0].school_id)
    for _ in range(3):
        assert counter.ask(program, here, scope="safeguarding").body["error"] == "invalid_scope"
        forged = Program(server.http, program.client_id, "wrong")
        assert counter.ask(forged, here).body["error"] == "invalid_client"
    counter.flood(program, here)
    assert counter.ask(program, here).status == 429


def test_lists_of_grants_have_a_limit_of_their_own(counter: Counter, app_url: str, server: Server) -> None:
    """Without any school."""
    program, other = (registered(app_url, server.http) for _ in range(2))
    counter.flood(program, ISSUER.vendor)
    counter.now += 59
    refused = counter.ask(program, ISSUER.vendor)
    assert (refused.status, dict(refused.headers)["Retry-After"]) == (429, "1")
    assert counter.ask(other, ISSUER.vendor).status == 200
    counter.now += 1
    assert counter.ask(program, ISSUER.vendor).status == 200
