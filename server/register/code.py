"""One code of a code set, with the period in which it is in force and where we know it from."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# Sources that list a code without saying since when: it was in force before any record here begins.
BEFORE_RECORDS = date(1900, 1, 1)


class Provenance(StrEnum):
    PUBLISHED = "published"
    GENERAL_KNOWLEDGE = "general knowledge"
    OWN = "Usher's own"


@dataclass(frozen=True, slots=True)
class Code:
    """Both dates are inclusive; `valid_to` None has no end. `main` is the main code of an extended one."""

    set: str
    code: str
    label: str
    valid_from: date = BEFORE_RECORDS
    valid_to: date | None = None
    provenance: Provenance = Provenance.PUBLISHED
    main: str | None = None

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def same(
    code_set: str, provenance: Provenance, pairs: tuple[tuple[str, str], ...], main: str | None = None
) -> tuple[Code, ...]:
    """Undated codes of one set and provenance from pairs of code and label."""
    return tuple(Code(code_set, code, label, provenance=provenance, main=main) for code, label in pairs)
