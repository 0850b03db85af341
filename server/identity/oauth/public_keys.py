"""Public keys that others show us, as JSON Web Keys: strong ones alone, and never a private one."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key

from server.errors import BadUserInput

_SMALLEST_RSA: Final = 2048
_LARGEST_RSA: Final = 4096
# Of private keys (RFC 7518, section 6): nothing of one is ever stored.
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def public_key(jwk: Mapping[str, Any]) -> tuple[Key, str]:
    """The key, and its `kid`, which is the RFC 7638 thumbprint where it has none. Raises BadUserInput."""
    if _PRIVATE & jwk.keys():
        raise BadUserInput("This is a private key: give the public one, and keep this one to yourself.", ("key",))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a weak key, which is refused below
            key = import_key(dict(jwk))
            thumbprint = key.thumbprint()
    except (JoseError, ValueError, TypeError, KeyError):
        raise BadUserInput("This is no JSON Web Key.", ("key",)) from None
    if not _is_strong(key):
        raise BadUserInput("A key is of P-256, of Ed25519, or of RSA with 2048 to 4096 bits.", ("key",))
    kid = jwk.get("kid") or thumbprint
    if not isinstance(kid, str) or not kid.isascii() or not kid.isprintable() or len(kid) > 100:
        raise BadUserInput("`kid` is at most 100 printable ASCII characters.", ("key",))
    return key, kid


def _is_strong(key: Key) -> bool:
    if isinstance(key, ECKey):
        return key.curve_name == "P-256"
    if isinstance(key, OKPKey):
        return key.curve_name == "Ed25519"
    return isinstance(key, RSAKey) and _SMALLEST_RSA <= key.raw_value.key_size <= _LARGEST_RSA
