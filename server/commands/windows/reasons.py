"""The reason that is given for what is done to a window."""

from __future__ import annotations

from typing import Final

from server.commands.storable import plain_text, storable
from server.errors import BadUserInput

_LONGEST: Final = 500


def check_reason(reason: str) -> None:
    """Raises BadUserInput for what can't be stored, or wouldn't read as it is stored."""
    if not reason.strip() or not storable(reason, _LONGEST) or not plain_text(reason):
        said = (
            f"input.reason must be a text of 1 to {_LONGEST} characters without control characters or direction marks."
        )
        raise BadUserInput(said, ("input", "reason"))
