"""Rotation: a new key signs at once, the old one's tokens are believed until they expire, and not a moment more."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from uuid import UUID

import pytest

from server.errors import BadUserInput, Unauthenticated
from server.identity.issuer import Issuer
from server.identity.keys import FORMER_TOKEN_FILE
from server.identity.signing_keys import SigningKeys, rotate
from server.identity.tokens import TokenIssuer, TokenVerifier

SCHOOL, PERSON = UUID(int=7), UUID(int=9)
ISSUER = Issuer("https://usher.example")
NOW = 1_800_000_000.0


class Watch:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def issued(keys: SigningKeys, watch: Watch, lifetime: int = 3600) -> str:
    return TokenIssuer(keys.signing(), watch, ISSUER).issue(SCHOOL, PERSON, "CLIENT", lifetime, "vendor")


def test_tokens_of_before_and_after_a_rotation_are_believed(tmp_path: Path) -> None:
    """By a process that read the keys before, within a second; and each names the key that signed it."""
    watch = Watch()
    keys = SigningKeys(tmp_path, watch)
    verifier = TokenVerifier(keys, watch, issuer=ISSUER)
    before = issued(keys, watch)
    assert verifier.verify(before).client_id == "vendor"
    old, new = rotate(tmp_path, now=watch.now)
    watch.now += 1
    after = issued(keys, watch)
    assert [verifier.verify(token).person_id for token in (before, after)] == [PERSON, PERSON]
    assert [key["kid"] for key in keys.published()] == [new, old]
    assert stat.S_IMODE((tmp_path / FORMER_TOKEN_FILE).stat().st_mode) == 0o600


def test_a_rotation_at_once_ends_all_tokens(tmp_path: Path) -> None:
    """Also those that were verified and remembered."""
    watch = Watch()
    keys = SigningKeys(tmp_path, watch)
    verifier = TokenVerifier(keys, watch, issuer=ISSUER)
    before = issued(keys, watch)
    verifier.verify(before)
    _, new = rotate(tmp_path, now=watch.now, at_once=True)
    watch.now += 1
    with pytest.raises(Unauthenticated):
        verifier.verify(before)
    assert [key["kid"] for key in keys.published()] == [new]


def test_no_second_rotation_while_tokens_of_the_former_key_are_in_use(tmp_path: Path) -> None:
    """It would end them early: the command says how long to wait, and what ends them all."""
    rotate(tmp_path, now=NOW)
    with pytest.raises(BadUserInput, match="wait 51 minutes"):
        rotate(tmp_path, now=NOW + 600)
    rotate(tmp_path, now=NOW + 3600)
    rotate(tmp_path, now=NOW + 3601, at_once=True)


def test_a_rotation_that_is_cut_off_leaves_a_key_that_signs(tmp_path: Path) -> None:
    """Between its two steps the former key is the current one, and an unfinished file is nobody's key."""
    watch = Watch()
    keys = SigningKeys(tmp_path, watch)
    token = issued(keys, watch)
    os.link(tmp_path / "token-es256.pem", tmp_path / FORMER_TOKEN_FILE)
    (tmp_path / ".token-es256.pem.1.ab").write_bytes(b"half")
    watch.now += 2
    assert len(keys.published()) == 1
    assert TokenVerifier(SigningKeys(tmp_path, watch), watch, issuer=ISSUER).verify(token).person_id == PERSON


def test_a_token_names_issuer_and_school(tmp_path: Path) -> None:
    """Another issuer's, or one whose audience is another school than its own, is refused."""
    watch = Watch()
    keys = SigningKeys(tmp_path, watch)
    token = issued(keys, watch)
    with pytest.raises(Unauthenticated):
        TokenVerifier(keys, watch, issuer=Issuer("https://other.example")).verify(token)
    with pytest.raises(Unauthenticated):
        TokenVerifier(keys, watch).verify(token)


def test_scopes_narrow(tmp_path: Path) -> None:
    """They come back as they went in; a token without them is as wide as the grant."""
    watch = Watch()
    keys = SigningKeys(tmp_path, watch)
    verifier = TokenVerifier(keys, watch, issuer=ISSUER)
    signer = TokenIssuer(keys.signing(), watch, ISSUER)
    narrow = signer.issue(SCHOOL, PERSON, "CLIENT", 60, "vendor", scopes=["b", "a"])
    assert verifier.verify(narrow).scopes == {"a", "b"}
    assert verifier.verify(signer.issue(SCHOOL, PERSON, "CLIENT", 60, "vendor")).scopes is None
    assert verifier.verify(signer.issue(SCHOOL, PERSON, "CLIENT", 60, "vendor", scopes=[])).scopes == frozenset()
