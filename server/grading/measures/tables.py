"""All tables of a pack that measures need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.grading.errors import ErrorCode, GradingError
from server.grading.findings import Finding
from server.grading.measures.estimates import ESTIMATES_FILE, EstimateTable, read_estimates
from server.grading.measures.points import KS4_FILE, TARIFF_FILE, PointsTable, read_ks4_points, read_tariff


@dataclass(frozen=True, slots=True)
class MeasureTables:
    """`estimates` are by their spec ("DfE:2023"); a file that the pack lacks gives an empty table."""

    ks4: PointsTable
    tariff: PointsTable
    estimates: Mapping[str, EstimateTable]

    def estimates_of(self, spec: str) -> EstimateTable:
        """Raises NO_ESTIMATE when no table has that name."""
        if spec not in self.estimates:
            held = ", ".join(sorted(self.estimates)) or "none"
            raise GradingError(ErrorCode.NO_ESTIMATE, f"No estimates are held under that name; held: {held}.")
        return self.estimates[spec]


def read_tables(texts: Mapping[str, str]) -> tuple[MeasureTables, tuple[Finding, ...]]:
    """Read the three files among `texts` (by file name). Never raises for what they hold."""
    findings: list[Finding] = []
    tables = MeasureTables(
        ks4=read_ks4_points(texts.get(KS4_FILE, ""), findings),
        tariff=read_tariff(texts.get(TARIFF_FILE, ""), findings),
        estimates=read_estimates(texts.get(ESTIMATES_FILE, ""), findings),
    )
    return tables, tuple(findings)
