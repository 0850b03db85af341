"""What is sent over one connection, and what may come back."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Shot:
    """`parts` are sent one after another.

    `whole`: it is one request that an HTTP server understands, so it has an answer; else the connection may end without
    one. `cut`: our side is closed after the last part. `frames` are sent in a WebSocket that `parts` has opened.
    `opens`: the answer may have no end, and is left after its beginning.
    `token`: whose answers are judged by.
    """

    parts: tuple[bytes, ...]
    whole: bool = True
    cut: bool = False
    opens: bool = False
    frames: tuple[bytes, ...] | None = field(default=None)
    token: str = ""

    def __str__(self) -> str:
        """As Python, to be sent again by hand."""
        shown = [repr(part if len(part) < 1500 else part[:1500] + b"...%d bytes" % len(part)) for part in self.parts]
        shown += [f"frame {frame[:1500]!r}" for frame in self.frames or ()]
        return "\n    ".join(shown)
