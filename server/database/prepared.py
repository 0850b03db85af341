"""Which statements one connection holds under names of ours."""

from collections import OrderedDict
from typing import Final

MOST: Final = 300


class Prepared:
    """Names in the order of their last use; what is beyond `most` is closed, the longest unused first.

    `most` has to leave room for the statements of one pipeline.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._epoch = 0
        self._names: OrderedDict[bytes, None] = OrderedDict()

    def name(self, digest: bytes) -> bytes:
        """What the statement is called on this connection."""
        return b"u%d_%b" % (self._epoch, digest)

    def has(self, name: bytes) -> bool:
        """Whether the connection holds it; it is used now."""
        if name not in self._names:
            return False
        self._names.move_to_end(name)
        return True

    def add(self, name: bytes) -> None:
        """The server has confirmed it."""
        self._names[name] = None

    def surplus(self, more: int) -> list[bytes]:
        """Names to close before `more` are added; the connection holds them no longer."""
        over = len(self._names) + more - self._most
        return [self._names.popitem(last=False)[0] for _ in range(min(over, len(self._names)))]

    def forget(self) -> None:
        """Somebody else discarded or made statements on this connection: none of the names so far is used again."""
        self._names.clear()
        self._epoch += 1

    def __len__(self) -> int:
        return len(self._names)
