"""Who asks: some demo accounts of the largest school, with tokens that the server itself would take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from server.identity.accounts import Directory
from server.identity.keys import token_key
from server.identity.principal import Principal
from server.identity.tokens import MAXIMUM_LIFETIME, TokenIssuer, TokenVerifier
from tests.bench.dataset import Dataset
from tests.signing import OneKey

NAMES = ("teacher", "head", "senco", "data-manager", "parent")


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    principal: Principal
    token: str


def accounts(data: Dataset, names: Iterable[str] = NAMES) -> list[Account]:
    """Each of `names`, with a token that is good for an hour."""
    key = token_key(data.home / "keys")
    issuer, verifier = TokenIssuer(key), TokenVerifier(OneKey(key))
    directory = Directory(data.app_url)
    found: list[Account] = []
    for name in names:
        known = directory.find(name + data.school.suffix)
        token = issuer.issue(known.school_id, known.person_id, known.capacity, MAXIMUM_LIFETIME, factor=True)
        found.append(Account(name, verifier.verify(token), token))
    return found
