"""What the register says about one kind of data."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Sensitivity(IntEnum):
    """Ordered: a school may raise an element's level, never silently lower it."""

    STRUCTURE = 0
    PERSONAL = 1
    TREATED_AS_SPECIAL = 2
    SPECIAL_CATEGORY = 3


class LawfulBasis(StrEnum):
    """Article 6 bases in the agreement's words; the school may choose another than the suggested one."""

    PUBLIC_TASK = "public task"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal obligation"
    LEGITIMATE_INTERESTS = "legitimate interests"
    CONSENT = "consent"


SUBSTANTIAL_PUBLIC_INTEREST = "Art 9(2)(g) substantial public interest"


@dataclass(frozen=True, slots=True)
class Element:
    """One row of the register.

    `retention` is an id of `retention.RETENTION`; `training` the course whose certificate must be in date before
    staff may use the element; `sources` the requirement numbers that ask for it.
    """

    name: str
    title: str
    description: str
    purpose: str
    lawful_basis: LawfulBasis
    sensitivity: Sensitivity
    handling: str
    retention: str
    sources: tuple[str, ...]
    article9: str | None = None
    training: str | None = None

    @property
    def guarded(self) -> bool:
        """True where the trained-staff rule of the agreement applies."""
        return self.sensitivity >= Sensitivity.TREATED_AS_SPECIAL
