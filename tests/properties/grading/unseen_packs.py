"""Packs that nobody has seen: made-up qualifications, and cases whose answers are reckoned here from the rules alone.

Nothing of the engine is used: fractions, and the sentences of docs/grading.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import floor
from pathlib import Path
from random import Random
from typing import Any

SCALES: tuple[tuple[str, ...], ...] = (
    ("9", "8", "7", "6", "5", "4", "3", "2", "1"),
    ("9", "8", "7", "6", "5", "4", "3"),
    ("5", "4", "3", "2", "1"),
    ("A*", "A", "B", "C", "D", "E"),
    ("A", "B", "C", "D", "E"),
    ("A*", "A", "B", "C", "D", "E", "F", "G"),
    ("A*", "A", "B", "C*", "C", "D", "E", "F", "G"),
    ("Entry 3", "Entry 2", "Entry 1"),
    ("3", "2", "1"),
    ("Pass",),
    ("L2D*", "L2D", "L2M", "L2P", "L1D", "L1M", "L1P"),
    ("9-9", "9-8", "8-8", "8-7", "7-7", "7-6", "6-6", "6-5", "5-5", "5-4", "4-4", "4-3"),
)
FACTORS = ("1", "1", "2", "3/2", "469/400", "4/3", "0.5", "1.0000", "7/3")
MAXIMA = (40, 50, 75, 80, 100, 120, Fraction(75, 2))
SHARES = {"U": Fraction(0), "N": Fraction(2, 3), "P": Fraction(1), "M": Fraction(5, 3), "D": Fraction(8, 3)}
Point = tuple[Fraction, Fraction]
Rows = Sequence[tuple[str, int]]
"""Grades and their boundaries, best first."""


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def number(value: Fraction | int) -> Any:
    """As packs write it."""
    return int(value) if Fraction(value).denominator == 1 else str(value)


def reached(rows: Rows, mark: Fraction | int) -> str:
    return next((grade for grade, boundary in rows if mark >= boundary), "U")


class UnseenPack:
    """Made from a seed and written by `write`."""

    def __init__(self, seed: int) -> None:
        self._draw = Random(seed)
        self._cases: list[dict[str, Any]] = []
        self._linear = [self._linear_row(1000 + place) for place in range(4)]
        self._units = [self._unit_row(place) for place in range(4)]
        self._points = {f'BTECX:Odd "{name}", {name}': self._award(name) for name in ("one", "two")}
        self._uniform = {f"CNX:{name}": self._national(f"CNX:{name}", most) for name, most in (("A", 120), ("C", 240))}
        self._estimates = self._progress()
        self._rules()

    def write(self, folder: Path) -> int:
        """Returns how many cases there are."""
        self._draw.shuffle(self._cases)
        self._put(folder / "linear_qualifications.json", json.dumps(self._linear, indent=self._draw.choice([None, 2])))
        self._put(folder / "ums_units.json", json.dumps(self._units))
        self._put(folder / "cases.jsonl", "\n\n".join(json.dumps(case) for case in self._cases))
        points = [(spec, g, m) for spec, rows in self._points.items() for g, m in rows]
        uniform = [(spec, g, m) for spec, rows in self._uniform.items() for g, m in rows]
        self._table(folder / "points_thresholds.csv", ("spec", "grade", "min_points"), points)
        self._table(folder / "ums_thresholds.csv", ("spec", "grade", "min_ums"), uniform)
        bands = [("DfEX:2027", float(band), float(tenth)) for band, tenth in self._estimates.items()]
        names = ("spec", "ks2_average_scaled_score", "a8_estimate_div10")
        others = ("english", "maths", "ebacc", "open", "ebacc_slots", "open_slots")
        self._table(folder / "attainment8_estimates.csv", (*names, *others), bands)
        return len(self._cases)

    def _put(self, path: Path, text: str) -> None:
        """With or without a byte order mark, with either end of line."""
        ended = text.replace("\n", self._draw.choice(["\n", "\r\n"]))
        path.write_bytes(ended.encode(self._draw.choice(["utf-8", "utf-8-sig"])))

    def _table(self, path: Path, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        """Columns and rows in any order, another column between them, blank lines here and there."""
        order = self._draw.sample((*columns, "note of ours"), len(columns) + 1)
        text = io.StringIO()
        writer = csv.DictWriter(text, order, "", quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writeheader()
        for row in self._draw.sample(rows, len(rows)):
            writer.writerow({**dict(zip(columns, row, strict=False)), "note of ours": 'a, "b"'})
            text.write(self._draw.choice(["", "", "\n", ",,\n"]))
        self._put(path, text.getvalue())

    def _case(self, kind: str, spec: str, given: dict[str, Any], expected: dict[str, Any]) -> None:
        name = f"{kind}-{len(self._cases)}"
        case = {"case_id": name, "kind": kind, "spec": spec, "input": given, "expected": expected, "extra": [1, None]}
        self._cases.append(case)

    # Linear

    def _linear_row(self, code: int) -> dict[str, Any]:
        draw, scale = self._draw, self._draw.choice(SCALES)
        parts = {f"{code}/{n}": (draw.choice(MAXIMA), draw.choice(FACTORS)) for n in range(draw.randint(2, 5))}
        most = sum((Fraction(top) * Fraction(factor) for top, factor in parts.values()), Fraction(0))
        marks = sorted(draw.sample(range(floor(most) + 1), len(scale)), reverse=True)
        rows = list(zip(scale, marks, strict=True))
        spec = f"WJEC:{code}:{draw.choice('UHF')}:{draw.choice(['June', 'November'])}_20{draw.randint(17, 26)}"
        for _ in range(12):
            self._linear_cases(spec, parts, rows)
        items: dict[str, Any] = {
            "id": spec, "board": "WJEC", "code": str(code), "title": "Mathemateg \u2013 Uned", "max_mark": number(most),
            "tier": spec.split(":")[2], "series": spec.split(":")[3].replace("_", " "), "grades": scale,
            "boundaries": dict(rows), "sources": ["made up"], "confidence": "derived", "unknown": {"x": [1.5]},
            "components": [
                {"code": part, "max_raw": float(top), "factor": factor, "notional": None}
                for part, (top, factor) in parts.items()
            ],
        }  # fmt: skip
        return {name: items[name] for name in draw.sample(list(items), len(items))}

    def _linear_cases(self, spec: str, parts: dict[str, tuple[Any, str]], rows: Rows) -> None:
        draw = self._draw
        raw = {code: Fraction(draw.randint(0, floor(top * 2)), 2) for code, (top, _) in parts.items()}
        weighted = {code: raw[code] * Fraction(parts[code][1]) for code in parts}
        total = sum(weighted.values(), Fraction(0))
        marks: dict[str, Any] = {code: draw.choice([float(mark), str(float(mark))]) for code, mark in raw.items()}
        place = next((n for n, (_, boundary) in enumerate(rows) if total >= boundary), len(rows))
        above = rows[place - 1] if place else None
        self._case("linear", spec, {"marks": marks}, {
            "subject_mark": number(total), "grade": reached(rows, total), "next_grade": above and above[0],
            "marks_to_next": above and number(above[1] - total),
            "marks_above_boundary": number(total - rows[place][1]) if place < len(rows) else None,
        })  # fmt: skip
        policies = {
            "sum_exact": total,
            "sum_then_half_up": Fraction(half_up(total)),
            "each_half_up": Fraction(sum(half_up(each) for each in weighted.values())),
        }
        told = {name: {"subject_mark": str(mark), "grade": reached(rows, mark)} for name, mark in policies.items()}
        self._case("scaled", spec, {"marks": marks}, {"by_policy": told})
        gone, *rest = draw.sample(list(parts), len(parts))
        left = total - weighted[gone]
        absent = {"subject_mark": number(left), "grade": reached(rows, left), "flags": [f"absent:{gone}"]}
        self._case("absent-one", spec, {"marks": {**marks, gone: draw.choice(["X", "x", "absent"])}}, absent)
        self._case("absent-all", spec, {"marks": dict.fromkeys(parts, "X")}, {"subject_mark": None, "grade": "X"})
        full = left + Fraction(parts[gone][0]) * Fraction(parts[gone][1])
        self._case("pending", spec, {"marks": {code: marks[code] for code in rest} | draw.choice([{}, {gone: None}])}, {
            "status": "incomplete", "grade": None, "floor_mark": number(left), "floor_grade": reached(rows, left),
            "ceiling_mark": number(full), "ceiling_grade": reached(rows, full),
        })  # fmt: skip
        changes: tuple[tuple[dict[str, Any], str], ...] = (
            ({gone: float(parts[gone][0]) + 0.5}, "mark_above_maximum"),
            ({gone: -0.5}, "mark_below_zero"),
            ({gone: draw.choice(["1e2", "+5", "1_000", "\uff11\uff12", "NaN", True, "#"])}, "mark_not_a_number"),
            ({gone: draw.choice([0.25, "0.1", 0.30000000000000004])}, "mark_step"),
            ({"nowhere": 1}, "unknown_component"),
        )
        for change, error in changes:
            self._case("invalid", spec, {"marks": {**marks, **change}}, {"error": error})

    # Units and awards

    def _unit_row(self, place: int) -> dict[str, Any]:
        draw = self._draw
        letters = draw.choice(["ABCDE", "ABCDEFG", "*ABCDE"])
        most, paper = draw.choice([100, 120, 60, 200]), draw.choice([60, 75, 90])
        shares = dict(zip("*ABCDEFG", range(90, 10, -10), strict=True))
        raw = sorted(draw.sample(range(2, paper + 1), len(letters)), reverse=True)
        names = [letter.replace("*", "A*") for letter in letters]
        pairs = zip(reversed(raw), reversed(letters), strict=True)
        points = [(Fraction(mark), Fraction(most * shares[letter], 100)) for mark, letter in pairs]
        below = draw.choice(["N", "zero"])
        notional = tuple(2 * points[0][axis] - points[1][axis] for axis in (0, 1))
        low: list[Point] = [(Fraction(0), Fraction(0))]
        if below == "N" and min(notional) > 0:
            low.append((notional[0], notional[1]))
        # A* is worth 90 per cent: full marks lie as far above it as it lies above A; without it, twice as far above A.
        wide = (points[-1][0] - points[-2][0]) * (1 if letters[0] == "*" else 2)
        line = [*low, *points, (min(points[-1][0] + wide, Fraction(paper)), Fraction(most))]
        spec = f"OxfordAQA:U{place}:January_2026"
        for mark in range(paper + 1):
            exact = line[-1][1] if points[-1][0] < line[-1][0] else points[-1][1]
            for (a, least), (b, worth) in pairwise(line):
                if a <= mark < b:
                    exact = least + (worth - least) * (mark - a) / (b - a)
            self._case("ums", spec, {"raw": draw.choice([mark, str(mark)])}, {"ums": half_up(exact)})
        return {
            "id": spec, "board": "OxfordAQA", "code": f"U{place}", "title": "U", "series": "January 2026",
            "max_raw": paper, "max_ums": most, "raw": dict(zip(names, raw, strict=True)), "below_lowest": below,
            "ums": {name: number(worth) for name, (_, worth) in zip(names, points[::-1], strict=True)},
            "published_conversion": None, "sources": ["made up"], "confidence": "derived",
        }  # fmt: skip

    def _award(self, name: str) -> Rows:
        draw, scale = self._draw, self._draw.choice([("D*", "D", "M", "P"), ("DD", "DM", "MM", "MP", "PP")])
        rows = list(zip(scale, sorted(draw.sample(range(18, 120), len(scale)), reverse=True), strict=True))
        spec = f'BTECX:Odd "{name}", {name}'
        for total in range(0, rows[0][1] + 1, 5):
            self._case("btec-total", spec, {"points": total}, {"grade": reached(rows, total)})
        for _ in range(10):
            units: list[tuple[int, str]] = [
                (draw.choice([30, 45, 60, 90, 120]), draw.choice("UNPMD")) for _ in range(draw.randint(1, 8))
            ]
            total = sum((Fraction(size, 10) * SHARES[letter] for size, letter in units), Fraction(0))
            named = draw.sample(range(len(units)), draw.randint(0, len(units)))
            failed = any(units[place][1] == "U" for place in named)
            grade = "U" if failed else reached(rows, total)
            self._case("btec-units", spec, {"units": units, "mandatory": named}, {
                "points": number(total), "grade": grade,
            })  # fmt: skip
            low, high = draw.choice([("P", "M"), ("M", "D"), ("N", "P")])
            size, least, top = draw.choice([60, 90, 120]), draw.randint(5, 30), draw.randint(31, 50)
            mark = draw.randint(least, top)
            slope = (SHARES[high] - SHARES[low]) * Fraction(mark - least, top - least)
            given = {"mark": mark, high: top, low: least, "glh": size, "max_mark": 50}
            points = floor(Fraction(size, 10) * (SHARES[low] + slope))
            self._case("btec-external", "a unit", given, {"points": points})
        return rows

    def _national(self, spec: str, most: int) -> Rows:
        draw = self._draw
        names = ("D*2", "D2", "M2", "P2", "D1", "M1", "P1")
        rows = [(name, most * share // 100) for name, share in zip(names, range(90, 20, -10), strict=True)]
        for _ in range(10):
            total = draw.randint(0, most)
            self._case("nationals", spec, {"ums": total}, {"grade": reached(rows, total)})
            units: list[Any] = [draw.choice(["#", draw.randint(0, most // 4)]) for _ in range(3)] + [5]
            total = sum(each for each in units if each != "#")
            self._case("nationals-absent", spec, {"units": units}, {"ums": total, "grade": reached(rows, total)})
            tried: list[dict[str, Any]] = [
                {"series": name, "ums": draw.randint(0, most // 4)} for name in ("Jan", "Jun", "Nov")
            ]
            others = [draw.randint(0, most // 4) for _ in range(3)]
            total = tried[-1]["ums"] + sum(others)
            self._case("nationals-terminal", spec, {"exam_attempts": tried, "others": others}, {
                "exam_used": tried[-1]["ums"], "ums": total, "grade": reached(rows, total),
            })  # fmt: skip
        return rows

    # Rules that need no row

    def _rules(self) -> None:
        draw = self._draw
        for _ in range(15):
            intervals, lower, gap = draw.randint(1, 12), draw.randint(0, 300), draw.randint(0, 300)
            widths = [gap // intervals + (place < gap % intervals) for place in range(intervals)]
            inner = [lower + gap - sum(widths[:place]) for place in range(1, intervals)]
            given = {"upper": lower + gap, "lower": lower, "intervals": intervals}
            self._case("boundary-interval", "rule", given, {"inner": inner})
            four, wide = draw.randint(60, 200), draw.randint(0, 80)
            three = floor(four - Fraction(wide, 2))
            self._case("allowed-grade-3", "rule", {"grade4": four, "grade5": four + wide}, {"grade3": three})
            top, most = draw.randint(10, 150), draw.randint(10, 300)
            factor = {"factor": str(Fraction(most, top))}
            self._case("weighting-official", "rule", {"raw_max": top, "weighted_max": most}, factor)
            most = draw.choice([400, 600])
            first, second = draw.randint(most // 4, most // 2), draw.randint(most * 2 // 5, most // 2)
            total = first + second
            rows = list(zip("ABCDE", range(most * 80 // 100, 0, -most // 10), strict=False))
            grade = "A*" if total * 100 >= most * 80 and second * 100 >= most * 45 else reached(rows, total)
            self._case("a-star", f"UMS:{most}", {"total": total, "a2_total": second}, {"grade": grade})

    def _progress(self) -> dict[Fraction, Fraction]:
        draw = self._draw
        bands = {Fraction(band, 2): Fraction(draw.randint(100, 900), 100) for band in draw.sample(range(118, 241), 20)}
        for _ in range(20):
            points: list[Any] = [draw.choice([*map(str, range(10)), "4.5", "8.5", None]) for _ in range(8)]
            english, maths, *others = (Fraction(each or 0) for each in points)
            both = draw.random() < 0.5
            total = english * (2 if both else 1) + maths * 2 + sum(others)
            band = draw.choice(list(bands))
            score = total / 10 - bands[band]
            size = half_up(abs(score) * 100)
            self._case("progress8", "DfEX:2027", {
                "ks2_average": draw.choice([float(band), str(float(band))]), "english_best": points[0], "maths": points[1],
                "both_english_taken": both, "ebacc": points[2:5], "open": points[5:],
            }, {
                "attainment8": str(float(total)), "estimate": str(float(bands[band] * 10)),
                "progress8_2dp": f"{'-' if score < 0 and size else ''}{size // 100}.{size % 100:02}",
            })  # fmt: skip
        return bands
