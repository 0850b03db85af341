"""Requests to /graphql: operations of the whole schema of which something is wrong, as JSON, as a stream, as broken HTTP."""

from __future__ import annotations

import json
import secrets
import time
from base64 import urlsafe_b64encode
from random import Random
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey

from server.web.bodies import MAXIMUM_BYTES
from tests.fuzz.corpus import WRONG, Operation, operation
from tests.fuzz.grounds import Grounds
from tests.fuzz.heads import Head, break_head, spoil_head
from tests.fuzz.shot import Shot
from tests.fuzz.spoiling import SPICES, spoilt_bytes, spoilt_payload

_KEY: Final = ECKey.generate_key("P-256")
_LENGTHS: Final = (b"-1", b"x", b"", b"9" * 30, b"0x10", b"+5", b"1,1", b"200000000", b"1 0")


def of_graphql(grounds: Grounds, chance: Random, number: int) -> Shot:
    """Every root field in turn, its body or its head spoilt."""
    asked = asked_of(grounds, chance, grounds.roots[number % len(grounds.roots)])
    payload: dict[str, Any] = {"query": asked.document, "variables": asked.variables}
    head, token = authorised(grounds, chance)
    body = json.dumps(payload).encode()
    if chance.random() < 0.7:
        body = spoilt_payload(payload, chance)
    else:
        spoil_head(head, chance)
    return _sized(head, body, token, chance)


def asked_of(grounds: Grounds, chance: Random, root: str) -> Operation:
    return operation(grounds.schema, root, chance, grounds.ids, chance.choice((0.0, 0.0, 0.05, 0.3)))


def authorised(grounds: Grounds, chance: Random) -> tuple[Head, str]:
    """Mostly by a token that is good; the token whose answers may be told, or none."""
    head, token = Head(pairs=[(b"Host", b"usher"), (b"Content-Type", b"application/json")]), ""
    turn = chance.random()
    if turn < 0.9:
        token = chance.choice(grounds.tokens)
        head.pairs.append((b"Authorization", b"Bearer " + token.encode()))
    elif turn < 0.94:
        head.pairs.append((b"Authorization", b"Bearer " + chance.choice(grounds.bad_tokens).encode()))
    elif turn < 0.97:
        good = chance.choice(grounds.tokens).encode()
        head.pairs.append((b"Authorization", b"Bearer " + spoilt_bytes(good, chance).replace(b"\n", b"")))
    elif turn < 0.99:
        head.pairs.append((b"Authorization", b"DPoP " + chance.choice(grounds.tokens).encode()))
        head.pairs.append((b"DPoP", _proof(grounds, chance)))
    return head, token


def _proof(grounds: Grounds, chance: Random) -> bytes:
    """Of a key that no token is bound to; its claims are of any type."""
    claims: dict[str, Any] = {
        "jti": secrets.token_hex(8),
        "htm": "POST",
        "htu": f"{grounds.app.issuer}/graphql",
        "iat": int(time.time()),
    }
    header: dict[str, Any] = {"alg": "ES256", "typ": "dpop+jwt", "jwk": _KEY.as_dict(private=False)}
    for entries in (claims, header):
        if chance.random() < 0.5:
            name = chance.choice([one for one in entries if one != "alg"])
            entries[name] = chance.choice(WRONG)
    proof = _signed(header, claims)
    return spoilt_bytes(proof, chance).replace(b"\n", b"") if chance.random() < 0.3 else proof


def _signed(header: dict[str, Any], claims: dict[str, Any]) -> bytes:
    """A compact JWS, whatever its header says: joserfc would refuse to make most of them."""
    text = b".".join(urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in (header, claims))
    key = _KEY.private_key
    assert isinstance(key, EllipticCurvePrivateKey)
    r, s = decode_dss_signature(key.sign(text, ECDSA(SHA256())))
    return text + b"." + urlsafe_b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).rstrip(b"=")


def _sized(head: Head, body: bytes, token: str, chance: Random) -> Shot:
    """With its length, or in chunks."""
    if chance.random() < 0.9:
        head.pairs.append((b"Content-Length", b"%d" % len(body)))
        return Shot((head.bytes() + body,), whole=_is_http(head), token=token)
    head.pairs.append((b"Transfer-Encoding", b"chunked"))
    cut = len(body) // 2
    return Shot(
        (head.bytes(), _chunk(body[:cut]) + _chunk(body[cut:]), b"0\r\n\r\n"), whole=_is_http(head), token=token
    )


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data) if data else b""


def _is_http(head: Head) -> bool:
    """Whether an HTTP server would read it as one request."""
    text = head.bytes()
    bad = any(ord(" ") > octet != 9 for octet in text.replace(b"\r\n", b""))
    several = len([name for name, _ in head.pairs if name.lower() in (b"content-length", b"host")]) > 2
    upgrade = any(name in (b"Upgrade", b"Connection", b"Expect") for name, _ in head.pairs)
    return not (bad or several or upgrade or head.method in (b"CONNECT", b"STRANGE", b"post"))


def of_stream(grounds: Grounds, chance: Random, number: int) -> Shot:
    """Server-sent events, of subscriptions mostly."""
    found = [root for root in grounds.roots if root.startswith("Subscription.")]
    asked = asked_of(grounds, chance, chance.choice(found if chance.random() < 0.8 else list(grounds.roots)))
    head, token = authorised(grounds, chance)
    head.set(
        b"Accept", chance.choice((b"text/event-stream", b"text/event-stream", b"text/event-stream;q=x", b"text/*, x/y"))
    )
    payload: dict[str, Any] = {"query": asked.document, "variables": asked.variables}
    body = json.dumps(payload).encode() if chance.random() < 0.5 else spoilt_payload(payload, chance)
    if chance.random() < 0.3:
        head.pairs.append((b"Last-Event-ID", chance.choice((b"1", b"-1", b"0" * 40, b"a", b"\xff", b"9" * 25, b"1-1"))))
    head.pairs.append((b"Content-Length", b"%d" % len(body)))
    return Shot((head.bytes() + body,), whole=_is_http(head), opens=True, token=token)


def of_broken_http(grounds: Grounds, chance: Random, number: int) -> Shot:
    """What lies about its length, is cut off, too long, or no HTTP at all."""
    asked = asked_of(grounds, chance, chance.choice(list(grounds.roots)))
    body = json.dumps({"query": asked.document, "variables": asked.variables}).encode()
    head, token = authorised(grounds, chance)
    match chance.randrange(9):
        case 0:  # shorter than it says, and then gone
            head.pairs.append((b"Content-Length", b"%d" % (len(body) + chance.randint(1, 5000))))
            return Shot((head.bytes(), body), whole=False, cut=True, token=token)
        case 1:  # longer than it says: what is left is no request
            head.pairs.append((b"Content-Length", b"%d" % chance.randrange(len(body))))
            return Shot((head.bytes() + body,), whole=False, token=token)
        case 2:
            head.pairs.append((b"Content-Length", chance.choice(_LENGTHS)))
            return Shot((head.bytes() + body,), whole=False, cut=True, token=token)
        case 3:
            head.pairs += [
                (b"Content-Length", b"%d" % len(body)),
                (b"Transfer-Encoding", chance.choice((b"chunked", b"gzip, chunked", b"x"))),
            ]
            return Shot((head.bytes(), body), whole=False, cut=True, token=token)
        case 4:  # chunks of another size than they say
            head.pairs.append((b"Transfer-Encoding", b"chunked"))
            return Shot(
                (head.bytes(), spoilt_bytes(_chunk(body) + b"0\r\n\r\n", chance)), whole=False, cut=True, token=token
            )
        case 5:  # too long, told or not
            large = (
                b'{"query": "' + b" " * chance.choice((MAXIMUM_BYTES, MAXIMUM_BYTES * 2)) + b'{ viewer { roles } }"}'
            )
            return _sized(head, large, token, chance)
        case 6:
            break_head(head, chance)
            head.pairs.append((b"Content-Length", b"%d" % len(body)))
            return Shot((head.bytes() + body,), whole=False, cut=True, token=token)
        case 7:
            head.pairs.append((b"Content-Length", b"%d" % len(body)))
            return Shot((spoilt_bytes(head.bytes(), chance), body), whole=False, cut=True, token=token)
        case _:
            noise = bytes(chance.randrange(256) for _ in range(chance.choice((1, 40, 900))))
            return Shot((chance.choice((noise, b"\x16\x03\x01\x02\x00\x01" + noise, *SPICES)),), whole=False, cut=True)
