"""How far properties are searched: `make test` looks at some examples, `make test-deep` at a hundred times as many."""

import os
from typing import Final

DEEP: Final = os.environ.get("USHER_TEST_DEEP") == "1"


def examples(usual: int) -> int:
    """So many here, a hundred times as many in a deep run."""
    return usual * 100 if DEEP else usual
