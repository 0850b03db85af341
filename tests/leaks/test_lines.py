"""Every line of the design's list has its tests, and they exist."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.leaks.lines import LINES, NotYet

ROOT = Path(__file__).parents[2]
# The list of the design, in its words and order.
DESIGN = """filter|negation|range|LIKE, search|order|totals and hasNextPage|group-by and averages
small numbers with complementary suppression|differencing of overlapping groups
another tenant's, an out-of-scope and a missing id answer alike, in text and in time
cursors encrypted, bound to person, filter and order, not to the policy version
database errors masked, unique violations one code|validation messages that echo hidden values
alias, fragment, every nested hop plans again|deny of one role beats another's allow|unverified or ended parent link
siblings, other guardians' contact|vendor with and without grant|mutation payloads|write-without-read
updates as oracle ("no change")|version numbers that reveal edits|caches keyed by tenant, policy version, profile
Cache-Control: no-store|subscriptions after a policy, role, training or link ends|exports, PDFs, e-mails, file names
grades and predictions computed from hidden inputs (a derived field lists its inputs)|group names that tell
access arrangements|free text|logs|traces|slow-query log|suggestions|cost and rate headers
the audit and explain APIs themselves|import errors across tenants ("UPN already exists")|an unclassified field
deleted and left learners|history|backups"""


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_line_of_the_design_has_an_entry() -> None:
    assert list(LINES) == [line for row in DESIGN.splitlines() for line in row.split("|")]


@pytest.mark.parametrize("line", LINES)
def test_its_tests_exist(line: str) -> None:
    """A reason why there is none names what would bring it."""
    assert LINES[line]
    for one in LINES[line]:
        if isinstance(one, NotYet):
            assert one.why
            assert one.issue
            continue
        file, _, name = one.partition("::")
        assert name in functions(ROOT / file), one
