"""The tables of the published pack, read once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from server.demo.packs import pack_folder
from server.grading.measures.estimates import ESTIMATES_FILE
from server.grading.measures.points import KS4_FILE, TARIFF_FILE
from server.grading.measures.tables import MeasureTables, read_tables


def texts() -> Mapping[str, str]:
    return {name: (pack_folder() / name).read_text("utf-8") for name in (KS4_FILE, TARIFF_FILE, ESTIMATES_FILE)}


@cache
def published() -> MeasureTables:
    """Fails if the pack has a fault."""
    tables, findings = read_tables(texts())
    assert findings == ()
    return tables
