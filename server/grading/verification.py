"""`usher grading verify`: a pack's findings, and its cases run through the engine that the server uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from server.grading.case_kinds import KINDS
from server.grading.case_rows import UnknownRow
from server.grading.comparison import differences
from server.grading.errors import GradingError
from server.grading.findings import Finding, Severity
from server.grading.pack_cases import Case
from server.grading.packs import Pack, load_pack


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """One case after it ran. `differences` name the expected fields that did not come out; `known` is false for a
    kind of case that the engine does not know, which fails."""

    case: Case
    known: bool
    passed: bool
    actual: Mapping[str, object]
    differences: tuple[str, ...]


@dataclass(frozen=True)
class Verification:
    """What to print: findings, outcomes in file order, and totals."""

    pack: Pack
    outcomes: tuple[CaseOutcome, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.pack.findings

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.WARNING)

    @cached_property
    def failures(self) -> tuple[CaseOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if not outcome.passed)

    @property
    def known_failures(self) -> tuple[CaseOutcome, ...]:
        """Failures of kinds that the engine knows: with one of these a pack should not be imported."""
        return tuple(outcome for outcome in self.failures if outcome.known)

    @property
    def failed(self) -> int:
        return len(self.failures)

    @property
    def passed(self) -> int:
        return len(self.outcomes) - self.failed

    @property
    def unknown_kinds(self) -> Mapping[str, int]:
        """Cases by kind that the engine does not know."""
        return Counter(outcome.case.kind for outcome in self.outcomes if not outcome.known)

    @property
    def by_kind(self) -> Mapping[str, tuple[int, int]]:
        """(passed, failed) by kind, in order of first appearance."""
        totals: dict[str, tuple[int, int]] = {}
        for outcome in self.outcomes:
            passed, failed = totals.get(outcome.case.kind, (0, 0))
            totals[outcome.case.kind] = (passed + outcome.passed, failed + (not outcome.passed))
        return totals

    @property
    def ok(self) -> bool:
        """No failed case and no error in the pack: exit status 0."""
        return not self.failed and self.pack.sound

    @property
    def summary(self) -> str:
        return f"{self.passed} passed, {self.failed} failed"


def run_case(pack: Pack, case: Case) -> CaseOutcome:
    """Run one case; an error of the engine is an answer too (`{"error": code}`)."""
    runner = KINDS.get(case.kind)
    if runner is None:
        return CaseOutcome(case, known=False, passed=False, actual={"error": "unknown_kind"}, differences=("kind",))
    try:
        actual = runner(pack, case)
    except UnknownRow as problem:
        # Never a pass: a case can't expect its own pack to be broken.
        return CaseOutcome(case, known=True, passed=False, actual={"error": problem.word}, differences=("spec",))
    except GradingError as problem:
        actual = {"error": problem.code.lower()}
    different = differences(case.expected, actual)
    # A case that expects nothing shows nothing, so it can't pass.
    return CaseOutcome(case, True, bool(case.expected) and not different, actual, different)


def run_cases(pack: Pack) -> Iterator[CaseOutcome]:
    """Run all cases in file order, one at a time, so that a caller can show progress."""
    return (run_case(pack, case) for case in pack.cases)


def verify_pack(folder: Path) -> Verification:
    """Load, check and run a pack. Never raises for what the folder holds."""
    pack = load_pack(folder)
    return Verification(pack, tuple(run_cases(pack)))
