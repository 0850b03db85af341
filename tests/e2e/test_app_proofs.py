"""Tokens that are bound to a key (RFC 9449): who has no proof by it has nothing, whatever they stole."""

from __future__ import annotations

import time
from collections.abc import Generator
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from server.identity.principal import Principal
from tests.e2e.accounts import holder
from tests.e2e.apps import App, allowed, challenge, code_of, registered_app, signed_in
from tests.e2e.live import raw_socket
from tests.e2e.pages import Person
from tests.e2e.programs import registered
from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school

WHO = "{ viewer { roles } }"


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"proofs {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def browser(app_url: str, server: Server, school: World) -> Person:
    return signed_in(server.http, holder(app_url, (school, "pat")))


@pytest.fixture(scope="module")
def app(app_url: str, server: Server) -> App:
    return registered_app(app_url, server.http)


@pytest.fixture(scope="module")
def bound(app: App, browser: Person) -> dict[str, Any]:
    """Tokens of the app's key."""
    asked = app.asks()
    code = code_of(allowed(browser, asked.path))
    answer = app.redeemed(asked, code, proof=app.proof())
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def other_key(app: App) -> Generator[None]:
    """A thief's, in whose hands the app's tokens are."""
    own, app.key = app.key, ECKey.generate_key("P-256")
    yield
    app.key = own


def asked_with(app: App, token: str, **changed: Any) -> httpx.Response:
    proof = app.proof("/graphql", token=token, **changed)
    return app.ask(token, WHO, scheme="DPoP", proof=proof)


def is_refused(answer: httpx.Response) -> bool:
    assert answer.headers["www-authenticate"].startswith("DPoP "), answer.text
    return answer.status_code == 401


def test_a_bound_token_asks_with_a_proof(app: App, bound: dict[str, Any]) -> None:
    """Of its own for each question; introspection and the token name the key."""
    assert bound["token_type"] == "DPoP"
    for _ in range(2):
        answer = asked_with(app, bound["access_token"])
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"]["viewer"]["roles"] == ["parent"]


def test_a_bound_token_is_no_bearer(app: App, bound: dict[str, Any]) -> None:
    """Nor does an unbound one become more by a proof."""
    assert is_refused(app.ask(bound["access_token"], WHO))
    assert is_refused(app.ask(bound["access_token"], WHO, proof=app.proof("/graphql", token=bound["access_token"])))
    assert is_refused(app.ask(bound["access_token"], WHO, scheme="DPoP"))


def test_an_unbound_token_is_brought_as_a_bearer(app: App, browser: Person) -> None:
    token = app.tokens(browser)["access_token"]
    assert app.ask(token, WHO).status_code == 200
    assert is_refused(asked_with(app, token))


@pytest.mark.parametrize(
    "changed",
    [
        {"htm": "GET"},
        {"htm": "post"},
        {"htu": "https://elsewhere.example/graphql"},
        {"htu": "/graphql"},
        {"htu": 7},
        {"iat": 1},
        {"iat": int(time.time()) + 600},
        {"iat": int(time.time()) - 600},
        {"iat": "now"},
        {"iat": ...},
        {"jti": ...},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 201},
        {"jti": "a\x00b"},
        {"ath": ...},
        {"ath": challenge("another token")},
        {"header": {"typ": "JWT"}},
        {"header": {"typ": "at+jwt"}},
        {"header": {"jwk": {"kty": "EC"}}},
        {"header": {"jwk": ECKey.generate_key("P-256").as_dict(private=False)}},
        {"header": {"jwk": ECKey.generate_key("P-256").as_dict(private=True)}},
        {"header": {"jku": "https://evil.example/keys"}},
    ],
)
def test_a_proof_is_for_one_request(app: App, bound: dict[str, Any], changed: dict[str, Any]) -> None:
    """Its method, its address, its token, its moment, its key."""
    assert is_refused(asked_with(app, bound["access_token"], **changed))


def test_a_proof_is_believed_once(app: App, bound: dict[str, Any], servers: list[Server]) -> None:
    """By whichever process hears it first."""
    token = bound["access_token"]
    proof = app.proof("/graphql", token=token)
    apps = [App(one.http, app.client_id) for one in servers]
    answers = [one.ask(token, WHO, scheme="DPoP", proof=proof).status_code for one in apps]
    assert answers == [200] + [401] * (len(servers) - 1)


def test_an_address_is_compared_without_its_query(app: App, bound: dict[str, Any]) -> None:
    """RFC 9449, section 4.3."""
    htu = app.issuer.replace("http://", "HTTP://") + "/graphql?a=1#b"
    assert asked_with(app, bound["access_token"], htu=htu).status_code == 200


def test_a_thief_without_the_key_has_nothing(app: App, bound: dict[str, Any], other_key: None) -> None:
    """Neither at the API nor for new tokens; and the family goes on."""
    assert is_refused(asked_with(app, bound["access_token"]))
    for proof in (None, app.proof()):
        answer = app.refreshed(bound["refresh_token"], proof=proof)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_bound_family_is_refreshed_by_its_key(app: App, browser: Person) -> None:
    asked = app.asks()
    code = code_of(allowed(browser, asked.path))
    body = app.redeemed(asked, code, proof=app.proof()).json()
    used = app.proof()
    following = app.refreshed(body["refresh_token"], proof=used).json()
    assert following["token_type"] == "DPoP"
    assert asked_with(app, following["access_token"]).status_code == 200
    again = app.refreshed(following["refresh_token"], proof=used)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_dpop_proof")
    assert app.refreshed(following["refresh_token"], proof=app.proof()).status_code == 200


@pytest.mark.parametrize("pushed", [False, True])
def test_a_code_can_be_bound_too(app: App, browser: Person, pushed: bool) -> None:
    """RFC 9449, section 10: who stole it and its verifier lacks the key."""
    for proof_of, status in ((app, 200), (App(app.http, app.client_id), 400)):
        asked = app.asks(dpop_jkt=app.key.thumbprint())
        if pushed:
            fields = {"response_type": "code", "redirect_uri": asked.redirect_uri, "code_challenge_method": "S256"}
            fields |= {"code_challenge": challenge(asked.verifier), "scope": "read"}
            answer = app.posted("/oauth/par", **fields, proof=app.proof("/oauth/par"))
            path = app.asks(request_uri=answer.json()["request_uri"]).path
        else:
            path = asked.path
        code = code_of(allowed(browser, path))
        assert app.redeemed(asked, code, proof=proof_of.proof()).status_code == status


def test_a_pushed_request_is_of_one_key(app: App) -> None:
    asked = app.asks()
    fields = {"response_type": "code", "redirect_uri": asked.redirect_uri, "code_challenge_method": "S256"}
    fields |= {"code_challenge": challenge(asked.verifier), "dpop_jkt": "x" * 43}
    answer = app.posted("/oauth/par", **fields, proof=app.proof("/oauth/par"))
    assert answer.json()["error"] == "invalid_request"


def test_a_client_with_a_secret_may_change_its_key(app_url: str, server: Server, browser: Person) -> None:
    """It proves itself otherwise (RFC 9449, section 5); each access token is bound to the key of its day."""
    app = registered_app(app_url, server.http, public=False)
    asked = app.asks()
    body = app.redeemed(asked, code_of(allowed(browser, asked.path)), proof=app.proof()).json()
    app.key = ECKey.generate_key("P-256")
    following = app.refreshed(body["refresh_token"], proof=app.proof()).json()
    assert is_refused(asked_with(app, body["access_token"]))
    assert asked_with(app, following["access_token"]).status_code == 200
    told = app.posted("/oauth/introspect", token=following["access_token"]).json()
    assert (told["token_type"], told["cnf"]) == ("DPoP", {"jkt": app.key.thumbprint()})
    told = app.posted("/oauth/introspect", token=following["refresh_token"]).json()
    assert (told["active"], told["client_id"]) == (True, app.client_id)
    assert app.posted("/oauth/introspect", token=body["refresh_token"]).json() == {"active": False}


def test_a_programs_token_can_be_bound(app_url: str, server: Server, school: World) -> None:
    program = registered(app_url, server.http, school)
    keyed = App(server.http, program.client_id, secret=program.secret)
    fields = {"grant_type": "client_credentials", "resource": program.resource(school.school_id)}
    body = keyed.posted("/oauth/token", proof=keyed.proof(), **fields).json()
    assert body["token_type"] == "DPoP"
    assert is_refused(keyed.ask(body["access_token"], WHO))
    assert asked_with(keyed, body["access_token"]).status_code == 200


def test_a_socket_is_opened_with_a_proof(app: App, bound: dict[str, Any], server: Server) -> None:
    """In the payload of connection_init, of the handshake: a GET. Without it, or shown again, it is closed."""
    token = bound["access_token"]
    proof = app.proof("/graphql", method="GET", token=token)
    heard: list[str] = []
    for payload in ({"DPoP": proof}, {"DPoP": proof}, {}):
        with raw_socket(server, token) as live:
            live.send({"type": "connection_init", "payload": {"Authorization": f"DPoP {token}", **payload}})
            try:
                heard.append(live.receive()["type"])
            except Exception as closed:  # of websockets, by whichever name
                heard.append(str(closed))
    assert heard[0] == "connection_ack"
    assert all("4403" in one for one in heard[1:]), heard


@pytest.mark.parametrize("algorithm", ["Ed25519", "PS256", "RS256"])
def test_other_keys_are_believed(app: App, browser: Person, algorithm: str) -> None:
    """Of the algorithms that the metadata name."""
    key = OKPKey.generate_key("Ed25519") if algorithm == "Ed25519" else RSAKey.generate_key(2048)
    claims = {"jti": uuid4().hex, "htm": "POST", "htu": f"{app.issuer}/oauth/token", "iat": int(time.time())}
    header = {"alg": algorithm, "typ": "dpop+jwt", "jwk": key.as_dict(private=False)}
    asked = app.asks()
    code = code_of(allowed(browser, asked.path))
    answer = app.redeemed(asked, code, proof=jwt.encode(header, claims, key, algorithms=[algorithm]))
    assert answer.json()["token_type"] == "DPoP"


def test_what_a_principal_shows_holds_no_token() -> None:
    """The key's thumbprint is no secret; nothing else of a proof is kept."""
    assert {name for name in Principal.__slots__ if "token" in name} == {"token_id"}
