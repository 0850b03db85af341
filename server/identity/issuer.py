"""The address that programs know this installation by, and the addresses that begin with it.

Nothing is ever built from a request's Host header: whoever sends it could name any other.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from server.errors import Unavailable

_LONGEST: Final = 200
_SCHOOL: Final = "sch_"


@dataclass(frozen=True, slots=True)
class Issuer:
    """RFC 8414, section 2: https (plain http on this machine's own addresses alone), no query, no fragment, no slash at
    the end. Raises Unavailable."""

    url: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        sound = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
        plain = not (parts.query or parts.fragment or parts.username or parts.password or self.url.endswith("/"))
        if not (sound and plain and parts.hostname and self.url.isascii() and len(self.url) <= _LONGEST):
            raise Unavailable(
                "USHER_ISSUER must be an https address without a slash at its end, such as https://usher.example."
            )

    @property
    def is_local(self) -> bool:
        """Whether it is this machine's own, as demonstrations are."""
        return _is_loopback(urlsplit(self.url).hostname or "")

    def at(self, path: str) -> str:
        """`path` begins with a slash."""
        return self.url + path

    def school(self, school_id: UUID) -> str:
        """What a school's data are called as a resource (RFC 8707), and as the audience of a token for them."""
        return f"{self.url}/schools/{school_id}"

    @staticmethod
    def api_id(school_id: UUID) -> str:
        """What the API calls the school, which `school_of` takes too."""
        return f"{_SCHOOL}{school_id.hex}"

    @property
    def vendor(self) -> str:
        """What a program's own list of grants is called as a resource: of no school."""
        return f"{self.url}/vendor"

    def school_of(self, resource: str) -> UUID | None:
        """The school that a resource names, by its key or by the id that the API gives it, or None."""
        before, _, key = resource.rpartition("/")
        try:
            school_id = UUID(key.removeprefix(_SCHOOL))
        except ValueError:
            return None
        names = (str(school_id), self.api_id(school_id))
        return school_id if before == f"{self.url}/schools" and key in names else None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
