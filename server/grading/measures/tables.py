"""All tables of a pack that measures need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from server.grading.errors import ErrorCode, GradingError
from server.grading.findings import Finding
from server.grading.measures.estimates import ESTIMATES_FILE, EstimateTable, read_estimates
from server.grading.measures.points import KS4_FILE, TARIFF_FILE, PointsTable, read_ks4_points, read_tariff
from server.grading.measures.subjects import SUBJECTS_FILE, Subject, read_subjects

MEASURE_FILES = (KS4_FILE, TARIFF_FILE, ESTIMATES_FILE, SUBJECTS_FILE)


@dataclass(frozen=True, slots=True)
class MeasureTables:
    """`estimates` are by their spec ("DfE:2023"), `subjects` by specification; a file that the pack lacks gives an
    empty table."""

    ks4: PointsTable
    tariff: PointsTable
    estimates: Mapping[str, EstimateTable]
    subjects: Mapping[str, Subject] = field(default_factory=dict[str, Subject])

    def of_version(self, version: int) -> MeasureTables:
        """As one stored version has them: every source says so."""
        return MeasureTables(
            self.ks4.of_version(version),
            self.tariff.of_version(version),
            {spec: table.of_version(version) for spec, table in self.estimates.items()},
            {
                name: replace(subject, source=f"version {version} of {subject.source}")
                for name, subject in self.subjects.items()
            },
        )

    def estimates_of(self, spec: str) -> EstimateTable:
        """Raises NO_ESTIMATE when no table has that name."""
        if spec not in self.estimates:
            held = ", ".join(sorted(self.estimates)) or "none"
            raise GradingError(ErrorCode.NO_ESTIMATE, f"No estimates are held under that name; held: {held}.")
        return self.estimates[spec]


def read_tables(texts: Mapping[str, str]) -> tuple[MeasureTables, tuple[Finding, ...]]:
    """Read the four files among `texts` (by file name). Never raises for what they hold."""
    findings: list[Finding] = []
    tables = MeasureTables(
        ks4=read_ks4_points(texts.get(KS4_FILE, ""), findings),
        tariff=read_tariff(texts.get(TARIFF_FILE, ""), findings),
        estimates=read_estimates(texts.get(ESTIMATES_FILE, ""), findings),
        subjects=read_subjects(texts.get(SUBJECTS_FILE, ""), findings),
    )
    return tables, tuple(findings)


def in_force(versions: Iterable[MeasureTables]) -> MeasureTables:
    """Of versions oldest first: each type, year and specification as the newest that has it states it."""
    ks4: PointsTable | None = None
    tariff: PointsTable | None = None
    estimates: dict[str, EstimateTable] = {}
    subjects: dict[str, Subject] = {}
    for each in versions:
        ks4 = each.ks4 if ks4 is None else ks4.renewed(each.ks4)
        tariff = each.tariff if tariff is None else tariff.renewed(each.tariff)
        estimates |= each.estimates
        subjects |= each.subjects
    nothing = read_tables({})[0]
    return MeasureTables(ks4 or nothing.ks4, tariff or nothing.tariff, estimates, subjects)
