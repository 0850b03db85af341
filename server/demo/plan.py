"""The two demo schools: what differs between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Account:
    """`person` is the MIS id of a member of staff or guardian, or a learner's UPN."""

    identity: str
    capacity: str
    person: str


@dataclass(frozen=True, slots=True)
class SchoolPlan:
    """`seed` of the names is the same for both schools, so that the same names are other people in each."""

    key: str
    name: str
    town: str
    postcode: str
    domain: str
    urn: str
    authority: int
    establishment: int
    year_size: int
    tutor_size: int
    set_size: int
    staff: int
    guardians: int
    leavers: int

    @property
    def laestab(self) -> str:
        return f"{self.authority:03}{self.establishment:04}"


LARGER: Final = SchoolPlan(
    key="calder-bridge",
    name="Calder Bridge Academy",
    town="Calder Bridge",
    postcode="HX9",
    domain="calderbridge.example",
    urn="199001",
    authority=381,
    establishment=4099,
    year_size=240,
    tutor_size=30,
    set_size=30,
    staff=85,
    guardians=1500,
    leavers=24,
)
SMALLER: Final = SchoolPlan(
    key="harrow-fell",
    name="Harrow Fell School",
    town="Harrow Fell",
    postcode="LA99",
    domain="harrowfell.example",
    urn="199002",
    authority=942,
    establishment=4098,
    year_size=24,
    tutor_size=24,
    set_size=24,
    staff=18,
    guardians=150,
    leavers=3,
)
SCHOOLS: Final = (LARGER, SMALLER)
