"""Measures of learners and of many, as values of their types."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from server.grading.analysis.shares import decimal, quotient
from server.grading.measures.attainment8 import Attainment8
from server.grading.measures.basics import Basics
from server.grading.measures.ebacc import Ebacc
from server.grading.measures.learners import Lacking, Measures, Tariff
from server.grading.measures.methods import Attainment8Method, Progress8Method, ThresholdMethod
from server.grading.measures.progress8 import Progress8
from server.grading.measures.results import LeftOut, Result, counted
from server.grading.measures.rounding import RoundTo, exact_text, rounded_text
from server.grading.measures.school import HOW, Figure, Measure
from server.grading.measures.tables import MeasureTables
from server.queries.analysis.measured import Origin, Taken
from server.queries.ids import GlobalId

_PLACES = 6
_PARTS = ("attainment8", "progress8", "ebacc", "basics", "tariff")


def of_learner(one: Taken, found: Measures | Lacking, tables: MeasureTables) -> dict[str, Any]:
    """A learner of whom only part may be read has none."""
    parts = {name: found if isinstance(found, Lacking) else getattr(found, name) for name in _PARTS}
    lists = counted(one.results, tables) if isinstance(found, Lacking) else found
    left = {each.name: each for each in lists.left_out}
    titles = {name: origin.course for name, origin in one.origins.items()}
    return {
        "learner": str(GlobalId("lrn", one.learner_id)),
        "name": one.name,
        **{name: _part(part, titles) for name, part in parts.items()},
        "lacking": [
            {"measure": name, "reason": part.reason.value, "sentence": part.sentence}
            for name, part in parts.items()
            if isinstance(part, Lacking)
        ],
        "results": [_result(each, one.origins[each.name], left.get(each.name), tables) for each in one.results],
    }


def _result(result: Result, origin: Origin, left: LeftOut | None, tables: MeasureTables) -> dict[str, Any]:
    subject = tables.subjects.get(result.specification or "")
    return {
        "course": origin.course,
        "grade": result.grade,
        "specification": result.specification,
        "series": origin.series,
        "shift": origin.shift,
        "rounding": origin.rounding,
        "confidence": origin.confidence,
        "area": None if subject is None else subject.area.value,
        "countsBy": None if subject is None else f"{subject.source} ({subject.confidence})",
        "omitted": None if left is None else left.reason.value,
        "sentence": None if left is None else left.sentence,
    }


def _part(part: object, titles: Mapping[str, str]) -> dict[str, Any] | None:
    match part:
        case Attainment8():
            return _attainment8(part, titles)
        case Progress8():
            return _progress8(part)
        case Ebacc():
            return _ebacc(part)
        case Basics():
            return _basics(part)
        case Tariff():
            return _tariff(part, titles)
        case _:
            return None


def _method(method: Attainment8Method | Progress8Method | ThresholdMethod) -> dict[str, str]:
    return {"method": method.name, "confidence": method.confidence}


def _plain(value: Fraction) -> Decimal:
    """Of points, which are printed as decimals; six places of one that is not."""
    text = exact_text(value)
    return Decimal(rounded_text(value, _PLACES, RoundTo.HALF_EVEN) if "/" in text else text)


def _attainment8(found: Attainment8, titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "total": _plain(found.total),
        "englishDoubled": found.english_doubled,
        "slots": [
            {
                "slot": slot.element.value,
                "course": None if slot.entry is None else titles[slot.entry],
                "points": _plain(slot.points),
                "weight": slot.weight,
                "source": slot.source,
            }
            for slot in found.slots
        ],
        "unused": [titles[name] for name in found.unused],
        **_method(found.method),
    }


def _progress8(found: Progress8) -> dict[str, Any]:
    return {
        "score": Decimal(found.text),
        "exact": found.unrounded_text,
        "label": found.label,
        "proxy": found.proxy,
        "priorAttainment": _plain(found.estimate.band),
        "estimate": _plain(found.estimate.total),
        "source": found.estimate.source,
        **_method(found.method),
    }


def _ebacc(found: Ebacc) -> dict[str, Any]:
    return {
        "entered": found.entered,
        "standard": found.standard,
        "strong": found.strong,
        "average": decimal(found.average, 2),
        "exact": quotient(found.average),
        "pillars": [
            {
                "pillar": one.pillar.value,
                "entered": one.entered,
                "standard": one.standard,
                "strong": one.strong,
                "points": [_plain(points) for points in one.points],
            }
            for one in found.pillars
        ],
        **_method(found.method),
    }


def _basics(found: Basics) -> dict[str, Any]:
    return {
        "english": None if found.english is None else _plain(found.english),
        "maths": None if found.maths is None else _plain(found.maths),
        "standard": found.standard,
        "strong": found.strong,
        **_method(found.method),
    }


def _tariff(found: Tariff, titles: Mapping[str, str]) -> dict[str, Any]:
    how = HOW[Measure.UCAS_TARIFF]
    return {
        "total": _plain(found.total),
        "awards": [
            {
                "course": titles[award.name],
                "qualification": award.row.qualification,
                "points": _plain(award.row.points),
                "source": award.row.source,
            }
            for award in found.awards
        ],
        "method": how.method,
        "confidence": how.confidence,
    }


def figure(found: Figure) -> dict[str, Any]:
    low, high = found.interval or (None, None)
    return {
        "measure": found.measure.value,
        "learners": found.learners,
        "value": None if found.text is None else Decimal(found.text),
        "exact": quotient(found.mean),
        "share": found.how.share,
        "rounding": f"{found.how.places} places, {found.how.rounding.replace('_', ' ')}",
        "low": None if low is None else Decimal(low),
        "high": None if high is None else Decimal(high),
        "labels": list(found.labels),
        "leftOut": [{"reason": reason.value, "learners": number} for reason, number in sorted(found.left_out.items())],
        "unsettled": found.gaps,
        "method": found.how.method,
        "confidence": found.how.confidence,
    }
