"""Families, learners and staff of a demo school."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from server.demo.draw import Draw
from server.demo.names import KINDS_OF_STREET, POOLS, STREETS, Pool


@dataclass(slots=True)
class Learner:
    """`year_group` is that of now, or of the day of leaving; `ability` has mean 0 and deviation 1."""

    mis_id: str
    upn: str
    given: str
    family: str
    preferred: str | None
    gender: str
    born: date
    year_group: int
    ability: float
    ethnicity: str
    language: str
    household: int
    admitted: date
    left: date | None = None
    tutor_group: str = ""
    special: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class Household:
    """A family at one address; `homes` is 2 where the parents live apart."""

    number: int
    pool: Pool
    family: str
    second_family: str
    address: str
    other_address: str | None
    guardians: int
    children: list[Learner] = field(default_factory=list[Learner])


@dataclass(slots=True)
class Staff:
    mis_id: str
    title: str
    given: str
    family: str
    job: str
    department: str | None
    roles: list[str]
    since: date
    left: date | None = None


def email(given: str, family: str, domain: str) -> str:
    plain = (given[:1] + "." + family).lower()
    return "".join(c for c in plain if c.isascii() and (c.isalnum() or c == ".")) + "@" + domain


def draw_names(draw: Draw, count: int) -> list[tuple[Pool, str, str]]:
    """Households: their pool and two family names."""
    found: list[tuple[Pool, str, str]] = []
    for _ in range(count):
        pool = draw.weighted(POOLS)
        first = draw.one(pool.families)
        # One couple in five has two names; some of these are of different origins.
        other = draw.weighted(POOLS) if draw.chance(0.15) else pool
        found.append((pool, first, draw.one(other.families) if draw.chance(0.2) else first))
    return found


def draw_address(draw: Draw, town: str, postcode: str) -> str:
    street = f"{draw.one(STREETS)} {draw.one(KINDS_OF_STREET)}"
    code = f"{postcode} {draw.between(1, 9)}{draw.one('ABDEFGHJ')}{draw.one('LNPQRSTU')}"
    return f"{draw.between(1, 180)} {street}, {town}, {code}"


def draw_given(draw: Draw, pool: Pool, taken: set[str]) -> tuple[str, str, str | None]:
    """Given name, gender, and the name that is used where that is another."""
    gender = draw.weighted((("F", 0.49), ("M", 0.5), ("U", 0.01)))
    names = pool.girls if gender == "F" or (gender == "U" and draw.chance(0.5)) else pool.boys
    fresh = [name for name in names if name not in taken] or list(names)
    given = draw.one(fresh)
    taken.add(given)
    short = {
        "Thomas": "Tom",
        "Alexander": "Alex",
        "Samuel": "Sam",
        "Benjamin": "Ben",
        "Abigail": "Abi",
        "Daniel": "Dan",
    }
    preferred = short.get(given) if draw.chance(0.5) else None
    return given, gender, preferred


def draw_birthday(draw: Draw, year_group: int, year: int) -> date:
    """A child of a year group turns (year group + 5) in the school year before."""
    start = date(year - year_group - 5, 9, 1)
    return start + timedelta(days=draw.below(365))
