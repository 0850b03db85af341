"""What an attacker tries with somebody's app: no code and no token leaves by any of it, and nothing is a defect."""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import psycopg
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from server.identity.keys import token_key
from server.identity.oauth.clients import digest
from tests.e2e.accounts import Holder, holder
from tests.e2e.apps import CALLBACK, App, allowed, challenge, code_of, heard, registered_app, signed_in
from tests.e2e.pages import Person
from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school

WHO = "{ viewer { roles } }"
NATIVE = "http://127.0.0.1/callback"
PRIVATE = "com.example.good:/callback"


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"app refusals {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def pat(app_url: str, school: World) -> Holder:
    return holder(app_url, (school, "pat"))


@pytest.fixture(scope="module")
def browser(server: Server, pat: Holder) -> Person:
    return signed_in(server.http, pat)


@pytest.fixture(scope="module")
def app(app_url: str, server: Server) -> App:
    """First party, so that a code is given without a page: nothing but the checks stands in the way."""
    return registered_app(app_url, server.http, redirects=[CALLBACK, NATIVE, PRIVATE], first_party=True)


@pytest.fixture(scope="module")
def good(app: App, browser: Person) -> str:
    """An access token that nobody ends."""
    return app.tokens(browser)["access_token"]


def refused(answer: httpx.Response, error: str = "invalid_grant") -> None:
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["error"] == error, answer.text
    assert "access_token" not in answer.text


ATTACKERS = [
    "https://evil.example/callback",
    "https://app.example.evil.example/callback",
    "https://app.example@evil.example/callback",
    "https://evil.example\\@app.example/callback",
    "https://evil.example#@app.example/callback",
    "https://evil.example/https://app.example/callback",
    "https://app.example/callback/../evil",
    "https://app.example/callback/",
    "https://app.example/callback?next=https://evil.example",
    "https://app.example/callback#fragment",
    "https://app.example/Callback",
    "https://APP.example/callback",
    "https://app.example:443/callback",
    "https://app.example.:443/callback",
    "http://app.example/callback",
    "//evil.example/callback",
    "/callback",
    "javascript:alert(1)//app.example/callback",
    "data:text/html,app.example/callback",
    "https://app.example/callback%00",
    "https://app.example/callback\thttps://evil.example",
    "https://app.example/callback https://evil.example",
    "http://localhost/callback",
    "http://127.0.0.1.evil.example/callback",
    "http://127.0.0.1:80@evil.example/callback",
    "http://127.0.0.1:99999/callback",
    "http://127.0.0.1:51004/callback/other",
    "http://127.1/callback",
    "http://[::1]/callback",
    "com.example.evil:/callback",
    "com.example.good:/callback/other",
    "",
]


@pytest.mark.parametrize("redirect_uri", ATTACKERS)
def test_no_code_goes_to_an_attacker(app: App, browser: Person, redirect_uri: str) -> None:
    """The person reads why, and is sent nowhere; pushed beforehand it is refused, too."""
    asked = app.asks(redirect_uri=redirect_uri)
    answer = browser.ask("GET", asked.path)
    assert answer.status_code == 400, answer.headers
    assert "location" not in answer.headers
    assert "evil" not in answer.text
    fields = {"response_type": "code", "code_challenge": challenge("x"), "code_challenge_method": "S256"}
    refused(app.posted("/oauth/par", **fields, redirect_uri=redirect_uri), "invalid_request")


def test_a_native_app_chooses_its_port(app: App, browser: Person) -> None:
    """The control: what is registered gets a code, on a device's own address at whichever port (RFC 8252)."""
    for uri in (CALLBACK, "http://127.0.0.1:51004/callback", "http://127.0.0.1/callback", PRIVATE):
        asked = app.asks(redirect_uri=uri)
        answer = allowed(browser, asked.path)
        assert answer[""] == uri.replace("com.example.good:/callback", "com.example.good:///callback")
        refused(app.redeemed(asked, answer["code"], redirect_uri=CALLBACK + "x"))


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": 'co"d\u00e9'}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "x" * 44}, "invalid_request"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"scope": "read  write"}, "invalid_scope"),
        ({"scope": "read\u00e9"}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"resource": "https://elsewhere.example"}, "invalid_target"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"dpop_jkt": "no thumbprint"}, "invalid_request"),
    ],
)
def test_a_request_that_is_wrong_goes_back(
    app: App, browser: Person, changed: dict[str, str | None], error: str
) -> None:
    """To the registered address, with `state` and `iss`: PKCE can't be talked down, and no scope is left out silently."""
    asked = app.asks(**changed)
    answer = heard(browser.ask("GET", asked.path))
    assert (answer["error"], answer["state"], answer["iss"], answer[""]) == (error, asked.state, app.issuer, CALLBACK)
    assert "code" not in answer
    signed_out = heard(Person(app.http).ask("GET", asked.path))
    assert signed_out["error"] == error


@pytest.mark.parametrize("name", ["response_type", "scope", "state", "code_challenge", "resource", "redirect_uri"])
def test_what_is_sent_twice_is_refused(app: App, browser: Person, name: str) -> None:
    """RFC 6749, section 3.1: nobody can know which of them was meant."""
    path = app.asks(resource=app.resource(uuid4())).path
    answer = browser.ask("GET", f"{path}&{name}={quote('https://evil.example')}")
    assert "code=" not in answer.headers.get("location", "")
    assert answer.status_code == 400 or heard(answer)["error"] in ("invalid_request", "invalid_target")


class TestCodes:
    def test_a_code_is_good_once(self, app: App, browser: Person) -> None:
        """Brought again, it ends what was given out for it: somebody else may have had it first."""
        asked = app.asks()
        code = code_of(allowed(browser, asked.path))
        body = app.redeemed(asked, code).json()
        assert app.ask(body["access_token"], WHO).status_code == 200
        refused(app.redeemed(asked, code))
        assert app.ask(body["access_token"], WHO).status_code == 401
        refused(app.refreshed(body["refresh_token"]))

    @pytest.mark.parametrize("verifier", ["", "x", "x" * 43, "x" * 129, "\u00e9" * 50, "a b" * 20])
    def test_without_the_verifier_it_is_nothing(self, app: App, browser: Person, verifier: str) -> None:
        """Whoever stole a code tries once: it is used up, and its owner signs in anew."""
        asked = app.asks()
        code = code_of(allowed(browser, asked.path))
        refused(app.redeemed(asked, code, code_verifier=verifier))
        refused(app.redeemed(asked, code))

    def test_the_challenge_is_no_verifier(self, app: App, browser: Person) -> None:
        """What stands in the browser's history redeems nothing: `plain` is not spoken here."""
        asked = app.asks()
        code = code_of(allowed(browser, asked.path))
        refused(app.redeemed(asked, code, code_verifier=challenge(asked.verifier)))

    def test_a_code_of_another_request_is_nothing(self, app: App, browser: Person) -> None:
        """Code injection (RFC 9700, section 4.5): the attacker's code doesn't go with the victim's verifier."""
        attackers, victims = app.asks(), app.asks()
        code = code_of(allowed(browser, attackers.path))
        refused(app.redeemed(victims, code))

    def test_a_code_of_another_client_is_nothing(self, app: App, browser: Person, app_url: str, server: Server) -> None:
        """Not even for whoever has its verifier; its own client can still bring it."""
        asked = app.asks()
        code = code_of(allowed(browser, asked.path))
        stranger = registered_app(app_url, server.http)
        refused(stranger.redeemed(asked, code))
        proved = registered_app(app_url, server.http, public=False)
        refused(proved.redeemed(asked, code))
        assert app.redeemed(asked, code).status_code == 200

    def test_a_code_goes_with_its_address(self, app: App, browser: Person) -> None:
        asked = app.asks()
        code = code_of(allowed(browser, asked.path))
        refused(app.redeemed(asked, code, redirect_uri="http://127.0.0.1:51004/callback"))

    def test_a_code_lives_for_a_minute(self, app: App, browser: Person, owner_url: str) -> None:
        asked = app.asks()
        code = code_of(allowed(browser, asked.path))
        with psycopg.connect(owner_url) as connection:
            connection.execute(
                "UPDATE usher.authorization_code SET expires_at = expires_at - interval '1 minute' WHERE code_digest = %s",
                [digest(code)],
            )
        refused(app.redeemed(asked, code))

    def test_a_public_client_can_not_be_played_for_one_with_a_secret(
        self, browser: Person, app_url: str, server: Server
    ) -> None:
        """Its id alone proves nothing, and a secret in the form is none."""
        proved = registered_app(app_url, server.http, public=False)
        asked = proved.asks()
        code = code_of(allowed(browser, asked.path))
        thief = App(server.http, proved.client_id)
        refused(thief.redeemed(asked, code), "invalid_client")
        refused(thief.redeemed(asked, code, client_secret=proved.secret or ""), "invalid_client")
        assert proved.redeemed(asked, code).status_code == 200


class TestTokens:
    """Of an app, at the API."""

    @pytest.mark.parametrize(
        "changed",
        [
            {"aud": "https://elsewhere.example/schools/1"},
            {"iss": "https://elsewhere.example"},
            {"school": str(uuid4())},
            {"exp": 1},
            {"capacity": "HEAD"},
            {"sid": 7},
            {"scope": ["write"]},
            {"cnf": {}},
            {"cnf": {"jkt": "x" * 43}},
        ],
    )
    def test_a_changed_claim_is_refused(self, app: App, server: Server, good: str, changed: dict[str, Any]) -> None:
        """Even signed by our own key, which the control shows to be believed."""
        key = token_key(server.home / "keys")
        claims = dict(jwt.decode(good, key, algorithms=["ES256"]).claims)
        header = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid}
        forged = jwt.encode(header, claims | changed, key, algorithms=["ES256"])
        assert app.ask(jwt.encode(header, claims, key, algorithms=["ES256"]), WHO).status_code == 200
        assert app.ask(forged, WHO).status_code == 401

    def test_a_foreign_key_and_none_are_refused(self, app: App, server: Server, good: str) -> None:
        claims = dict(jwt.decode(good, token_key(server.home / "keys"), algorithms=["ES256"]).claims)
        strange, kid = ECKey.generate_key("P-256"), token_key(server.home / "keys").kid
        foreign = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": kid}, claims, strange, algorithms=["ES256"])
        head, body, _ = good.split(".")
        none = b64encode(b'{"alg":"none","typ":"at+jwt"}').decode().rstrip("=")
        for token in (foreign, f"{none}.{body}.", f"{head}.{body}.", f"{head}.{body}"):
            assert app.ask(token, WHO).status_code == 401

    def test_what_is_no_access_token_opens_nothing(self, app: App, browser: Person) -> None:
        """Neither a refresh token, nor a code, nor the cookie."""
        body = app.tokens(browser)
        code = code_of(allowed(browser, app.asks().path))
        for token in (body["refresh_token"], code, browser.cookies["__Host-usher"]):
            assert app.ask(token, WHO).status_code == 401


PATHS = ["/oauth/par", "/oauth/token", "/oauth/revoke", "/oauth/introspect"]
TEXTS = [
    "", "&", "=", "a", "a=1&a=2", "grant_type=authorization_code", "grant_type=refresh_token&refresh_token=",
    "grant_type=refresh_token&refresh_token=%00", "grant_type=authorization_code&code=%ff", "response_type=code",
    "response_type=%22%5c", "request_uri=urn:ietf:params:oauth:request_uri:", "request_uri=%00", "redirect_uri=%00",
    "redirect_uri=http%3A%2F%2F%5B", "redirect_uri=https%3A%2F%2Fapp.example%3Ax%2F", "scope=%ed%a0%80",
    "state=%0d%0aSet-Cookie%3Ax", "resource=" + "x" * 3000, "code_challenge=" + "%e2%82%ac" * 300,
    "client_id[]=x", "client_id=%27%3B--", "client_id=" + "x" * 3000, "dpop_jkt=%00", "request=e30.e30.",
    "response_type=code&response_type=code", "client_secret=x", "token=%00", "token=" + "x" * 3000, "token=a.b.c",
    "client_assertion=e30.e30.e30&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
    "%", "%zz", "a=%", "\u00e9=1", ";" * 50, "&".join(f"f{n}=1" for n in range(40)), "scope=" + "read+" * 600,
    "redirect_uri=javascript%3Aalert(1)", "max_age=-1", "prompt=none", "id_token_hint=x", "display=%7B%7B7*7%7D%7D",
]  # fmt: skip
PROOFS = ["", "x", "a.b.c", "e30.e30.e30", "\u00e9", "x" * 5000, "a.b.c,a.b.c", "eyJ0eXAiOiJkcG9wK2p3dCJ9.e30.e30"]


@pytest.mark.parametrize("path", [*PATHS, "GET /oauth/authorize", "POST /oauth/authorize"])
def test_malformed_requests_are_no_defect(app: App, browser: Person, path: str) -> None:
    """More than fifty each, alone and behind what is right; none is repeated in the answer, and none gives anything."""
    method, _, where = path.rpartition(" ")
    right = f"client_id={app.client_id}&redirect_uri={quote(CALLBACK, safe='')}"
    for text in [*TEXTS, *(f"{right}&{text}" for text in TEXTS)]:
        if where == "/oauth/authorize":
            answer = browser.http.request(
                method or "GET",
                f"{where}?{text}",
                headers={"cookie": f"__Host-usher={browser.cookies['__Host-usher']}"},
            )
            assert answer.status_code in (303, 400, 403, 415), (text, answer.text)
        else:
            sent = {"content-type": "application/x-www-form-urlencoded"}
            answer = app.http.post(where, content=text.encode(), headers=sent)
            assert answer.status_code == 200 or 400 <= answer.status_code < 500, (text, answer.text)
            assert "access_token" not in answer.text
        # The way back to the page, of a form that was not taken, is an address of ours with all that was asked in it.
        assert "x" * 50 not in re.sub(r'href="/oauth/authorize\?[^"<>]*"', "", answer.text)
        assert "code=" not in answer.headers.get("location", "")
        assert not [name for name in answer.headers if name == "set-cookie"]


@pytest.mark.parametrize("proof", PROOFS)
def test_malformed_proofs_are_no_defect(app: App, browser: Person, proof: str) -> None:
    asked = app.asks()
    code = code_of(allowed(browser, asked.path))
    fields = {"client_id": app.client_id, "grant_type": "authorization_code", "code": code}
    fields |= {"redirect_uri": CALLBACK, "code_verifier": asked.verifier}
    headers = [(b"DPoP", proof.encode())]
    answer = app.http.post("/oauth/token", data=fields, headers=headers)
    refused(answer, "invalid_dpop_proof")
    # A proof that nobody can believe costs nobody a code.
    assert app.redeemed(asked, code).status_code == 200


def test_no_secret_of_an_app_reaches_the_log(
    app_url: str, server: Server, servers: list[Server], browser: Person
) -> None:
    """Neither code, nor verifier, nor token, nor cookie, nor secret, also of requests that were refused."""
    app = registered_app(app_url, server.http, public=False)
    asked = app.asks()
    code = code_of(allowed(browser, asked.path))
    body = app.redeemed(asked, code).json()
    following = app.refreshed(body["refresh_token"]).json()
    proof = app.proof()
    app.refreshed(body["refresh_token"], proof=proof)
    app.redeemed(asked, code)
    app.posted("/oauth/introspect", token=following["access_token"])
    app.posted("/oauth/revoke", token=following["refresh_token"])
    app.http.get("/oauth/token", params={"code": code})
    told = [code, asked.verifier, asked.state, proof, app.secret or "", browser.cookies["__Host-usher"]]
    told += [value for one in (body, following) for name, value in one.items() if name.endswith("_token")]
    assert len(set(told)) == 10
    logged = "".join(one.log.read_text() for one in servers)
    assert not [one for one in told if one in logged]
    assert secrets.token_urlsafe(32) not in logged
