"""School measures reckoned plainly: from lines of the published files, by trying every filling of the slots.

Shares no code with server.grading.measures. Exact fractions throughout.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from server.demo.packs import pack_folder
from tests.worlds.measured_school import STUDIED, Studied

ENGLISH = ("english_language", "english_literature")
SINGLES = ("biology", "chemistry", "physics", "computer_science")
_SLOTS = ("english", "maths", "ebacc", "open")
Room = tuple[int, ...]
"""How many places each slot has left."""
_BY_IDENTITY = {one.identity: one for one in STUDIED.values()}


@dataclass(frozen=True)
class Known:
    """One result that counts: what one slot gets, and how many it may fill."""

    area: str
    points: Fraction
    slots: int


@cache
def lines(file: str) -> list[dict[str, str]]:
    with (pack_folder() / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def points_of(kind: str, grade: str, file: str, names: tuple[str, str]) -> Fraction | None:
    """None where no line has it."""
    if grade == "U":
        return Fraction(0)
    spelt = grade.replace("-", "")
    return next(
        (Fraction(row["points"]) for row in lines(file) if (row[names[0]], row[names[1]]) == (kind, spelt)), None
    )


def counted(results: Iterable[tuple[str, str, str | None]]) -> tuple[list[Known], list[Fraction], Counter[str], bool]:
    """Of (course, specification, grade): what counts, tariff points, how many are omitted by reason, and a gap."""
    omitted: Counter[str] = Counter()
    found: list[tuple[str, Studied, Fraction]] = []
    gap = False
    for course, identity, grade in results:
        one = _BY_IDENTITY.get(identity)
        after = one is not None and int(one.year_group) > 11
        kind = "" if one is None or one.area is None else one.tariff if after else one.ks4
        if grade is None:
            omitted["NO_GRADE"] += 1
        elif one is None or not kind:
            omitted["NOT_MAPPED"] += 1
        else:
            file = ("ucas_tariff.csv", ("qualification", "grade"))
            file = file if after else ("dfe_ks4_points_2019.csv", ("qualification_type", "grade_code"))
            points = points_of(kind, grade, *file)
            if points is None:
                omitted["NOT_IN_TABLE"] += 1
                gap = gap or after
            else:
                found.append((course, one, points))
    kept = [one for one in found if not _beaten(one, found)]
    omitted["DISCOUNTED"] += len(found) - len(kept)
    ks4 = [
        Known(str(one.area), points, 2 if "Double" in one.ks4 else 1)
        for _, one, points in kept
        if int(one.year_group) < 12
    ]
    return ks4, [points for _, one, points in kept if int(one.year_group) > 11], +omitted, gap


def _beaten(one: tuple[str, Studied, Fraction], every: Sequence[tuple[str, Studied, Fraction]]) -> bool:
    """By a better one of the same word and year group; of equals, by the one whose course is named first."""
    course, studied, points = one
    rivals = [(-more, name) for name, other, more in every if (other.discount, other.year_group) == _word(studied)]
    return bool(studied.discount) and min(rivals) < (-points, course)


def _word(studied: Studied) -> tuple[str, str]:
    return studied.discount, studied.year_group


def attainment8(known: Sequence[Known]) -> Fraction:
    """The most that any filling gives."""
    doubled = {one.area for one in known} >= set(ENGLISH)
    weights = {"english": 2 if doubled else 1, "maths": 2, "ebacc": 1, "open": 1}
    copies = [one for one in known for _ in range(one.slots)]

    def best(place: int, room: Room) -> Fraction:
        if place == len(copies):
            return Fraction(0)

        def rest(left: Room) -> Fraction:
            return seen(place + 1, left)

        return max(_choices(copies[place], room, rest, weights))

    seen = cache(best)
    return seen(0, (1, 1, 3, 3))


def _choices(
    one: Known, room: Room, rest: Callable[[Room], Fraction], weights: Mapping[str, int]
) -> Iterator[Fraction]:
    """Nowhere, or in each slot that has room for it."""
    yield rest(room)
    for index, slot in enumerate(_SLOTS):
        if room[index] and slot in _may_fill(one.area):
            left = tuple(held - (place == index) for place, held in enumerate(room))
            yield one.points * weights[slot] + rest(left)


def _may_fill(area: str) -> tuple[str, ...]:
    if area in ENGLISH:
        return ("english", "open")
    if area == "maths":
        return ("maths",)
    return ("open",) if area == "other" else ("ebacc", "open")


def basics(known: Sequence[Known], at: int) -> bool:
    return any(one.area in ENGLISH and one.points >= at for one in known) and any(
        one.area == "maths" and one.points >= at for one in known
    )


def ebacc(known: Sequence[Known]) -> tuple[bool, bool, bool, Fraction]:
    """Entered, at 4, at 5, and the average over six."""

    def of(*areas: str) -> list[Fraction]:
        return sorted((one.points for one in known if one.area in areas for _ in range(one.slots)), reverse=True)

    combined, singles = of("combined_science"), of(*SINGLES)
    enough = len({one.area for one in known if one.area in SINGLES}) >= 3
    pillars = [of(*ENGLISH), of("maths"), of("humanity"), of("language")]
    entered = {one.area for one in known} >= set(ENGLISH) and all(pillars) and (bool(combined) or enough)

    def reached(at: int) -> bool:
        science = (bool(combined) and combined[0] >= at) or (enough and len([one for one in singles if one >= at]) >= 2)
        return entered and science and all(pillar[0] >= at for pillar in pillars)

    science = max(sum(combined[:2], Fraction(0)), sum(singles[:2], Fraction(0)))
    average = (sum((pillar[0] for pillar in pillars if pillar), Fraction(0)) + science) / 6
    return entered, reached(4), reached(5), average


def estimate(prior: Fraction) -> Fraction | None:
    """Of 2023; on the scale of Attainment 8."""
    found = {
        Fraction(row["ks2_average_scaled_score"]): Fraction(row["a8_estimate_div10"]) * 10
        for row in lines("attainment8_estimates.csv")
    }
    return found.get(prior)
