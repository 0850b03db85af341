"""Programs get tokens for the schools that granted them something, use them, and lose them at once."""

from __future__ import annotations

import hmac
import time
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from json import dumps, loads
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from server.cli import call
from tests.e2e.programs import ASSERTION, Program, registered, scopes_of
from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school

NAMES = "{ learners { nodes { givenName dateOfBirth } } }"


@pytest.fixture(scope="module")
def school(app_url: str, today: Any) -> World:
    world = small_school(f"tokens {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(params=["secret", "key"])
def program(request: pytest.FixtureRequest, app_url: str, server: Server, school: World) -> Program:
    return registered(app_url, server.http, school, by_key=request.param == "key")


@pytest.fixture
def keyed(app_url: str, server: Server, school: World) -> Program:
    return registered(app_url, server.http, school, by_key=True)


def names(answer: httpx.Response) -> int:
    """How many learners have a name in the answer."""
    body = answer.json()
    assert "errors" not in body, body
    return sum(node["givenName"] is not None for node in body["data"]["learners"]["nodes"])


def refused(answer: httpx.Response, code: str) -> None:
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["error"] == code, answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_program_reads_what_the_school_granted(program: Program, school: World) -> None:
    """Metadata, token, question: as the client of RFC 8414 and RFC 6749 goes about it."""
    answer = program.proved(
        "/oauth/token", grant_type="client_credentials", resource=program.resource(school.school_id)
    )
    body = answer.json()
    assert answer.status_code == 200, body
    assert {name: body[name] for name in ("token_type", "expires_in")} == {"token_type": "Bearer", "expires_in": 600}
    assert set(body["scope"].split()) == scopes_of(school)
    assert names(program.ask(body["access_token"], NAMES)) > 0


def test_the_token_is_that_of_rfc_9068_and_names_no_role(program: Program, school: World) -> None:
    """Signed by a key of the published set, for one school, and without a word of what its holder may do."""
    keys = KeySet.import_key_set(program.http.get("/oauth/jwks").json())
    token = jwt.decode(program.token(school.school_id), keys, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    assert token.claims["iss"] == program.issuer
    assert token.claims["aud"] == program.resource(school.school_id)
    assert set(token.claims) == {
        "iss", "aud", "sub", "school", "capacity", "client_id", "jti", "iat", "exp", "scope",
    }  # fmt: skip
    assert all("d" not in key for key in program.http.get("/oauth/jwks").json()["keys"])


def test_a_program_can_ask_for_less(program: Program, school: World) -> None:
    """What was left out of `scope` is denied under that token, though the school granted it."""
    fewer = program.token(school.school_id, scope="roster-core.readonly")
    (one, *_) = program.ask(fewer, NAMES).json()["data"]["learners"]["nodes"]
    assert one["givenName"] is not None
    assert one["dateOfBirth"] is None
    (one, *_) = program.ask(program.token(school.school_id), NAMES).json()["data"]["learners"]["nodes"]
    assert ("roster-demographics.readonly" in scopes_of(school)) == (one["dateOfBirth"] is not None)


@pytest.mark.parametrize("scope", ["safeguarding", "roster-core.readonly safeguarding", " ", "x" * 501])
def test_a_scope_that_was_not_granted_is_refused(program: Program, school: World, scope: str) -> None:
    """Nothing is silently left out."""
    answer = program.proved(
        "/oauth/token", grant_type="client_credentials", resource=program.resource(school.school_id), scope=scope
    )
    refused(answer, "invalid_scope")


def test_a_school_that_granted_nothing_looks_like_none(
    program: Program, school: World, app_url: str, today: Any
) -> None:
    """Another school, no school, another server's, none at all: the same error, and for the first three the same text."""
    stranger = small_school(f"stranger {uuid4()}", today)
    insert_world(app_url, stranger)
    resources = [
        program.resource(stranger.school_id),
        program.resource(uuid4()),
        f"https://elsewhere.example/schools/{school.school_id}",
        program.resource(school.school_id) + "/",
        program.issuer,
    ]
    asked = [program.proved("/oauth/token", grant_type="client_credentials", resource=name) for name in resources]
    for answer in asked:
        refused(answer, "invalid_target")
    assert len({answer.text for answer in asked}) == 1
    refused(program.proved("/oauth/token", grant_type="client_credentials"), "invalid_target")


def test_an_ended_grant_gives_no_token(app_url: str, server: Server, today: Any, owner_url: str) -> None:
    """The same question, before and after the school ended it."""
    world = small_school(f"ended {uuid4()}", today)
    insert_world(app_url, world)
    program = registered(app_url, server.http, world)
    program.token(world.school_id)
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "UPDATE usher.client_grant SET valid_to = valid_from WHERE school_id = %s", [world.school_id]
        )
    answer = program.proved("/oauth/token", grant_type="client_credentials", resource=program.resource(world.school_id))
    refused(answer, "invalid_target")


@pytest.mark.parametrize("grant", ["password", "implicit", "urn:x", "\u00e4"])
def test_other_grants_are_refused(program: Program, grant: str) -> None:
    """OAuth 2.1 has no password grant."""
    refused(program.proved("/oauth/token", grant_type=grant), "unsupported_grant_type")


@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token"])
def test_nobody_signs_in_with_a_program(program: Program, grant: str) -> None:
    """It was registered without an address for codes."""
    refused(program.proved("/oauth/token", grant_type=grant, code="x", refresh_token="x"), "unauthorized_client")


class TestProof:
    """What doesn't prove a client is refused, and tells nobody whether the client exists."""

    def test_a_wrong_secret_and_a_wrong_client_are_alike(self, app_url: str, server: Server, school: World) -> None:
        program = registered(app_url, server.http, school)
        tried = [
            (program.client_id, "wrong"),
            (program.client_id, program.secret + "x" if program.secret else ""),
            (program.client_id, ""),
            ("nobody", "wrong"),
            ("nobody\x00", "wrong"),
            ("NOBODY", "wrong"),
            ("n" * 300, "wrong"),
        ]
        for pair in tried:
            answer = program.post("/oauth/token", basic=pair, grant_type="client_credentials")
            assert answer.status_code in (400, 401), answer.text
            assert answer.json()["error"] in ("invalid_client", "invalid_request")
        known = program.post("/oauth/token", basic=(program.client_id, "wrong"), grant_type="client_credentials")
        unknown = program.post("/oauth/token", basic=("nobody", "wrong"), grant_type="client_credentials")
        assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
        assert known.headers["www-authenticate"].startswith("Basic ")

    def test_a_secret_in_the_form_is_not_taken(self, app_url: str, server: Server, school: World) -> None:
        """OAuth 2.1, section 2.4.1: credentials don't belong where servers log and cache them."""
        program = registered(app_url, server.http, school)
        answer = program.post(
            "/oauth/token",
            grant_type="client_credentials",
            client_id=program.client_id,
            client_secret=program.secret or "",
        )
        refused(answer, "invalid_client")

    @pytest.mark.parametrize(
        "changed",
        [
            {"aud": "https://elsewhere.example/oauth/token"},
            {"aud": ...},
            {"iss": "another"},
            {"iss": ...},
            {"sub": ...},
            {"sub": 5},
            {"sub": ["a"]},
            {"exp": ...},
            {"exp": 1},
            {"exp": "soon"},
            {"exp": int(time.time()) + 3600},
            {"jti": ...},
            {"jti": ""},
            {"jti": 7},
            {"jti": "a\x00b"},
            {"jti": "x" * 201},
        ],
    )
    def test_an_assertion_with_a_wrong_claim_is_refused(
        self, keyed: Program, school: World, changed: dict[str, Any]
    ) -> None:
        answer = keyed.post(
            "/oauth/token",
            grant_type="client_credentials",
            resource=keyed.resource(school.school_id),
            client_assertion_type=ASSERTION,
            client_assertion=keyed.assertion(**changed),
        )
        refused(answer, "invalid_client")

    def test_an_assertion_by_another_key_or_none_is_refused(self, keyed: Program) -> None:
        """Another key under the same kid, `alg: none`, and the public key misused as a secret."""
        claims = loads(_part(keyed.assertion(), 1))
        strange = ECKey.generate_key("P-256")
        header = {"alg": "ES256", "kid": keyed.key.kid}
        none = ".".join((_encoded(b'{"alg":"none"}'), _encoded(_part(keyed.assertion(), 1)), ""))
        signed = ".".join(
            (_encoded(dumps({"alg": "HS256", "kid": keyed.key.kid}).encode()), keyed.assertion().split(".")[1])
        )
        misused = hmac.digest(keyed.key.as_pem(private=False), signed.encode(), "sha256")
        forged = [
            jwt.encode(header, claims, strange, algorithms=["ES256"]),
            none,
            f"{signed}.{_encoded(misused)}",
            "a.b.c",
            "",
            "x" * 5000,
        ]
        for assertion in forged:
            answer = keyed.post(
                "/oauth/token",
                grant_type="client_credentials",
                client_assertion_type=ASSERTION,
                client_assertion=assertion,
            )
            refused(answer, "invalid_client")

    def test_an_assertion_is_believed_once(self, keyed: Program, school: World) -> None:
        """Twenty at once: one token, nineteen refusals."""
        assertion = keyed.assertion()

        def ask(_: int) -> int:
            return keyed.post(
                "/oauth/token",
                grant_type="client_credentials",
                resource=keyed.resource(school.school_id),
                client_assertion_type=ASSERTION,
                client_assertion=assertion,
            ).status_code

        with ThreadPoolExecutor(20) as pool:
            assert sorted(pool.map(ask, range(20))) == [200, *[400] * 19]


class TestEnding:
    """Revocation (RFC 7009) and introspection (RFC 7662)."""

    def test_a_revoked_token_is_worth_nothing_at_once(self, program: Program, school: World) -> None:
        """On the next request, though the server has just believed it; another token of the program goes on."""
        ended, other = program.token(school.school_id), program.token(school.school_id)
        assert names(program.ask(ended, NAMES)) > 0
        assert program.proved("/oauth/revoke", token=ended).status_code == 200
        answer = program.ask(ended, NAMES)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
        assert names(program.ask(other, NAMES)) > 0
        assert program.proved("/oauth/introspect", token=ended).json() == {"active": False}
        assert program.proved("/oauth/revoke", token=ended).status_code == 200

    def test_every_server_process_knows(self, program: Program, servers: list[Server], school: World) -> None:
        """A token that one process believed and another ended is refused by both."""
        token = program.token(school.school_id)
        asked = [Program(each.http, program.client_id) for each in servers]
        assert [one.ask(token, NAMES).status_code for one in asked] == [200] * len(servers)
        assert program.proved("/oauth/revoke", token=token).status_code == 200
        assert [one.ask(token, NAMES).status_code for one in asked] == [401] * len(servers)

    def test_a_program_learns_what_its_token_is_good_for(self, program: Program, school: World) -> None:
        told = program.proved("/oauth/introspect", token=program.token(school.school_id)).json()
        assert told["active"] is True
        assert (told["client_id"], told["aud"]) == (program.client_id, program.resource(school.school_id))
        assert set(told["scope"].split()) == scopes_of(school)

    def test_nobody_ends_or_looks_into_anothers_token(
        self, program: Program, app_url: str, server: Server, school: World
    ) -> None:
        """Another client is told that it is no token, and can't end it."""
        other = registered(app_url, server.http, school)
        token = program.token(school.school_id)
        assert other.proved("/oauth/introspect", token=token).json() == {"active": False}
        refused(other.proved("/oauth/revoke", token=token), "invalid_grant")
        refused(program.post("/oauth/revoke", token=token), "invalid_client")
        assert names(program.ask(token, NAMES)) > 0

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "\u00e9" * 50, "x" * 9000])
    def test_what_is_no_token_is_ended_in_peace(self, program: Program, token: str) -> None:
        """RFC 7009, section 2.2: an invalid token is no error; a request without one is."""
        answer = program.proved("/oauth/revoke", token=token)
        assert answer.status_code == (200 if token else 400), answer.text
        told = program.proved("/oauth/introspect", token=token)
        assert told.status_code == (200 if token else 400)


class TestEndOfAClient:
    """`usher client end`: tokens that a program has end with it."""

    def test_its_tokens_are_worth_nothing_at_any_process(
        self, program: Program, servers: list[Server], school: World, app_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """That had just believed them; another program that acts as the same person goes on."""
        other = registered(app_url, program.http, school)
        ended, kept = program.token(school.school_id), other.token(school.school_id)
        asked = [Program(each.http, program.client_id) for each in servers]
        assert {one.ask(token, NAMES).status_code for one in asked for token in (ended, kept)} == {200}
        _end(program, app_url, monkeypatch)
        assert [one.ask(ended, NAMES).status_code for one in asked] == [401] * len(servers)
        assert [one.ask(kept, NAMES).status_code for one in asked] == [200] * len(servers)

    def test_its_token_of_no_school_is_worth_nothing(
        self, program: Program, app_url: str, owner_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By itself, not only because its client is gone."""
        answer = program.proved("/oauth/token", grant_type="client_credentials", resource=f"{program.issuer}/vendor")
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert program.http.get("/oauth/grants", headers=headers).status_code == 200
        _end(program, app_url, monkeypatch)
        assert program.http.get("/oauth/grants", headers=headers).status_code == 401
        with psycopg.connect(owner_url) as connection:
            statement = "SELECT bool_and(ended_at IS NOT NULL) FROM usher.vendor_token WHERE client_id = %s"
            assert connection.execute(statement, [program.client_id]).fetchone() == (True,)


def _end(program: Program, app_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USHER_DATABASE_URL", app_url)
    assert call(["client", "end", program.client_id, "--yes"]) == 0


def test_the_metadata_are_those_of_rfc_8414(server: Server) -> None:
    """authlib's own reading of the RFC finds nothing wrong but the addresses' scheme, which is http on loopback."""
    found = server.http.get("/.well-known/oauth-authorization-server").json()
    assert found["token_endpoint"] == found["issuer"] + "/oauth/token"
    assert found["jwks_uri"] == found["issuer"] + "/oauth/jwks"
    assert found["grant_types_supported"] == ["authorization_code", "client_credentials", "refresh_token"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    resource = server.http.get("/.well-known/oauth-protected-resource").json()
    assert resource["authorization_servers"] == [found["issuer"]]


def test_the_host_header_changes_nothing(server: Server) -> None:
    """Addresses are the operator's, never what a request claims."""
    told = server.http.get("/.well-known/oauth-authorization-server", headers={"Host": "evil.example"})
    assert "evil" not in told.text


HOSTILE: list[tuple[bytes, dict[str, str]]] = [
    (b"", {}),
    (b"", {"content-type": "text/plain"}),
    (b"{}", {"content-type": "application/json"}),
    (b"grant_type=client_credentials&grant_type=client_credentials", {}),
    (b"grant_type", {}),
    (b"=&=&=", {}),
    (b"&" * 100, {}),
    (b"grant_type=%00", {}),
    (b"grant_type=%ff%fe", {}),
    (b"grant_type=%ud800", {}),
    (b"grant_type=\xff", {}),
    (b"a=1&" * 5000, {}),
    (b"a=" + b"x" * 40_000, {}),
    (b"token=a%0d%0aSet-Cookie:x", {}),
    (b"client_assertion_type=" + ASSERTION.encode() + b"&client_assertion=e30.e30.", {}),
    (b"client_assertion_type=" + ASSERTION.encode() + b"&client_assertion=....", {}),
    (b"client_assertion_type=" + ASSERTION.encode() + b"&client_assertion=bnVsbA.bnVsbA.bnVsbA", {}),
    (b"client_assertion_type=" + ASSERTION.encode() + b"&client_assertion=" + b"W1tbW1tb" * 500 + b".e30.e30", {}),
    *(
        (b"grant_type=client_credentials&token=x", {"authorization": value})
        for value in (
            "Basic",
            "Basic !!!!",
            "Basic " + b64encode(b"\x00:\x00").decode(),
            "Basic " + b64encode(b"\xff\xfe:\xff").decode(),
            "Basic " + b64encode(b"nocolon").decode(),
            "Basic " + b64encode(b":").decode(),
            "Basic " + b64encode(b"a:" + b"b" * 5000).decode(),
            "Basic " + b64encode(b"%00:%00").decode(),
            "Basic " + b64encode(b"a%ff:%zz").decode(),
            "Bearer x",
            "Negotiate x",
            "basic\tx",
        )
    ),
]


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/introspect"])
def test_malformed_requests_are_refused_in_words(server: Server, path: str) -> None:
    """None is a defect, each has a code of RFC 6749, and none repeats what was sent."""
    for body, headers in HOSTILE:
        sent = {"content-type": "application/x-www-form-urlencoded"} | headers
        answer = server.http.post(path, content=body, headers=sent)
        assert 400 <= answer.status_code < 500, (body[:50], headers, answer.text)
        assert answer.json()["error"] in {
            "invalid_request", "invalid_client", "unsupported_grant_type", "invalid_target",
        }, answer.text  # fmt: skip
        assert "Set-Cookie" not in answer.text
        assert "set-cookie" not in answer.headers
    for method in ("GET", "PUT", "DELETE"):
        assert server.http.request(method, path).status_code == 405


def test_no_secret_reaches_the_log(program: Program, school: World, server: Server) -> None:
    """Neither a secret, nor an assertion, nor a token."""
    token = program.token(school.school_id)
    program.proved("/oauth/revoke", token=token)
    logged = server.log.read_text()
    assert token not in logged
    assert program.secret is None or program.secret not in logged
    assert "eyJ" not in logged


def _part(token: str, number: int) -> bytes:
    text = token.split(".")[number]
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
