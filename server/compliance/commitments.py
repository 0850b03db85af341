"""What a seal is reckoned over: pure functions of values, so that anybody can repeat them.

    user        {person, client, address} of an audit row; it may be forgotten, together with its salt
    facts       everything else in the row
    user digest SHA-256("usher-audit-user-1" NUL salt json(user))
    commitment  SHA-256("usher-audit-row-1" NUL salt json(facts with the user digest))
    root        the Merkle root of the commitments, in order, as RFC 6962 reckons it
    seal        SHA-256("usher-audit-seal-1" NUL json(school, sequence, sealed_at, leaves, root, previous))

`json` is written without blanks, keys sorted, other characters than ASCII escaped; salts are 16 bytes; digests are in
hexadecimal. `tools/verify_audit.py` says the same a second time, without this module.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

Values = Mapping[str, Any]

_USER: Final = b"usher-audit-user-1\0"
_ROW: Final = b"usher-audit-row-1\0"
_SEAL: Final = b"usher-audit-seal-1\0"
_LEAF: Final = b"\0"
_NODE: Final = b"\1"


@dataclass(frozen=True, slots=True)
class Seal:
    """One block of a school's chain; `previous` is the digest of the block before, None for the first."""

    school_id: UUID
    sequence: int
    sealed_at: datetime
    leaves: int
    root: str
    previous: str | None

    def facts(self) -> dict[str, Any]:
        return {
            "school": str(self.school_id),
            "sequence": self.sequence,
            "sealed_at": moment(self.sealed_at),
            "leaves": self.leaves,
            "root": self.root,
            "previous": self.previous,
        }

    def digest(self) -> str:
        return hashlib.sha256(_SEAL + canonical(self.facts())).hexdigest()


def user_digest(user: Values, salt: UUID) -> str:
    return hashlib.sha256(_USER + salt.bytes + canonical(user)).hexdigest()


def commitment(facts: Values, user: str, salt: UUID) -> str:
    """Of a row's facts, with the digest of its user."""
    return hashlib.sha256(_ROW + salt.bytes + canonical({**facts, "user": user})).hexdigest()


def merkle_root(commitments: Sequence[str]) -> str:
    """RFC 6962, section 2.1. Raises ValueError for none."""
    if not commitments:
        raise ValueError("a seal holds at least one commitment")
    return _root([hashlib.sha256(_LEAF + bytes.fromhex(one)).digest() for one in commitments]).hex()


def canonical(values: Values) -> bytes:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def moment(when: datetime) -> str:
    """To the microsecond, in UTC, such as 2026-11-21T08:00:00.000000Z."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _root(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    left = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(_NODE + _root(hashes[:left]) + _root(hashes[left:])).digest()
