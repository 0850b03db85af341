"""`python -m tests.bench.page FILE`: what `--json FILE` measured becomes docs/bench/SIZE.json, and of the size small the
main table of docs/performance.md."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.bench.roads import COMPILED

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "performance.md"
FOLDER: Final = ROOT / "docs" / "bench"
SHOWN: Final = "small"
_WORDS: Final = {
    "q1-one-learner": "one learner, 12 fields",
    "q2-class": "class of thirty, grades, five marks each",
    "q3-many-learners": "500 learners, 20 fields",
    "q4-markbook": "markbook",
    "q5-parents-report": "a report",
}
_HEAD: Final = (
    "| query, account (kB) | statements | req/s | p50, p99 ms | server CPU ms | PostgreSQL CPU ms | part of raw psycopg "
    "| part of pgbench | times the executor |\n|---|---|---|---|---|---|---|---|---|\n"
)
_TABLE: Final = re.compile(r"^\| query, account \(kB\) \|.*?(?=\n\n)", re.MULTILINE | re.DOTALL)


def table(measured: Mapping[str, Any]) -> str:
    """The reads of a run, a line each, as Markdown."""
    return _HEAD + "\n".join(_lines(measured["operations"]))


def _lines(operations: list[Mapping[str, Any]]) -> Iterator[str]:
    before = ""
    for one in operations:
        road = next(road for road in one["roads"] if road["road"] == COMPILED)
        words = "the same" if one["query"] == before else _WORDS.get(one["query"], one["query"])
        before = one["query"]
        yield (
            f"| {words}, {one['account']} ({_thousands(one['bytes'])}) | {one['statements']} "
            f"| {road['requests_per_second']:,.0f} | {road['p50_ms']:.3g}, {road['p99_ms']:.3g} "
            f"| {road['server_cpu_ms']:.2f} | {road['database_cpu_ms']:.2f} | {one['compiled_over_raw']:.2f} "
            f"| {one['compiled_over_pgbench']:.2f} "
            f"| {one['in_process_over_executor']:.1f} |"
        )


def _thousands(number: int) -> str:
    """With one figure behind the point where it is below ten."""
    return f"{number / 1000:.0f}" if number >= 10_000 else f"{number / 1000:.1f}"


def with_table(page: str, measured: Mapping[str, Any]) -> str:
    """The page with the table of that run in the place of the one that it has."""
    return _TABLE.sub(lambda _: table(measured), page, count=1)


def main(arguments: list[str]) -> int:
    measured = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{measured['size']}.json").write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    if measured["size"] == SHOWN and measured["operations"]:
        PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), measured), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
