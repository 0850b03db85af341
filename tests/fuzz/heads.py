"""Requests of HTTP as bytes, and ways in which their first lines are wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final

from tests.fuzz.corpus import CANARY

Pair = tuple[bytes, bytes]
JSON: Final = b"application/json"
MEDIA: Final = (
    b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-16", b"text/plain", b"", b"\xff\xfe",
    b"application/graphql", b"multipart/form-data; boundary=x", b"application/x-www-form-urlencoded", b"application/json" * 90,
    b"APPLICATION/JSON ; charset=\"UTF-8\"", b"application/json; charset", b"application/graphql-response+json", b";;;=",
)  # fmt: skip
ACCEPTS: Final = (
    b"application/json", b"application/graphql-response+json", b"*/*", b"", b"text/html", b"image/*;q=0.1", b"\xff",
    b"application/graphql-response+json, application/json;q=0.5", b"application/json;q=2", b"*/*;q=0", b"a/b;" * 500, b",,,",
    b"application/json;q=-1", b"application/json;charset=iso-8859-1", b"text/event-stream;q=0, application/json",
)  # fmt: skip
_ODD: Final[tuple[Pair, ...]] = (
    (b"Usher-Purpose", b"teaching"), (b"Usher-Purpose", b"\xff\xfe"), (b"Usher-Purpose", CANARY.encode()), (b"Usher-Reason",
    b"x" * 600),
    (b"Usher-Reason", CANARY.encode()), (b"Usher-Reason", b"\xc3\xa9\x07"), (b"Origin", b"https://evil.example"), (b"Origin",
    b"\xff"),
    (b"Sec-Fetch-Site", b"cross-site"), (b"Sec-Fetch-Site", b"\xff"), (b"Cookie", b"__Host-usher=" + b"a" * 8000), (b"Cookie",
    b";;;="),
    (b"Expect", b"100-continue"), (b"Expect", b"nonsense"), (b"Upgrade", b"h2c"), (b"Connection", b"Upgrade, HTTP2-Settings"),
    (b"X-Forwarded-For", b"127.0.0.1, ::1, \xff"), (b"X-Forwarded-Proto", b"https"), (b"Forwarded", b"for=_x;host=evil"),
    (b"X-HTTP-Method-Override", b"DELETE"), (b"Range", b"bytes=0-1,5-"), (b"If-Match", b"*"), (b"Content-Encoding", b"gzip"),
    (b"DPoP", b"a.b.c"), (b"DPoP", CANARY.encode()), (b"Last-Event-ID", b"\xff"), (b"Last-Event-ID",
    b"99999999999999999999999999"),
    (b"Traceparent", b"00-" + b"0" * 32 + b"-" + b"g" * 16 + b"-01"), (b"Host", b"evil.example"), (b"Host", b"\xff[::"),
    (b"A" * 3000, b"b"),
    (b"X-Many", b"y" * 30_000), (b"Trailer", b"Authorization"), (b"TE", b"trailers, deflate;q=0.5"), (b"Authorization",
    b"Basic Og=="),
)  # fmt: skip
_METHODS: Final = (
    b"GET", b"HEAD", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE", b"CONNECT", b"STRANGE", b"post", b"P\xffST", b"",
    b"A" * 5000,
)  # fmt: skip
_VERSIONS: Final = (
    b"HTTP/1.0",
    b"HTTP/1.1",
    b"HTTP/2.0",
    b"HTTP/9.9",
    b"HTTP/1.",
    b"",
    b"HTTPS/1.1",
    b"HTTP/1.1 HTTP/1.1",
)
_FOLDED: Final = (
    b"X-A: b\r\n c", b"no colon", b": empty", b"X-NUL: a\x00b", b"X-CR: a\rb", b"X A: b", b"X-A : b", b"\xff: \xff", b"X-A:",
    b"X-LF: a\nInjected: b",
)  # fmt: skip


@dataclass(slots=True)
class Head:
    """What stands before a body; `raw` lines are sent as they are."""

    method: bytes = b"POST"
    target: bytes = b"/graphql"
    version: bytes = b"HTTP/1.1"
    pairs: list[Pair] = field(default_factory=list[Pair])
    raw: list[bytes] = field(default_factory=list[bytes])

    def set(self, name: bytes, value: bytes) -> None:
        """In place of others of that name."""
        self.pairs = [pair for pair in self.pairs if pair[0].lower() != name.lower()]
        self.pairs.append((name, value))

    def bytes(self) -> bytes:
        lines = [b" ".join((self.method, self.target, self.version))]
        lines += [b": ".join(pair) for pair in self.pairs]
        return b"\r\n".join((*lines, *self.raw, b"", b""))


def spoil_head(head: Head, chance: Random) -> None:
    """Well-formed HTTP, in which something is odd."""
    for _ in range(chance.randint(1, 3)):
        match chance.randrange(8):
            case 0:
                head.set(b"Content-Type", chance.choice(MEDIA))
            case 1:
                head.set(b"Accept", chance.choice(ACCEPTS))
            case 2:
                head.pairs.append(chance.choice(head.pairs))
            case 3 | 4 | 5:
                head.pairs.append(chance.choice(_ODD))
            case 6:
                head.method = chance.choice(_METHODS[:10])
            case _:
                head.pairs += [(b"X-%d" % number, b"v") for number in range(chance.choice((3, 90, 300)))]


def break_head(head: Head, chance: Random) -> None:
    """What is no HTTP any more, or nearly."""
    match chance.randrange(5):
        case 0:
            head.method = chance.choice(_METHODS)
        case 1:
            head.version = chance.choice(_VERSIONS)
        case 2:
            head.target = chance.choice(
                (b"", b"*", b"//", b"\xff", b"/" + b"a" * 70_000, b"http://[::1", b"/a b", b"/%", b"graphql")
            )
        case _:
            head.raw.append(chance.choice(_FOLDED))
