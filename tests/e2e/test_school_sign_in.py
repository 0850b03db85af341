"""Sign-in by a school's own accounts: whoever linked theirs comes in, and nothing that a provider may say lets others in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import quote, unquote
from uuid import UUID, uuid4

import psycopg
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.e2e.accounts import Holder, holder
from tests.e2e.pages import Person
from tests.e2e.school_provider import (
    CLIENT,
    CODE,
    DOMAIN,
    SECRET,
    SUBJECT,
    Answered,
    Provider,
    away,
    basic,
    is_signed_in,
    registered,
    school_provider,
    shown,
)
from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school

Claims = dict[str, Any]
Forger = Callable[[Provider, Claims], str]
REFUSED: Final = "Your school's sign-in was not accepted"
SILENT: Final = "Your school's sign-in does not answer"
STALE: Final = "This sign-in is over"
ELSEWHERE: Final = ECKey.generate_key("P-256", {"kid": "first"})


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"school sign-in {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def provider() -> Generator[Provider]:
    with school_provider() as made:
        yield made


@pytest.fixture
def key(app_url: str, server: Server, school: World, provider: Provider) -> UUID:
    return registered(app_url, server, school, provider.issuer)


@pytest.fixture
def pat(app_url: str, school: World) -> Holder:
    return holder(app_url, (school, "pat"))


@pytest.fixture
def person(server: Server) -> Person:
    return Person(server.http)


def linked(server: Server, pat: Holder, provider: Provider, key: UUID) -> Person:
    """The account's holder in a browser of theirs, who has linked it."""
    person = Person(server.http)
    pat.sign_in(person)
    there = away(person, key, "/account/school", "Link")
    page = shown(person, provider, there)
    assert "Your school's account is linked." in page.text
    return person


@dataclass
class Standing:
    """A provider by which somebody can sign in, for all tests of the file that change nothing but what it says."""

    provider: Provider
    key: UUID


@pytest.fixture(scope="module")
def one_provider(app_url: str, server: Server, school: World) -> Generator[Standing]:
    with school_provider() as provider:
        standing = Standing(provider, registered(app_url, server, school, provider.issuer))
        linked(server, holder(app_url, (school, "pat")), provider, standing.key)
        yield standing


@pytest.fixture
def standing(one_provider: Standing) -> Generator[Standing]:
    yield one_provider
    provider = one_provider.provider
    provider.claims, provider.answers, provider.token = {}, {}, provider.signed


def identities(owner_url: str, pat: Holder) -> list[tuple[Any, ...]]:
    with psycopg.connect(owner_url) as connection:
        statement = "SELECT issuer, subject FROM usher.federated_identity WHERE account_id = %s"
        return connection.execute(statement, [pat.account_id]).fetchall()


def test_whoever_linked_their_account_signs_in_by_it(
    server: Server, person: Person, pat: Holder, provider: Provider, key: UUID, owner_url: str
) -> None:
    """With PKCE, state and nonce, the secret in the header alone; back where they wanted to go."""
    linked(server, pat, provider, key)
    assert identities(owner_url, pat) == [(provider.issuer, SUBJECT)]
    there = away(person, key, "/sign-in/school?next=/account/factors")
    asked = there.asked
    assert (asked["response_type"], asked["scope"], asked["code_challenge_method"]) == ("code", "openid", "S256")
    assert asked["redirect_uri"] == f"{server.url}/sign-in/school/{key}/back"
    page = shown(person, provider, there)
    assert page.path == "/account/factors"
    form = provider.forms[-1]
    assert (form["grant_type"], form["code"], form["redirect_uri"]) == (
        "authorization_code",
        CODE,
        asked["redirect_uri"],
    )
    challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
    assert challenge == asked["code_challenge"]
    assert unquote(basic(provider.authorizations[-1])) == f"{CLIENT}:{SECRET}".replace(" ", "-")
    assert pat.name in person.open("/account").text


def test_an_unknown_subject_is_nobody(
    server: Server, person: Person, pat: Holder, provider: Provider, key: UUID
) -> None:
    """Whatever its e-mail address is; the same as one whose account has nothing to do with the school."""
    provider.claims = {"sub": "somebody else", "email": pat.name, "email_verified": True}
    page = shown(person, provider, away(person, key))
    assert (page.status, page.heading) == (403, "Your school's account is not linked yet")
    assert not is_signed_in(person)
    del server


def test_an_account_without_the_school_is_nobody(
    server: Server, person: Person, pat: Holder, provider: Provider, key: UUID, app_url: str
) -> None:
    """Who left it is not signed in by it any more, and can't link it either."""
    browser = linked(server, pat, provider, key)
    with psycopg.connect(app_url) as connection:
        connection.execute(
            "UPDATE usher.login_identity SET identity = %s WHERE identity = %s", [f"x{pat.name}", pat.name]
        )
    page = shown(person, provider, away(person, key))
    assert (page.status, page.heading) == (403, "Your school's account is not linked yet")
    page = browser.open("/account/school")
    assert "None of your schools" in page.text


TOKENS: Final[dict[str, dict[str, Any]]] = {
    "another tenant": {"hd": "elsewhere.example"},
    "no tenant": {"hd": ...},
    "tenants": {"hd": [DOMAIN]},
    "another nonce": {"nonce": "x" * 43},
    "no nonce": {"nonce": ...},
    "a number for a nonce": {"nonce": 7},
    "another audience": {"aud": "somebody-else"},
    "no audience": {"aud": ...},
    "two audiences": {"aud": ["usher-at-the-school", "another"]},
    "another party": {"azp": "another"},
    "another issuer": {"iss": "https://elsewhere.example"},
    "no issuer": {"iss": ...},
    "expired": {"exp": 1},
    "no end": {"exp": ...},
    "a text for an end": {"exp": "9999999999"},
    "an old one": {"iat": 1},
    "of tomorrow": {"iat": 9999999999},
    "not yet": {"nbf": 9999999999},
    "no subject": {"sub": ...},
    "an empty subject": {"sub": ""},
    "a number for a subject": {"sub": 7},
    "a long subject": {"sub": "x" * 256},
    "a strange subject": {"sub": "a\u0000b"},
}


@pytest.mark.parametrize("name", TOKENS)
def test_what_an_id_token_must_say(person: Person, standing: Standing, name: str) -> None:
    """Each claim that isn't as it must be: nobody is signed in."""
    standing.provider.claims = TOKENS[name]
    page = shown(person, standing.provider, away(person, standing.key))
    assert (page.status, page.heading) == (403, REFUSED)
    assert not is_signed_in(person)


def _encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _unsigned(header: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    return f"{_encoded(header)}.{_encoded(claims)}.{signature}"


def _by(key: ECKey, header: dict[str, Any]) -> Forger:
    return lambda _, claims: jwt.encode({"alg": "ES256"} | header, claims, key, algorithms=["ES256"])


def _as_secret(provider: Provider, claims: Claims) -> str:
    """The public key, which everybody has, taken for the secret of a signature (CVE-2015-9235)."""
    text = _unsigned({"alg": "HS256", "kid": "first"}, claims).rstrip(".")
    made = hmac.new(provider.key.as_pem(private=False), text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def _literally(text: str) -> Forger:
    return lambda _provider, _claims: text


FORGED: Final[dict[str, Forger]] = {
    "none": lambda _, claims: _unsigned({"alg": "none"}, claims),
    "None": lambda _, claims: _unsigned({"alg": "None", "kid": "first"}, claims),
    "another's key": _by(ELSEWHERE, {"kid": "first"}),
    "the public key as a secret": _as_secret,
    "a key in the header": _by(ELSEWHERE, {"jwk": ELSEWHERE.as_dict(private=False)}),
    "an unknown key": _by(ELSEWHERE, {"kid": "second"}),
    "five parts": _literally("a.b.c.d.e"),
    "no parts": _literally("token"),
    "empty": _literally(""),
    "long": lambda provider, claims: provider.signed(claims | {"more": "x" * 20_000}),
}


@pytest.mark.parametrize("name", FORGED)
def test_no_forged_token_is_believed(person: Person, standing: Standing, name: str) -> None:
    """Algorithms are ours to choose, keys the provider's."""
    standing.provider.token = lambda claims: FORGED[name](standing.provider, claims)
    page = shown(person, standing.provider, away(person, standing.key))
    assert (page.status, page.heading) == (403, REFUSED)
    assert not is_signed_in(person)


def test_keys_are_read_again_when_they_changed(
    server: Server, person: Person, pat: Holder, provider: Provider, key: UUID
) -> None:
    """Not more often than every half minute: a stranger can't have a provider asked without end."""
    linked(server, pat, provider, key)
    for _ in range(3):
        provider.token = lambda claims: FORGED["an unknown key"](provider, claims)
        assert shown(person, provider, away(person, key)).heading == REFUSED
    assert provider.asked.count("/jwks_uri") == 1


SILENCES: Final[dict[str, Answered]] = {
    "nothing": Answered(b"", 500),
    "no JSON": Answered(b"<html>"),
    "a list": Answered(b"[]"),
    "elsewhere": Answered(b"", 302, {"Location": "http://127.0.0.1:1/"}),
    "too much": Answered(b'{"id_token": "' + b"x" * 300_000 + b'"}'),
    "compressed": Answered(b"{}", 200, {"Content-Encoding": "gzip", "Content-Type": "application/json"}),
    "deep": Answered(b"[" * 100_000),
}


@pytest.mark.parametrize("name", SILENCES)
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token_endpoint", "/jwks_uri"])
def test_a_provider_that_fails_fails_alone(person: Person, provider: Provider, key: UUID, path: str, name: str) -> None:
    """Nobody is signed in, and it is no fault of ours."""
    provider.answers = {path: SILENCES[name]}
    if path.startswith("/.well-known"):
        page = person.send(person.open("/sign-in/school").form(having="Go on"), school=str(key))
    else:
        page = shown(person, provider, away(person, key))
    assert (page.status, page.heading) in ((503, SILENT), (403, REFUSED))
    assert not is_signed_in(person)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://elsewhere.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": 7},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": "gopher://127.0.0.1/"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": 'https://a.example/"><script>'},
    ],
)
def test_a_provider_that_says_nonsense_of_itself_is_not_asked(
    person: Person, provider: Provider, key: UUID, metadata: dict[str, Any]
) -> None:
    """No browser is sent anywhere."""
    provider.metadata = metadata
    page = person.send(person.open("/sign-in/school").form(having="Go on"), school=str(key))
    assert (page.status, page.heading) == (503, SILENT)


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/latest", "https://10.0.0.1/", "https://[fd00::1]/", "http://0.0.0.0:1/"]
)
def test_no_provider_leads_into_the_network_here(person: Person, provider: Provider, key: UUID, address: str) -> None:
    """Of its keys and its tokens; it fails at once, without a connection."""
    provider.metadata = {"token_endpoint": address}
    page = shown(person, provider, away(person, key))
    assert (page.status, page.heading) == (503, SILENT)
    assert provider.forms == []


@pytest.mark.parametrize("said", ["https://elsewhere.example", ""])
def test_another_issuer_in_the_answer_is_refused(
    server: Server, person: Person, pat: Holder, provider: Provider, key: UUID, said: str
) -> None:
    """RFC 9207: and no code is redeemed for it."""
    linked(server, pat, provider, key)
    redeemed = len(provider.forms)
    page = shown(person, provider, away(person, key), iss=said)
    assert (page.status, page.heading) == (403, REFUSED)
    assert len(provider.forms) == redeemed
    assert shown(person, provider, away(person, key), iss=provider.issuer).path == "/account"


def test_a_provider_that_names_itself_must_do_so(
    server: Server, person: Person, pat: Holder, provider: Provider, key: UUID
) -> None:
    """RFC 9207, section 2.4."""
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    browser = Person(server.http)
    pat.sign_in(browser)
    there = away(browser, key, "/account/school", "Link")
    assert shown(browser, provider, there).heading == REFUSED
    assert shown(person, provider, away(person, key)).heading == REFUSED


def test_an_answer_is_of_one_provider(
    app_url: str, server: Server, school: World, person: Person, pat: Holder, provider: Provider, key: UUID
) -> None:
    """Another's address takes none of its states: no mix-up without RFC 9207 either."""
    linked(server, pat, provider, key)
    with school_provider() as other:
        theirs = registered(app_url, server, school, other.issuer)
        there = away(person, key)
        page = person.open(there.back().replace(str(key), str(theirs)))
        assert (page.status, page.heading) == (400, STALE)
        assert other.forms == []


def test_an_answer_counts_once(server: Server, person: Person, pat: Holder, provider: Provider, key: UUID) -> None:
    """Replayed in the same browser, after it signed in; and twenty at once redeem one code."""
    linked(server, pat, provider, key)
    there = away(person, key)
    before = dict(person.cookies)
    provider.nonce, redeemed = there.asked["nonce"], len(provider.forms)

    def again(_: int) -> int:
        browser = Person(server.http)
        browser.cookies = dict(before)
        return browser.ask("GET", there.back()).status_code

    with ThreadPoolExecutor(20) as threads:
        statuses = sorted(threads.map(again, range(20)))
    assert statuses == [303, *[400] * 19]
    assert len(provider.forms) == redeemed + 1
    assert again(0) == 400


def test_an_answer_is_of_one_browser(
    server: Server, person: Person, pat: Holder, provider: Provider, key: UUID
) -> None:
    """Login CSRF: an attacker's callback, in a browser of somebody else, with or without a cookie of its own."""
    linked(server, pat, provider, key)
    attacker, victim, fresh = away(person, key), Person(server.http), Person(server.http)
    victim.open("/sign-in")
    for browser in (victim, fresh):
        page = shown(browser, provider, attacker)
        assert (page.status, page.heading) == (400, STALE)
        assert not is_signed_in(browser)
    assert shown(person, provider, attacker).path == "/account"


def test_whoever_is_signed_in_is_not_linked_to_a_stranger(
    app_url: str, server: Server, school: World, pat: Holder, provider: Provider, key: UUID, owner_url: str
) -> None:
    """Nobody's answer links another's account: not one that began in the attacker's browser, nor for who is somebody's."""
    linked(server, pat, provider, key)
    other = holder(app_url, (school, "teacher"))
    browser, attacker = Person(server.http), Person(server.http)
    other.sign_in(browser)
    provider.claims = {"sub": "the attacker"}
    assert shown(browser, provider, away(attacker, key)).heading == STALE
    provider.claims = {}
    page = shown(browser, provider, away(browser, key, "/account/school", "Link"))
    assert (page.status, page.heading) == (409, "Not linked")
    assert identities(owner_url, other) == []
    there = away(browser, key, "/account/school", "Link")
    token = browser.open("/account").form("/account/sessions").fields["csrf"]
    assert browser.ask("POST", "/sign-out", {"csrf": token}).status_code == 303
    provider.claims = {"sub": "the other"}
    assert shown(browser, provider, there).heading in (STALE, "Sign in")
    assert identities(owner_url, other) == []


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/%2fevil.example",
        "/a\r\nb",
    ],
)
def test_nobody_is_led_elsewhere(person: Person, standing: Standing, path: str) -> None:
    """Where to go on is a path of ours."""
    there = away(person, standing.key, f"/sign-in/school?next={quote(path, safe='')}")
    assert shown(person, standing.provider, there).path == "/account"


def test_a_refusal_at_the_school_is_told(person: Person, provider: Provider, key: UUID) -> None:
    """And the sign-in is over."""
    there = away(person, key)
    page = shown(person, provider, there, code=None, error="access_denied", error_description="<script>no</script>")
    assert (page.status, page.heading) == (403, REFUSED)
    assert "script>no" not in page.text
    assert shown(person, provider, there).heading == STALE
    assert provider.forms == []


def test_malformed_answers_are_no_fault_of_ours(person: Person, provider: Provider, key: UUID) -> None:
    """Fifty of them: each is refused."""
    person.open("/sign-in")
    paths = [
        f"/sign-in/school/{key}/back",
        "/sign-in/school/nobody/back",
        f"/sign-in/school/{uuid4()}/back",
        "/sign-in/school/%00/back",
    ]
    queries = [
        "", "?", "?state", "?state=", "?code=a", "?state=a", "?state=a&code=b", "?state=a&state=b&code=c",
        f"?state={'x' * 5000}&code=a", "?state=%00&code=a", "?state=%ff%fe&code=a", "?state=a&code=%0d%0aSet-Cookie:a",
        "?iss=%00&state=a&code=b",
    ]  # fmt: skip
    statuses = [person.ask("GET", path + query).status_code for path in paths for query in queries]
    assert len(statuses) > 50
    assert set(statuses) <= {400, 404}
    for method in ("POST", "PUT", "DELETE"):
        assert person.ask(method, paths[0], {"a": "b"} if method == "POST" else None).status_code in (403, 405)
    assert provider.asked == []


def test_a_provider_that_ended_lets_nobody_in(
    server: Server, person: Person, pat: Holder, provider: Provider, key: UUID, app_url: str
) -> None:
    """Not even who was on the way; it isn't offered, and its links say so."""
    browser = linked(server, pat, provider, key)
    there = away(person, key)
    with psycopg.connect(app_url) as connection:
        connection.execute("UPDATE usher.school_provider SET ended_at = now() WHERE provider_id = %s", [key])
    assert shown(person, provider, there).heading == STALE
    assert str(key) not in person.open("/sign-in/school").response.text
    page = person.send(person.open("/sign-in").form(having="Sign in"), name="a", password="b")
    assert "(ended)" in browser.open("/account/school").text
    del page


def test_the_owner_unlinks(
    server: Server, person: Person, pat: Holder, provider: Provider, key: UUID, app_url: str
) -> None:
    """Unless there is no other way in; nobody else's link goes by it."""
    browser = linked(server, pat, provider, key)
    with psycopg.connect(app_url) as connection:
        [(link,)] = connection.execute(
            "SELECT identity_id FROM usher.federated_identity WHERE account_id = %s", [pat.account_id]
        ).fetchall()
        connection.execute("UPDATE usher.account SET password_hash = NULL WHERE account_id = %s", [pat.account_id])
    page = browser.send(browser.open("/account/school").form(having="Remove"), unlink=str(link))
    assert page.status == 422
    assert shown(person, provider, away(person, key)).path == "/account"
    with psycopg.connect(app_url) as connection:
        connection.execute("UPDATE usher.account SET password_hash = 'x' WHERE account_id = %s", [pat.account_id])
    for other in (str(uuid4()), "x", ""):
        assert browser.send(browser.open("/account/school").form(having="Remove"), unlink=other).status == 422
    page = browser.send(browser.open("/account/school").form(having="Remove"), unlink=str(link))
    assert "The link is removed." in page.text
    assert shown(Person(server.http), provider, away(Person(server.http), key)).status in (400, 403)


@pytest.mark.parametrize(
    ("factor", "told", "counted"),
    [
        ("mfa", {"amr": ["pwd", "mfa"]}, True),
        ("mfa", {"acr": "mfa"}, True),
        ("mfa", {"amr": "mfa"}, False),
        ("mfa", {"amr": ["pwd"]}, False),
        (None, {"amr": ["pwd", "mfa"], "acr": "mfa"}, False),
    ],
)
def test_two_factors_at_the_school_count_where_it_registered_that(
    app_url: str, server: Server, school: World, pat: Holder, person: Person, factor: str | None,
    told: dict[str, Any], counted: bool,
) -> None:  # fmt: skip
    """Else it is one factor, and what takes two must be shown here."""
    with school_provider() as provider:
        key = registered(app_url, server, school, provider.issuer, factor=factor)
        linked(server, pat, provider, key)
        provider.claims = told
        assert shown(person, provider, away(person, key)).path == "/account"
    with psycopg.connect(app_url) as connection:
        rows = connection.execute(
            "SELECT factor_at IS NOT NULL FROM usher.browser_session WHERE account_id = %s ORDER BY begun_at DESC LIMIT 1",
            [pat.account_id],
        ).fetchall()
    assert rows == [(counted,)]


def test_two_factors_at_one_school_are_none_at_another(
    app_url: str, server: Server, school: World, person: Person, today: date
) -> None:
    """Whoever acts at a school that registered no such word shows a second factor here: one school's word opens no other."""
    other = small_school(f"sign-in elsewhere {uuid4()}", today)
    insert_world(app_url, other)
    both = holder(app_url, (school, "pat"), (other, "pat"))
    with school_provider() as provider:
        key = registered(app_url, server, school, provider.issuer, factor="mfa")
        linked(server, both, provider, key)
        provider.claims = {"amr": ["mfa"]}
        assert shown(person, provider, away(person, key)).path == "/account"
    with psycopg.connect(app_url) as connection:
        rows = connection.execute(
            "SELECT factor_at FROM usher.browser_session WHERE account_id = %s", [both.account_id]
        ).fetchall()
    assert rows == [(None,), (None,)]


def test_without_a_tenant_the_issuer_is_the_school(
    app_url: str, server: Server, school: World, pat: Holder, person: Person
) -> None:
    """Of a provider that serves it alone."""
    with school_provider() as provider:
        key = registered(app_url, server, school, provider.issuer, tenant=None)
        linked(server, pat, provider, key)
        provider.claims = {"hd": ...}
        assert shown(person, provider, away(person, key)).path == "/account"


def test_nothing_secret_is_logged(server: Server, person: Person, pat: Holder, provider: Provider, key: UUID) -> None:
    """Not the secret, a code, a token or a subject, when it goes well and when it doesn't."""
    linked(server, pat, provider, key)
    shown(person, provider, away(person, key))
    provider.claims = {"hd": "elsewhere.example"}
    shown(person, provider, away(person, key))
    log = server.log.read_text()
    assert "school sign-in refused" in log
    assert '"code": "tenant"' in log
    assert [word for word in ("c4nary", SECRET.split()[1], CODE, SUBJECT) if word in log] == []
