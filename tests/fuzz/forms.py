"""Requests to the pages, to /oauth and to whatever else there is: forms, queries, cookies, paths."""

from __future__ import annotations

import json
from base64 import b64encode
from random import Random
from typing import Final
from urllib.parse import quote, urlencode

from server.web.pages.cookies import form_token
from tests.e2e.test_pages_malformed import FIELDS, FORM, PATHS, QUERIES, VALUES
from tests.fuzz.corpus import CANARY
from tests.fuzz.graphql import asked_of
from tests.fuzz.grounds import Grounds
from tests.fuzz.heads import ACCEPTS, Head, spoil_head
from tests.fuzz.shot import Shot
from tests.fuzz.spoiling import spoilt_bytes, spoilt_value

OTHERS: Final = (
    "/", "/graphql", "/livez", "/readyz", "/graphiql/start.js", "/graphiql/queries.json", "/graphiql/NOTICE", "/graphiql/page.css",
    "/graphiql/graphiql.min.css", "/graphiql/graphiql.min.js", "/graphiql/react-dom.production.min.js",
    "/graphiql/react.production.min.js", "/graphiql/nothing", "/pages/passkeys.js", "/oauth/jwks", "/.well-known/jwks.json",
    "/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource", "/oauth/token", "/oauth/revoke",
    "/oauth/introspect", "/oauth/par", "/oauth/grants", "/oauth/authorize", "/oauth/documents", "/metrics", "/demo/letters",
    "/demo/letters/x", "/account/school", "/sign-in/school", "/sign-in/school/google/back", "/favicon.ico", "/.git/config",
    "/nothing",
)  # fmt: skip
_PLACES: Final = (
    "x", "..", "%00", "%ff", "sch_", "sch_" + "0" * 32, "0" * 64, "sha256:" + "g" * 64, "a" * 3000, "%2f..%2f", "'--", "%C4%B0",
    "%", "//",
    CANARY,
)  # fmt: skip
_GRANTS: Final = (
    "client_credentials", "authorization_code", "refresh_token", "password", "implicit",
    "urn:ietf:params:oauth:grant-type:device_code",
    "", "\u0000",
)  # fmt: skip
_OAUTH: Final = (
    "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope", "resource", "client_id", "client_secret",
    "token",
    "token_type_hint", "client_assertion", "client_assertion_type", "state", "response_type", "code_challenge",
    "code_challenge_method",
    "request_uri", "request", "prompt", "nonce", "dpop_jkt", "audience",
)  # fmt: skip


def of_forms(grounds: Grounds, chance: Random, number: int) -> Shot:
    """A page's or an endpoint's: mostly a form that is read to the end, of somebody signed in or of a program."""
    path = chance.choice((*PATHS, *OTHERS))
    if path.startswith("/oauth/") and chance.random() < 0.8:
        return _sent(_of_oauth(grounds, chance, path), chance)
    cookie = chance.choice(grounds.cookies)
    pairs = [
        f"{name}={quote(value, safe='%')}"
        for name in FIELDS
        if chance.random() < 0.6
        for value in [chance.choice(VALUES)][:1]
        if len(value) < 9000
    ]
    body = "&".join([f"csrf={form_token(cookie)}", *pairs]).encode("utf-8", "replace")
    head = Head(chance.choice((b"POST", b"POST", b"GET", b"PUT", b"HEAD", b"OPTIONS")), _target(path, chance))
    head.pairs = [
        (b"Host", b"usher"),
        (b"Content-Type", FORM.encode()),
        (b"Cookie", b"__Host-usher=" + cookie.encode()),
    ]
    return _sent((head, body), chance)


def _target(path: str, chance: Random) -> bytes:
    if chance.random() < 0.3:
        path += "/" + chance.choice(_PLACES)
    query = chance.choice(("", "", chance.choice(QUERIES)))
    return f"{path}{'?' if query else ''}{query}".replace(" ", "+").encode("utf-8")


def _of_oauth(grounds: Grounds, chance: Random, path: str) -> tuple[Head, bytes]:
    """Its client proves itself, so that what it sends is looked at."""
    fields = {name: chance.choice((CANARY, "", "\u0000", "a" * 3000, "\ud83d\ude00", "x", grounds.vendor,
    f"{grounds.program.issuer}/vendor",
        grounds.program.resource(grounds.world.school_id), "a.b.c", "S256", "query", "code", "https://app.example/callback",
        grounds.app.client_id,
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")) for name in _OAUTH if chance.random() < 0.25}  # fmt: skip
    fields["grant_type"] = chance.choice(_GRANTS)
    text = urlencode(fields, errors="replace").encode()
    method = chance.choice((b"POST", b"POST", b"POST", b"GET", b"DELETE"))
    head = Head(method, path.encode() + (b"?" + text if method == b"GET" else b""))
    secret = b64encode(f"{grounds.program.client_id}:{grounds.program.secret}".encode())
    head.pairs = [(b"Host", b"usher"), (b"Content-Type", FORM.encode())]
    if chance.random() < 0.7:
        head.pairs.append(
            (
                b"Authorization",
                b"Basic " + (secret if chance.random() < 0.8 else spoilt_bytes(secret, chance).replace(b"\n", b"")),
            )
        )
    return head, b"" if method == b"GET" else text


def of_program(grounds: Grounds, chance: Random, number: int) -> Shot:
    """Addresses at which a vendor's program speaks for itself, with its own token."""
    place = chance.choice(_PLACES)
    method, path = chance.choice((
        (b"POST", "/oauth/documents"), (b"POST", "/oauth/documents"), (b"GET", "/oauth/documents"), (b"DELETE",
        f"/oauth/documents/{place}"),
        (b"GET", f"/oauth/grants?after={place}"), (b"GET", f"/oauth/grants?{place}"), (b"POST",
        f"/oauth/purges/{place}/{chance.choice(_PLACES)}"),
    ))  # fmt: skip
    asked = asked_of(grounds, chance, chance.choice(list(grounds.roots)))
    documents = {
        "documents": [{"document": asked.document, "purpose": chance.choice(("teaching", CANARY, "", "\u0000"))}]
        * chance.choice((1, 1, 3, 51))
    }
    value = documents if chance.random() < 0.3 else spoilt_value(documents, chance)
    body = json.dumps(value).encode() if method == b"POST" else b""
    head = Head(method, path.encode())
    head.pairs = [
        (b"Host", b"usher"),
        (b"Content-Type", b"application/json"),
        (b"Authorization", b"Bearer " + grounds.vendor.encode()),
    ]
    return _sent((head, body), chance)


def _sent(made: tuple[Head, bytes], chance: Random) -> Shot:
    head, body = made
    if chance.random() < 0.2:
        body = spoilt_bytes(body, chance)
    if chance.random() < 0.25:
        spoil_head(head, chance)
    if chance.random() < 0.1:
        head.set(b"Accept", chance.choice(ACCEPTS))
    head.pairs.append((b"Content-Length", b"%d" % len(body)))
    data = head.bytes()
    odd = any(octet < 32 and octet != 9 for octet in data.replace(b"\r\n", b"")) or b" " in head.target
    other = head.method in (b"CONNECT", b"STRANGE", b"post") or any(
        name in (b"Upgrade", b"Connection", b"Expect") for name, _ in head.pairs
    )
    twice = len([name for name, _ in head.pairs if name.lower() == b"content-length"]) > 1
    return Shot((data + body,), whole=not (odd or other or twice))
