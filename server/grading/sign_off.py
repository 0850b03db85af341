"""Who answers for the copy of a specification or a series: said beside its figures, and no part of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from server.grading.boundaries import BoundarySet
from server.grading.specification import Provenance


@dataclass(frozen=True, slots=True)
class SignOff:
    """`file` is the SHA-256 of the file that said it, None where that isn't known; `recorded_at` when it was stored."""

    entered_by: str | None
    checked_by: str | None
    file: str | None = None
    recorded_at: datetime | None = None

    @property
    def checked(self) -> bool:
        """Whether somebody else than who entered the figures checked them."""
        checker = (self.checked_by or "").strip()
        return bool(checker) and checker != (self.entered_by or "").strip()


@dataclass(frozen=True, slots=True)
class Signed:
    """Of a specification and of a series of it, oldest first."""

    specification: tuple[SignOff, ...] = ()
    boundaries: tuple[SignOff, ...] = ()

    @classmethod
    def in_files(cls, rules: Provenance, series: BoundarySet) -> Signed:
        """As the files say, stored or not."""
        found = (signed_off(rules), signed_off(series))
        return cls(*((each,) if each else () for each in found))


def signed_off(of: Provenance | BoundarySet, file: str | None = None) -> SignOff | None:
    """What a file says of who entered and who checked it; None where it names nobody."""
    entered, checked = of.entered_by or None, of.checked_by or None
    return SignOff(entered, checked, file) if entered or checked else None
