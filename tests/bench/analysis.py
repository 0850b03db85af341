"""Analyses of the largest school, asked in process on one connection alone: whole answers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import psycopg
from rich.table import Table

from server.database.pool import Pool
from server.resolvers.execution import Execution, OperationRequest
from tests.bench.accounts import Account, accounts
from tests.bench.dataset import Dataset
from tests.bench.http_client import REASON
from tests.bench.operations import current
from tests.bench.prepared import CURSOR_KEY
from tests.oracle.analysis_documents import ANALYSES, document
from tests.wire_tap import WireTap

REPEATS: Final = 15
_EVERY: Final = ("class", "course", "yearGroup")
_SCOPES: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(ANALYSES, _EVERY),
    "questionAnalysis": ("class", "course"),
    "measures": ("class", "yearGroup"),
}
ASKING: Final = ("head", "teacher", "governor")
# Of the teacher's classes with grades and with a paper whose questions have scores, the largest today: its course, the
# window that most of the course has grades in, and the paper with the most scores.
_SUBJECT: Final = f"""\
SELECT c.course_id, graded.window_id, c.year_group, k.class_id, paper.assessment_id
FROM usher.class k JOIN usher.course c USING (school_id, course_id)
JOIN usher.teaching_assignment t ON t.school_id = k.school_id AND t.class_id = k.class_id AND {current("t")}
JOIN LATERAL (SELECT g.window_id FROM usher.grade g JOIN usher.assessment_window w USING (school_id, window_id)
  WHERE g.school_id = c.school_id AND g.course_id = c.course_id GROUP BY 1, w.ends_on
  ORDER BY count(*) DESC, w.ends_on DESC LIMIT 1) graded ON true
JOIN LATERAL (SELECT m.assessment_id FROM usher.mark m JOIN usher.mark_part p USING (school_id, academic_year, mark_id)
  WHERE m.school_id = c.school_id AND m.course_id = c.course_id GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1) paper ON true
WHERE k.school_id = %s AND t.staff_id = %s ORDER BY (SELECT count(*) FROM usher.enrolment e WHERE
  e.school_id = k.school_id AND e.class_id = k.class_id AND {current("e")}) DESC, k.class_id LIMIT 1"""


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

    @property
    def fastest(self) -> float:
        return min(self.milliseconds)

    def data(self) -> dict[str, object]:
        of = {"analysis": self.name, "account": self.account, "bytes": self.size, "statements": self.statements}
        return {**of, "p50_ms": self.usual, "fastest_ms": self.fastest}


async def analysed(data: Dataset) -> list[Analysed]:
    """Each analysis by everybody of ASKING who may ask it."""
    found: list[Analysed] = []
    asking = accounts(data, ASKING)
    given = _given(data, next(one for one in asking if one.name == "teacher"))
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
    assert f'"{name}":null'.encode() not in answer.body, f"{account.name} is told nothing by {name} of a {scope}"
    tap.clear()
    await execution.run(request)
    statements = len(tap.statements)
    took: list[float] = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        await execution.run(request)
        took.append((time.perf_counter() - begun) * 1000)
    return Analysed(f"{name} of a {scope}", account.name, len(answer.body), statements, tuple(took))


def _given(data: Dataset, teacher: Account) -> list[tuple[str, str, dict[str, Any]]]:
    with psycopg.connect(data.owner_url) as owner:
        row = owner.execute(_SUBJECT.encode(), [data.school.school_id, teacher.principal.person_id]).fetchone()
    assert row is not None
    course, window, year_group, class_id, paper = row
    scopes = {"class": f"cls_{class_id.hex}", "course": f"crs_{course.hex}", "yearGroup": year_group}
    found: list[tuple[str, str, dict[str, Any]]] = []
    for name in _SCOPES:
        of = {"assessment": f"asm_{paper.hex}"} if name == "questionAnalysis" else {"window": f"win_{window.hex}"}
        of |= {"dimension": "GENDER"} if name == "compareGroups" else {}
        found += [(name, scope, {**of, scope: scopes[scope]}) for scope in _SCOPES[name]]
    return found


def table_of(results: Sequence[Analysed]) -> Table:
    made = Table(title="Analyses of the largest school, in process, alone")
    for heading in ("analysis", "account"):
        made.add_column(heading)
    for heading in ("kB", "SQL", "p50 ms", "fastest ms"):
        made.add_column(heading, justify="right")
    for one in results:
        figures = (f"{one.size / 1000:.1f}", str(one.statements), f"{one.usual:.1f}", f"{one.fastest:.1f}")
        made.add_row(one.name, one.account, *figures)
    return made
