"""Access tokens: what verifies, what doesn't, and what the cache may never do."""

import json
from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from server.errors import Unauthenticated
from server.identity import tokens
from server.identity.principal import Principal
from server.identity.tokens import AUDIENCE, ISSUER, TokenIssuer, TokenVerifier
from tests.signing import OneKey

SCHOOL, PERSON = UUID(int=7), UUID(int=9)
NOW = 1_800_000_000
KEY = ECKey.generate_key("P-256", auto_kid=True)
SENTENCE = "The bearer token is not valid here. Ask for a new one."


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


def claims(**changed: Any) -> dict[str, Any]:
    """Valid claims; a change to `...` leaves the claim out."""
    valid = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(PERSON),
        "school": str(SCHOOL),
        "capacity": "STAFF",
        "client_id": None,
        "jti": "one",
        "iat": NOW,
        "exp": NOW + 900,
    }
    return {name: value for name, value in (valid | changed).items() if value is not ...}


def sign(payload: dict[str, Any], key: ECKey = KEY, **header: Any) -> str:
    whole = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid} | header
    return jwt.encode(whole, payload, key, algorithms=["ES256"], default_type=None)


def refused(verifier: TokenVerifier, token: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        verifier.verify(token)
    assert caught.value.message == SENTENCE
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_an_issued_token_names_person_school_and_capacity() -> None:
    """What goes in comes out, with a token id and the moment it ends."""
    watch = Watch()
    token = TokenIssuer(KEY, watch).issue(SCHOOL, PERSON, "CLIENT", 600, "mis")
    principal = TokenVerifier(OneKey(KEY), watch).verify(token)
    assert principal == Principal(SCHOOL, PERSON, "CLIENT", "mis", principal.token_id, NOW + 600)
    assert len(principal.token_id) >= 16


def test_a_token_never_says_roles() -> None:
    """The claims are those of the agreement and no others."""
    token = TokenIssuer(KEY).issue(SCHOOL, PERSON, "STAFF", 600)
    decoded = jwt.decode(token, KEY, algorithms=["ES256"])
    assert set(decoded.claims) == {"iss", "aud", "sub", "school", "capacity", "client_id", "jti", "iat", "exp"}
    assert decoded.header == {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid}


@pytest.mark.parametrize("lifetime", [0, -1, 3601])
def test_no_token_lives_longer_than_an_hour(lifetime: int) -> None:
    """Neither the issuer nor, below, the verifier goes further."""
    with pytest.raises(ValueError, match="at most an hour"):
        TokenIssuer(KEY).issue(SCHOOL, PERSON, "STAFF", lifetime)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"aud": [AUDIENCE]},
        {"exp": NOW},
        {"exp": NOW - 1},
        {"exp": NOW + 3601},
        {"exp": "soon"},
        {"exp": float("inf")},
        {"exp": True},
        {"exp": ...},
        {"iat": NOW + 31},
        {"iat": ...},
        {"iat": None},
        {"sub": "nobody"},
        {"sub": ...},
        {"sub": 9},
        {"school": "none"},
        {"school": ...},
        {"capacity": "OWNER"},
        {"capacity": ["STAFF"]},
        {"capacity": ...},
        {"client_id": 5},
        {"client_id": ...},
        {"jti": 1},
        {"jti": ...},
    ],
)
def test_a_claim_that_is_wrong_missing_or_of_another_type_is_refused(changed: dict[str, Any]) -> None:
    """Every claim counts, and the sentence doesn't say which one failed."""
    watch = Watch()
    verifier = TokenVerifier(OneKey(KEY), watch)
    assert verifier.verify(sign(claims())).person_id == PERSON
    refused(verifier, sign(claims(**changed)))


@pytest.mark.parametrize("changed", [{"typ": "JWT"}, {"typ": ...}, {"kid": "another"}, {"kid": ...}])
def test_a_token_for_something_else_is_refused(changed: dict[str, Any]) -> None:
    """RFC 9068: an ID token or a plain JWT of ours is no access token, and every token names its key."""
    header = {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid} | changed
    header = {name: value for name, value in header.items() if value is not ...}
    token = jwt.encode(header, claims(), KEY, algorithms=["ES256"], default_type=None)
    refused(TokenVerifier(OneKey(KEY), Watch()), token)


def test_another_key_and_another_algorithm_are_refused() -> None:
    """Not even with our kid, not with `none`, and not with our public key as an HMAC secret."""
    verifier = TokenVerifier(OneKey(KEY), Watch())
    refused(verifier, sign(claims(), ECKey.generate_key("P-256", auto_kid=True)))
    refused(verifier, sign(claims(), ECKey.generate_key("P-256"), kid=KEY.kid))
    public = OctKey.import_key(KEY.as_pem(private=False).replace(b"-----BEGIN", b"----BEGIN"))
    header = {"alg": "HS256", "typ": "at+jwt", "kid": KEY.kid}
    refused(verifier, jwt.encode(header, claims(), public, algorithms=["HS256"]))
    head, body, _ = sign(claims()).split(".")
    none = urlsafe_b64encode(json.dumps({"alg": "none", "typ": "at+jwt", "kid": KEY.kid}).encode()).decode().strip("=")
    refused(verifier, f"{none}.{body}.")
    refused(verifier, f"{head}.{body}.")
    refused(verifier, f"{head}.{body}")


def test_a_changed_signature_or_payload_is_refused() -> None:
    """Each part of the token is under the signature."""
    verifier = TokenVerifier(OneKey(KEY), Watch())
    one, two = sign(claims()).split("."), sign(claims(capacity="OPERATOR")).split(".")
    refused(verifier, ".".join((one[0], two[1], one[2])))
    refused(verifier, ".".join((one[0], one[1], one[2][::-1])))


def test_a_long_token_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """2,048 characters are enough for ours; the decoder never sees more."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(tokens.jwt, "decode", never)
    refused(TokenVerifier(OneKey(KEY), Watch()), "a" * 2049)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")) | st.from_regex(r"\A[\w.=-]{0,200}\Z"))
@example("..")
@example("e30.e30.e30")
@example("bnVsbA.bnVsbA.bnVsbA")
@example("eyJhbGciOiJFUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19.e30.AAAA")
def test_whatever_is_sent_as_a_token_is_refused_in_one_sentence(token: str) -> None:
    """No text makes the verifier fail in another way."""
    refused(TokenVerifier(OneKey(KEY), Watch()), token)


def test_a_verified_token_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look is the cache's."""
    watch = Watch()
    verifier = TokenVerifier(OneKey(KEY), watch)
    token = sign(claims())
    first = verifier.verify(token)
    monkeypatch.setattr(tokens.jwt, "decode", None)
    assert verifier.verify(token) is first


def test_a_cached_token_ends_when_it_expires() -> None:
    """The cache never stretches a token's life, not by a second."""
    watch = Watch()
    verifier = TokenVerifier(OneKey(KEY), watch)
    token = sign(claims())
    verifier.verify(token)
    watch.now = NOW + 899.9
    verifier.verify(token)
    watch.now = NOW + 900.0
    refused(verifier, token)
    refused(verifier, token)


def test_the_cache_is_bounded_and_drops_the_token_longest_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three tokens in a cache of two, the one that wasn't used goes."""
    verifier = TokenVerifier(OneKey(KEY), Watch(), size=2)
    one, two, three = (sign(claims(jti=name)) for name in ("one", "two", "three"))
    for token in (one, two, one, three):
        verifier.verify(token)
    monkeypatch.setattr(tokens.jwt, "decode", None)
    verifier.verify(one)
    verifier.verify(three)
    refused(verifier, two)


def test_a_refused_token_is_not_remembered() -> None:
    """Bad tokens can't push good ones out of the cache."""
    verifier = TokenVerifier(OneKey(KEY), Watch(), size=1)
    token = sign(claims())
    verifier.verify(token)
    for number in range(5):
        refused(verifier, sign(claims(jti=str(number), aud="another")))
    assert len(verifier._verified) == 1  # pyright: ignore[reportPrivateUsage]
