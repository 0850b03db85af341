"""Where codes may be sent: addresses that a client was registered with, to the letter (OAuth 2.1, section 2.3).

Of native apps the port of a loopback address is whichever they were given (RFC 8252, section 7.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from server.errors import BadUserInput

LONGEST: Final = 500
MOST: Final = 10
# What of an answer could be taken for a part of the address.
_OURS: Final = frozenset({"code", "state", "iss", "error", "error_description"})
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+")
_PRINTABLE: Final = re.compile(r"[!$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")
_HOST: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\]", re.IGNORECASE)
# RFC 8252, section 8.3: `localhost` may be any machine's name.
_LOOPBACK: Final = re.compile(r"http://(127\.0\.0\.1|\[::1\])(?::([0-9]{1,5}))?((?:[/?].*)?)")
_HIGHEST_PORT: Final = 65535


def callbacks(texts: Iterable[str]) -> Sequence[str]:
    """The addresses, as they were written. Raises BadUserInput."""
    found = list(dict.fromkeys(texts))
    if len(found) > MOST:
        raise BadUserInput(f"A client has at most {MOST} addresses for its codes.", ("redirect",))
    for text in found:
        if not _is_callback(text):
            raise BadUserInput(
                "An address for codes is https, http on 127.0.0.1 or [::1], or of a scheme with a dot such as "
                "com.example.app:/callback; it has no fragment, no user, and no parameter of an answer.",
                ("redirect",),
            )
    return found


def is_registered(registered: Iterable[str], asked: str) -> bool:
    """To the letter, but for the port of a loopback address."""
    found = _loopback(asked)
    return any(asked == one or (found is not None and found == _loopback(one)) for one in registered)


def is_assured(redirect_uri: str) -> bool:
    """Whether nobody but the app can receive what is sent there (RFC 8252, section 8.6)."""
    return redirect_uri.startswith("https://")


def sent_to(redirect_uri: str, answer: Iterable[tuple[str, str | None]]) -> str:
    """The address with the answer in its query, behind what it was registered with."""
    query = urlencode([(name, value) for name, value in answer if value is not None])
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}"


def _loopback(text: str) -> tuple[str, str] | None:
    """Host and the rest without the port, where it is an address on this very machine."""
    found = _LOOPBACK.fullmatch(text)
    if found is None or (found[2] is not None and not 0 < int(found[2]) <= _HIGHEST_PORT):
        return None
    return found[1], found[3]


def _is_callback(text: str) -> bool:
    if not 0 < len(text) <= LONGEST or not _PRINTABLE.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        sound = parts.port is None or parts.port > 0
    except ValueError:
        return False
    if not sound or "@" in parts.netloc or _OURS & {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}:
        return False
    if parts.scheme == "https":
        return bool(_HOST.fullmatch(parts.netloc.rpartition(":")[0] if parts.port else parts.netloc))
    if parts.scheme == "http":
        return _loopback(text) is not None
    return _SCHEME.fullmatch(text.partition(":")[0]) is not None and parts.path.startswith("/")
