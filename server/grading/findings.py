"""What is wrong with a boundary pack, in a form that a command can print and a person can act on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from server.grading.remedies import REMEDIES

MOST_ROWS = 50_000
"""Of one file of a pack, its cases included: each faulty one is a finding, which somebody has to read."""


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """`where` is a row id or a line; a row with an error is not used for grading."""

    severity: Severity
    code: str
    file: str
    where: str
    message: str

    @property
    def remedy(self) -> str:
        return REMEDIES.get(self.code, "")


def error(code: str, file: str, where: str, message: str) -> Finding:
    return Finding(Severity.ERROR, code, file, where, message)


def warning(code: str, file: str, where: str, message: str) -> Finding:
    return Finding(Severity.WARNING, code, file, where, message)


def too_many_rows(file: str) -> Finding:
    return error("FILE_TOO_LARGE", file, "file", f"The file has more than {MOST_ROWS:,} rows.")
