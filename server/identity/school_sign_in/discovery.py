"""What a provider says of itself (OpenID Connect Discovery 1.0), and the keys that it signs with (RFC 7517)."""

from __future__ import annotations

import threading
import time
import warnings
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final, cast

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey, import_key

FRESH: Final = 600.0
"""Seconds for which they are remembered."""
AGAIN: Final = 30.0
"""Seconds before keys are read again for one that isn't among them."""
_MOST: Final = 500
_MOST_KEYS: Final = 50
_SMALLEST_RSA: Final = 2048


class ProviderFailed(Exception):
    """The provider didn't answer, or not as one does; `reason` is for the log, and holds nothing that was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Discovered:
    """`names_itself`: it answers with `iss` (RFC 9207). `by_post`: the secret goes into the form."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_itself: bool
    by_post: bool


class Discovery:
    """What this process remembers; used by several threads."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[float, Discovered]] = OrderedDict()
        self._keys: OrderedDict[str, tuple[float, KeySet]] = OrderedDict()

    def of(self, issuer: str) -> Discovered:
        """Raises ProviderFailed."""
        known = self._known.get(issuer)
        if known is not None and time.monotonic() - known[0] < FRESH:
            return known[1]
        found = _discovered(issuer, self._read(f"{issuer.removesuffix('/')}/.well-known/openid-configuration"))
        self._keep(self._known, issuer, found)
        return found

    def keys(self, of: Discovered, kid: object) -> KeySet:
        """Those that it signs with; read again where `kid` is none of them. Raises ProviderFailed."""
        known = self._keys.get(of.jwks_uri)
        if known is not None:
            age = time.monotonic() - known[0]
            if age < AGAIN or (age < FRESH and any(key.kid == kid for key in known[1].keys)):
                return known[1]
        found = _keys(self._read(of.jwks_uri))
        self._keep(self._keys, of.jwks_uri, found)
        return found

    def _keep(self, known: OrderedDict[str, Any], key: str, value: object) -> None:
        with self._lock:
            known[key] = (time.monotonic(), value)
            known.move_to_end(key)
            if len(known) > _MOST:
                known.popitem(last=False)

    def _read(self, url: str) -> dict[str, Any]:
        try:
            response = self._http.get(url)
            value = response.json() if response.status_code == 200 else None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise ProviderFailed("no answer") from None
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise ProviderFailed("no metadata")
        return cast("dict[str, Any]", value)


def _discovered(issuer: str, found: dict[str, Any]) -> Discovered:
    if found.get("issuer") != issuer:
        raise ProviderFailed("another issuer")
    endpoints = [found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if not all(isinstance(one, str) and _is_address(one, issuer) for one in endpoints):
        raise ProviderFailed("no endpoints")
    methods = found.get("token_endpoint_auth_methods_supported")
    listed = cast("list[object]", methods) if isinstance(methods, list) else ["client_secret_basic"]
    by_post = "client_secret_basic" not in listed and "client_secret_post" in listed
    names_itself = found.get("authorization_response_iss_parameter_supported") is True
    return Discovered(issuer, *cast("list[str]", endpoints), names_itself=names_itself, by_post=by_post)


def _is_address(text: str, issuer: str) -> bool:
    """By https, or, for a provider of this machine, by http; whither it leads is looked at when it is asked."""
    secure = text.startswith("https://") or (issuer.startswith("http://") and text.startswith("http://"))
    return secure and len(text) <= 500 and text.isascii() and text.isprintable() and not set(' "<>\\^`{|}') & set(text)


def _keys(found: dict[str, Any]) -> KeySet:
    """Of those that are strong enough and that we know."""
    entries = found.get("keys")
    listed = cast("list[Any]", entries)[:_MOST_KEYS] if isinstance(entries, list) else []
    keys = [key for entry in listed if (key := _key(entry)) is not None]
    if not keys:
        raise ProviderFailed("no keys")
    return KeySet(keys)


def _key(entry: Any) -> Key | None:
    if not isinstance(entry, dict) or cast("dict[str, Any]", entry).get("use", "sig") != "sig":
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a weak key, which is left out below
            key = import_key(cast("dict[str, Any]", entry))
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, RSAKey):
        return key if key.raw_value.key_size >= _SMALLEST_RSA else None
    return key if isinstance(key, (ECKey, OKPKey)) else None
