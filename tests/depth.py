"""How far properties are searched: `make test` looks at some examples, `make test-deep` at a hundred times as many."""

import os
from typing import Final

DEEP: Final = os.environ.get("USHER_TEST_DEEP") == "1"


def examples(usual: int) -> int:
    """So many here, a hundred times as many in a deep run."""
    return usual * 100 if DEEP else usual


def seeds(*usual: int) -> list[int]:
    """These here, and in a deep run ten times as many: each is a school of its own in the database."""
    return [*usual, *range(100, 100 + 9 * len(usual))] if DEEP else list(usual)
