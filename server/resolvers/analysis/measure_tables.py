"""The tables of measures as stored, read once for each state that they are in."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from server.database.pool import PoolConnection
from server.grading.measures.estimates import ESTIMATES_FILE
from server.grading.measures.tables import MeasureTables, in_force, read_tables
from server.queries.analysis.asking import Asking
from server.queries.analysis.measured import stored_tables

MOST_STATES: Final = 16
_YEAR: Final = re.compile(r"[12][0-9]{3}")


@dataclass(frozen=True, slots=True)
class Stored:
    """`files` are the newest version of each, as shown."""

    tables: MeasureTables
    files: tuple[dict[str, Any], ...]


_KEPT: OrderedDict[str, Stored] = OrderedDict()


async def stored(connection: PoolConnection, asking: Asking, state: str) -> Stored:
    """`state` is what the statement of the results saw; the rows that it names never change. Raises psycopg.Error."""
    found = _KEPT.get(state)
    if found is None:
        rows = await stored_tables(connection, asking)
        found = _KEPT[state] = _read(rows)
        if len(_KEPT) > MOST_STATES:
            _KEPT.popitem(last=False)
    return found


def _read(rows: list[tuple[str, int, str, str]]) -> Stored:
    """Each version by itself, so that a newer one adds to what it does not state."""
    ordered = sorted(rows, key=lambda row: (row[0], row[1]))
    tables = in_force(read_tables({name: content})[0].of_version(version) for name, version, _, content in ordered)
    return Stored(tables, tuple(_files(ordered, tables)))


def _files(ordered: list[tuple[str, int, str, str]], tables: MeasureTables) -> Iterator[dict[str, Any]]:
    for name, versions in groupby(ordered, key=lambda row: row[0]):
        *_, (_, version, digest, _) = versions
        of_estimates = sorted({table.year for table in tables.estimates.values()})
        years = of_estimates if name == ESTIMATES_FILE else [int(year) for year in _YEAR.findall(name)]
        yield {"name": name, "version": version, "checksum": digest, "years": years}
