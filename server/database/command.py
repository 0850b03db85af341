"""One statement as it is sent: its text, its values as PostgreSQL reads them, and the name it is kept under."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from server.database.encoding import encoded


@dataclass(frozen=True, slots=True)
class Command:
    """`text` has parameters $1, $2, ... whose types PostgreSQL takes from their casts; `values` are text, UTF-8.

    Without a `name` it is parsed each time. The name is made of the text, so that none ever means another text.
    """

    text: bytes
    values: tuple[bytes | None, ...] = ()
    name: bytes = b""


def name_of(text: bytes) -> bytes:
    """The name that a text is prepared under."""
    return blake2b(text, digest_size=15).hexdigest().encode()


def kept(text: str, values: Sequence[object] = ()) -> Command:
    """A command that a connection prepares once. Raises psycopg.DataError for a text that holds a NUL."""
    raw = text.encode()
    return Command(raw, encoded(values), name_of(raw))
