"""Tokens of programs: given out over HTTP, and verified in process, each beside the bare signature that it stands on."""

from __future__ import annotations

import base64
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Final
from uuid import uuid4

import psycopg
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from server.identity.accounts import Directory
from server.identity.issuer import Issuer
from server.identity.keys import new_token_key
from server.identity.oauth.clients import new_secret, register_client
from server.identity.oauth.metadata import ENDPOINTS
from server.identity.tokens import TokenIssuer, TokenVerifier
from server.settings import Settings
from tests.bench import processor_time
from tests.bench.dataset import Dataset
from tests.bench.http_client import Connection
from tests.bench.load import Measured, drive
from tests.bench.usher_server import UsherServer
from tests.signing import OneKey

# Of sixty tokens a minute for each program and school: enough for every round.
PROGRAMS: Final = 64
LANES: Final = 4
_ROUNDS: Final = 3
_SECONDS: Final = 2.0
_REPEATS: Final = 7
_MANY: Final = 200


@dataclass(frozen=True, slots=True)
class Tokens:
    """`issued` is of whole requests; the others are microseconds: of one token, and of the ECDSA operation in it."""

    issued: Measured
    signing: float
    verified: float
    verifying: float
    cached: float

    def data(self) -> dict[str, object]:
        return {
            "issued": self.issued.data(),
            "signing_us": self.signing,
            "verified_us": self.verified,
            "verifying_us": self.verifying,
            "cached_us": self.cached,
        }

    def said(self) -> str:
        one = self.issued
        return (
            f"Tokens of programs: {one.rate:.0f}/s on {LANES} connections, p50 {one.percentile(0.5):.1f} ms, p99 "
            f"{one.percentile(0.99):.1f} ms, CPU a token: server {one.server_cpu:.2f} ms, database {one.database_cpu:.2f} ms "
            f"(the signature alone: {self.signing:.0f} us). Verified: {self.verified:.0f} us the first time "
            f"({self.verified / self.verifying:.1f} x the signature's check), {self.cached:.1f} us again"
        )


async def tokens(data: Dataset, server: UsherServer) -> Tokens:
    files = data.cluster.files.data
    requests = _requests(data)
    connections = [Connection(server.port) for _ in range(LANES)]

    async def ask(lane: int) -> None:
        body = await connections[lane].ask(next(requests))
        assert b'"access_token"' in body, "a token was refused"

    def cpu() -> tuple[float, float]:
        return processor_time.of_process(server.pid), processor_time.of_database(files)

    rounds = [await drive(ask, LANES, _SECONDS, cpu) for _ in range(_ROUNDS + 1)]
    for connection in connections:
        connection.close()
    return Tokens(Measured("token", rounds[1:]), *_signatures())


def _requests(data: Dataset) -> Iterator[bytes]:
    """Each program asks at each school in turn."""
    issuer, made = Issuer(Settings().issuer), list[bytes]()
    path, now = ENDPOINTS["token_endpoint"], datetime.now(UTC)
    with psycopg.connect(data.app_url) as connection:
        for _ in range(PROGRAMS):
            client_id, secret = f"bench-{uuid4().hex[:12]}", new_secret()
            register_client(connection, client_id, "A program of the bench", now, secret)
            basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
            for school in data.schools:
                known = Directory(data.app_url).find("mis" + school.suffix)
                connection.execute(
                    "INSERT INTO usher.login_identity (identity, school_id, person_id, capacity, school_name) "
                    "VALUES (%s, %s, %s, 'CLIENT', %s)",
                    [client_id, school.school_id, known.person_id, known.school_name],
                )
                body = f"grant_type=client_credentials&resource={issuer.school(school.school_id)}".encode()
                made.append(_posted(path, basic, body))
    return itertools.cycle(made)


def _posted(path: str, basic: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Basic {basic}\r\n"
        f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _signatures() -> tuple[float, float, float, float]:
    """Signing, a token verified, its signature verified, the same token verified again."""
    key = new_token_key()
    issuer = TokenIssuer(key)
    issued = iter([issuer.issue(uuid4(), uuid4(), "STAFF", 600) for _ in range(_MANY * _REPEATS)])
    verifier, one = TokenVerifier(OneKey(key), size=_MANY * _REPEATS), issuer.issue(uuid4(), uuid4(), "STAFF", 600)
    private = ec.generate_private_key(ec.SECP256R1())
    public, message, algorithm = private.public_key(), one.encode(), ec.ECDSA(hashes.SHA256())
    signature = private.sign(message, algorithm)
    verifier.verify(one)
    return (
        _microseconds(lambda: private.sign(message, algorithm)),
        _microseconds(lambda: verifier.verify(next(issued))),
        _microseconds(lambda: public.verify(signature, message, algorithm)),
        _microseconds(lambda: verifier.verify(one)),
    )


def _microseconds(work: Callable[[], object]) -> float:
    """Of one call; the median of repeats."""

    def once() -> float:
        begun = time.perf_counter()
        for _ in range(_MANY):
            work()
        return (time.perf_counter() - begun) / _MANY * 1e6

    return median(once() for _ in range(_REPEATS))
