"""Analyses of the largest school, asked in process on one connection alone: whole answers, and what they grow with.

`python -m tests.bench.analysis` measures them in a database of two schools too, and in one of twenty.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import psycopg
from rich.console import Console
from rich.table import Table

from server.database.pool import Pool
from server.resolvers.execution import Execution, OperationRequest
from tests.bench.accounts import Account, accounts
from tests.bench.dataset import SIZES, Dataset, Size, dataset
from tests.bench.http_client import REASON
from tests.bench.prepared import CURSOR_KEY
from tests.oracle.analysis_documents import ANALYSES, document
from tests.wire_tap import WireTap

REPEATS: Final = 15
FEW: Final = Size("two", 2, 30_000)
# The course of the largest school with the most grades, the newest window that it has grades in, a class and a paper.
_SUBJECT: Final = """\
SELECT g.course_id, g.window_id, c.year_group, (SELECT k.class_id FROM usher.class k WHERE k.school_id = g.school_id
    AND k.course_id = g.course_id ORDER BY 1 LIMIT 1), (SELECT a.assessment_id FROM usher.assessment a
    WHERE a.school_id = g.school_id AND a.course_id = g.course_id ORDER BY (SELECT count(*) FROM usher.mark m
    WHERE m.school_id = a.school_id AND m.assessment_id = a.assessment_id) DESC, 1 LIMIT 1), count(*)
FROM usher.grade g JOIN usher.course c USING (school_id, course_id)
JOIN usher.assessment_window w USING (school_id, window_id)
WHERE g.school_id = %s GROUP BY g.school_id, 1, 2, 3, w.ends_on ORDER BY 6 DESC, w.ends_on DESC, 1 LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Analysed:
    """Of one analysis by one account: bytes of the answer, statements, and milliseconds."""

    name: str
    account: str
    size: int
    statements: int
    milliseconds: tuple[float, ...]

    @property
    def usual(self) -> float:
        return median(self.milliseconds)

    def data(self) -> dict[str, object]:
        of = {"analysis": self.name, "account": self.account, "bytes": self.size, "statements": self.statements}
        return {**of, "p50_ms": self.usual, "fastest_ms": min(self.milliseconds)}


async def analysed(data: Dataset) -> list[Analysed]:
    """Each analysis by everybody of ACCOUNTS who may ask it."""
    found: list[Analysed] = []
    given = _given(data)
    asking = [one for one in accounts(data) if one.name in ("head", "teacher")]
    with WireTap(data.app_url) as tap:
        async with Pool(tap.url, min_size=1, max_size=1) as pool:
            execution = Execution(pool, CURSOR_KEY)
            for account in asking:
                for name, scope, variables in given:
                    one = await _measured(execution, tap, account, name, scope, variables)
                    found += [one] if one is not None else []
    return found


async def _measured(
    execution: Execution, tap: WireTap, account: Account, name: str, scope: str, variables: dict[str, Any]
) -> Analysed | None:
    """None for who is refused."""
    request = OperationRequest(document(name), None, variables, account.principal, None, REASON)
    answer = await execution.run(request)
    if b'"errors"' in answer.body[:10]:
        return None
    tap.clear()
    await execution.run(request)
    statements = len(tap.statements)
    took: list[float] = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        await execution.run(request)
        took.append((time.perf_counter() - begun) * 1000)
    return Analysed(f"{name} of a {scope}", account.name, len(answer.body), statements, tuple(took))


def _given(data: Dataset) -> list[tuple[str, str, dict[str, Any]]]:
    with psycopg.connect(data.owner_url) as owner:
        row = owner.execute(_SUBJECT, [data.school.school_id]).fetchone()
    assert row is not None
    course, window, year_group, class_id, paper, _ = row
    scopes = {"class": f"cls_{class_id.hex}", "course": f"crs_{course.hex}", "yearGroup": year_group}
    found: list[tuple[str, str, dict[str, Any]]] = []
    for name in ANALYSES:
        of = {"assessment": f"asm_{paper.hex}"} if name == "questionAnalysis" else {"window": f"win_{window.hex}"}
        of |= {"dimension": "GENDER"} if name == "compareGroups" else {}
        wide = ("yearGroup",) if name in ("gradeDistribution", "compareGroups") else ()
        found += [(name, scope, {**of, scope: scopes[scope]}) for scope in ("class", "course", *wide)]
    return found


def table_of(results: Sequence[Analysed], fewer: Sequence[Analysed] = ()) -> Table:
    """`fewer`: the same in a database of fewer schools."""
    made = Table(title="Analyses of the largest school, in process, alone")
    for heading in ("analysis", "account"):
        made.add_column(heading)
    for heading in ("kB", "SQL", "p50 ms", "fastest ms", "fastest in few schools"):
        made.add_column(heading, justify="right")
    before = {(one.name, one.account): one for one in fewer}
    for one in results:
        other = before.get((one.name, one.account))
        made.add_row(
            one.name, one.account, f"{one.size / 1000:.1f}", str(one.statements), f"{one.usual:.1f}",
            f"{min(one.milliseconds):.1f}", f"{min(other.milliseconds):.1f}" if other else "-",
        )  # fmt: skip
    return made


def main() -> None:
    """In a database of two schools, then in one of twenty; the first argument is the folder of the data."""
    out = Console(width=160, highlight=False)
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "/var/tmp/usher-bench")
    found: list[list[Analysed]] = []
    for size in (FEW, SIZES["small"]):
        with dataset(size, folder, out.print) as data:
            out.print(
                f"{len(data.schools)} schools, {data.marks:,} marks; the largest has {data.school.learners:,} learners"
            )
            found.append(asyncio.run(analysed(data)))
            out.print(table_of(found[-1], found[0] if len(found) > 1 else ()))


if __name__ == "__main__":
    main()
