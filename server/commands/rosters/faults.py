"""What can be wrong with a row of a roster, whichever way it comes in."""

from __future__ import annotations

from typing import Final

REQUIRED: Final = "REQUIRED"
BAD_VALUE: Final = "BAD_VALUE"
UNKNOWN_CODE: Final = "UNKNOWN_CODE"
UNKNOWN_REFERENCE: Final = "UNKNOWN_REFERENCE"
DUPLICATE: Final = "DUPLICATE"
CONFLICT: Final = "CONFLICT"
OUT_OF_RANGE: Final = "OUT_OF_RANGE"
NOT_MASTER: Final = "NOT_MASTER"
NOT_PERMITTED: Final = "NOT_PERMITTED"
