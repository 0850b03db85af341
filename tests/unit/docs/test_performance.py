"""The main table of docs/performance.md is that of the committed run."""

import json
from typing import Any

import pytest

from tests.bench.page import FOLDER, PAGE, SHOWN, table, with_table
from tests.bench.processors import Spent, kind_of
from tests.bench.roads import COMPILED

RUN: dict[str, Any] = {
    "operations": [
        {
            "query": "q1-one-learner",
            "account": account,
            "bytes": 412,
            "statements": 1,
            "compiled_over_raw": 0.591,
            "compiled_over_pgbench": 0.472,
            "in_process_over_executor": 1.84,
            "roads": [
                {"road": "raw"},
                {
                    "road": COMPILED,
                    "requests_per_second": 1768.4,
                    "p50_ms": 9.04,
                    "p99_ms": 31.26,
                    "server_cpu_ms": 0.741,
                    "database_cpu_ms": 1.868,
                },
            ],
        }
        for account in ("teacher", "head")
    ]
}


def test_the_table_is_that_of_the_committed_run() -> None:
    """`python -m tests.bench.page` wrote both."""
    run = json.loads((FOLDER / f"{SHOWN}.json").read_text(encoding="utf-8"))
    assert table(run) in PAGE.read_text(encoding="utf-8")


def test_a_run_replaces_the_table_and_nothing_else() -> None:
    """A line a read, from its figures."""
    page = PAGE.read_text(encoding="utf-8")
    made = with_table(page, RUN)
    lines = table(RUN).splitlines()
    assert lines[2:] == [
        "| one learner, 12 fields, teacher (0.4) | 1 | 1,768 | 9.04, 31.3 | 0.74 | 1.87 | 0.59 | 0.47 | 1.8 |",
        "| the same, head (0.4) | 1 | 1,768 | 9.04, 31.3 | 0.74 | 1.87 | 0.59 | 0.47 | 1.8 |",
    ]
    start, end = made.split(table(RUN))
    assert page.startswith(start)
    assert page.endswith(end)
    assert with_table(made, RUN) == made


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("/usr/lib/postgresql/bin/postgres", "postmaster"),
        ("postgres: checkpointer ", "checkpointer"),
        ("postgres: io worker 2", "io worker"),
        ("postgres: usher_app usher 127.0.0.1(40004) idle", "client backend"),
        ("postgres: cluster: autovacuum launcher", "autovacuum launcher"),
    ],
)
def test_processes_of_postgresql_are_told_apart(title: str, kind: str) -> None:
    """By the titles that PostgreSQL gives them."""
    assert kind_of(title) == kind


def test_what_was_spent_is_said_by_its_size() -> None:
    """The largest first; what is next to nothing is left out."""
    said = Spent(10.0, {"client": 1.0, "server": 3.0, "PostgreSQL checkpointer": 0.01}).said()
    assert said == "CPU over 10 s: server 3.0 s (75%), client 1.0 s (25%)"
