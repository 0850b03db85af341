"""What each analysis must answer, reckoned in plain Python over the rows that the asker may read, cell by cell.

Answers are JSON-ready, with every field of the schema's types in any order; a refusal is its code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from math import ceil
from typing import Any
from uuid import UUID

from server.compliance.disclosure.levels import told_levels
from server.grading.analysis.scale import scale
from server.queries.statistic_groups import DIMENSIONS
from tests.oracle.rows import Rows, Values
from tests.oracle.things import Thing
from tests.oracle.visibility import Visibility

Key = tuple[UUID, UUID]
FORBIDDEN = "FORBIDDEN"
FORBIDDEN_ARGUMENT = "FORBIDDEN_ARGUMENT"
NEEDED: Mapping[str, tuple[str, ...]] = {
    "questionAnalysis": ("mark",),
    "gradeDistribution": (),
    "marksToNext": ("grade",),
    "compareGroups": (),
    "compareSnapshots": ("grade",),
    "valueAdded": ("grade", "target"),
}


def rounded(value: Fraction | None, places: int) -> str | None:
    """Half to even."""
    if value is None:
        return None
    scaled = round(value * 10**places)
    return str((Decimal(scaled) / 10**places).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN))


def _shown(target: Fraction) -> str:
    """Thirds cut off after two places."""
    cut = target if 100 % target.denominator == 0 else Fraction(target.numerator * 100 // target.denominator, 100)
    return str(Decimal(cut.numerator) / Decimal(cut.denominator))


def mean(values: Sequence[Any]) -> Fraction | None:
    return sum(map(Fraction, values), Fraction(0)) / len(values) if values else None


class Reckoning:
    """`given` are the arguments with keys for ids: class, course, window, toWindow, assessment."""

    def __init__(self, rows: Rows, seen: Visibility) -> None:
        self.rows, self.seen = rows, seen

    def answer(self, name: str, given: Mapping[str, Any]) -> Any:
        if self.seen.asker.capacity != "STAFF":
            return FORBIDDEN
        if not all(self.seen.possible(one) for one in ("school_structure", *NEEDED[name])):
            return FORBIDDEN
        return getattr(self, f"_{name}")(given)

    # What is there

    def _exists(self, kind: str, table: str, key: str, value: UUID | None) -> Values | None:
        row = self.rows.one(table, **{key: value})
        return row if row is not None and self.seen.exists(Thing(kind, row, self.rows.today)) else None

    def _courses(self, given: Mapping[str, Any], year: int) -> set[UUID] | None:
        """None where the class or course is not there."""
        if given.get("course") is not None:
            found = self._exists("Course", "course", "course_id", given["course"])
            return None if found is None else {found["course_id"]}
        if given.get("class") is not None:
            found = self._exists("Class", "class", "class_id", given["class"])
            return None if found is None else {found["course_id"]}
        of_year = self.rows.where("course", year_group=given["yearGroup"], academic_year=year)
        return {row["course_id"] for row in of_year}

    def _inside(self, given: Mapping[str, Any], learner_id: UUID) -> bool:
        if given.get("class") is None:
            return True
        seats = self.rows.current("enrolment", self.rows.today, class_id=given["class"], learner_id=learner_id)
        return any(True for _ in seats) and self.seen.can(self._learner(learner_id), "groups")

    def _learner(self, learner_id: UUID) -> Thing:
        row = self.rows.one("learner", learner_id=learner_id)
        assert row is not None
        return Thing("Learner", row, self.rows.today)

    def _by_name(self, keys: Iterable[UUID]) -> list[UUID]:
        return sorted(keys, key=lambda key: (self._learner(key).row["sort_key"], key))

    def _name(self, learner_id: UUID) -> dict[str, str]:
        row = self._learner(learner_id).row
        first = row["given_name"] if row["preferred_name"] is None else row["preferred_name"]
        return {"learner": f"lrn_{learner_id.hex}", "name": f"{first} {row['family_name']}"}

    def _partial(self, given: Mapping[str, Any], *elements: str) -> bool:
        """From the plans: a learner in no relation at all, and one in any that a rule denies but family and restriction."""
        named = ("name", *elements, *(("groups",) if given.get("class") is not None else ()))
        return any(not self.seen.open_to_everybody(element) for element in named)

    # Grades

    def _standing(self, window: UUID, courses: set[UUID], at: datetime | None = None) -> dict[Key, Values]:
        """One grade of each learner and course that may be read: the computed one first, then by kind."""
        found: dict[Key, Values] = {}
        rows = list(self.rows.where("grade", window_id=window))
        if at is not None:
            rows = [row for row in rows if row["computed_at"] < at]
            replaced = self.rows.where("grade_version", window_id=window)
            rows += [row for row in replaced if row["computed_at"] < at <= row["replaced_at"]]
        for row in sorted(rows, key=lambda row: (row["kind"] != "CURRENT", row["kind"])):
            if row["course_id"] in courses and self.seen.exists(Thing("Grade", row, self.rows.today)):
                found.setdefault((row["learner_id"], row["course_id"]), row)
        return found

    def _cohort(self, given: Mapping[str, Any]) -> tuple[list[Values], set[UUID]] | None:
        window = self._exists("AssessmentWindow", "assessment_window", "window_id", given["window"])
        courses = None if window is None else self._courses(given, window["academic_year"])
        if courses is None:
            return None
        found = {
            key: row for key, row in self._standing(given["window"], courses).items() if self._inside(given, key[0])
        }
        places = {learner: place for place, learner in enumerate(self._by_name({key[0] for key in found}))}
        in_order = sorted(found, key=lambda key: (places[key[0]], self._course_name(found[key]), key[1]))
        return [found[key] for key in in_order], courses

    def _gradeDistribution(self, given: Mapping[str, Any]) -> Any:
        if not self.seen.possible("grade"):
            return self._counted(given)
        cohort = self._cohort(given)
        if cohort is None:
            return None
        held = [row for row in cohort[0] if row["value"] is not None]
        counts = Counter((row["value"], row["points"]) for row in held)
        order = sorted(counts, key=lambda one: (one[1] is None, -(one[1] or 0), one[0]))
        points = [row["points"] for row in held if row["points"] is not None]
        return {
            "window": f"win_{given['window'].hex}",
            "exact": True,
            "partial": self._partial(given, "grade"),
            "asOf": None,
            "threshold": None,
            "entries": len(held),
            "ungraded": len(cohort[0]) - len(held),
            "mean": rounded(mean(points), 2),
            "grades": [
                {
                    "grade": grade,
                    "points": None if points is None else str(points),
                    "count": counts[grade, points],
                    "cumulative": sum(counts[one] for one in order[: place + 1]),
                    "suppressed": False,
                }
                for place, (grade, points) in enumerate(order)
            ],
        }

    def _counted(self, given: Mapping[str, Any]) -> Any:
        """As the grades stood at a moment that never moves; whether a count is told is proven elsewhere."""
        if given.get("course") is None or not all(map(self.seen.counts_everybody, ("name", "grade"))):
            return FORBIDDEN
        window = self._exists("AssessmentWindow", "assessment_window", "window_id", given["window"])
        course = self._exists("Course", "course", "course_id", given["course"])
        if window is None or course is None:
            return None
        of = {"window_id": given["window"], "course_id": given["course"]}
        current, replaced = list(self.rows.where("grade", **of)), list(self.rows.where("grade_version", **of))
        first = min((row["computed_at"].date() for row in (*current, *replaced)), default=None)
        at = None if first is None else _end_of(max(first, window["ends_on"]))
        at = None if at is not None and at.date() > self.rows.today else at
        held: dict[UUID, Values] = {}
        stood = [row for row in current if at and row["computed_at"] < at]
        stood += [row for row in replaced if at and row["computed_at"] < at <= row["replaced_at"]]
        for row in sorted(stood, key=lambda row: (row["kind"] != "CURRENT", row["kind"])):
            held.setdefault(row["learner_id"], row)
        restricted = {
            row["learner_id"] for row in self.rows.current("learner_flag", self.rows.today, kind="RESTRICTED")
        }
        values = (row["value"] for row in held.values())
        counts = Counter(value for value in values if value is not None and not restricted & held.keys())
        by = Counter(row["specification_id"] for row in held.values())
        most = min(by, key=lambda one: (-by[one], one), default=None)
        rules = self.rows.one("specification", specification_id=most)
        levels = scale(rules["content"]) if rules else ()
        threshold = max(5, self.rows.school["suppression_threshold"])
        entries, shown = told_levels([grade for grade, _ in levels], counts, threshold, 5)
        grades: list[dict[str, Any]] = []
        for place, (grade, points) in enumerate(levels):
            above = [shown.get(one) for one, _ in levels[: place + 1]]
            told = {"grade": grade, "points": str(points), "count": shown.get(grade), "suppressed": grade not in shown}
            grades.append({**told, "cumulative": None if None in above else sum(one or 0 for one in above)})
        return {
            "window": f"win_{given['window'].hex}",
            "exact": False,
            "partial": False,
            "asOf": at and f"{at:%Y-%m-%dT%H:%M:%S.%fZ}",
            "threshold": threshold,
            "entries": entries,
            "ungraded": None,
            "mean": None,
            "grades": grades,
        }

    def _marksToNext(self, given: Mapping[str, Any]) -> Any:
        cohort = self._cohort(given)
        if cohort is None:
            return None
        short = [
            (Fraction(row["marks_to_next"]), row)
            for row in cohort[0]
            if row["next_grade"] is not None and row["marks_to_next"] is not None
        ]
        near = sorted(
            (one for one in short if given.get("within") is None or one[0] <= Fraction(given["within"])),
            key=lambda one: one[0],
        )
        return {
            "window": f"win_{given['window'].hex}",
            "partial": self._partial(given, "grade"),
            "count": len(near),
            "learners": [
                {
                    **self._name(row["learner_id"]),
                    "course": self._course_name(row),
                    "grade": row["value"],
                    "nextGrade": row["next_grade"],
                    "marks": str(marks),
                    "wholeMarks": ceil(marks),
                    "specification": self._rule(row, "specification", "specification_id", "code"),
                    "series": self._rule(row, "boundary_set", "boundary_set_id", "series"),
                    "shift": row["shift"],
                    "method": row["rounding"],
                    "confidence": row["confidence"],
                }
                for marks, row in near
            ],
        }

    def _rule(self, row: Values, table: str, key: str, name: str) -> Any:
        found = self.rows.one(table, **{key: row[key]})
        assert found is not None
        return found[name]

    def _course_name(self, row: Values) -> str:
        course = self.rows.one("course", course_id=row["course_id"])
        assert course is not None
        return course["name"]

    def _compareGroups(self, given: Mapping[str, Any]) -> Any:
        by = DIMENSIONS[given["dimension"]]
        if not self.seen.possible("grade"):
            return FORBIDDEN
        if not self.seen.possible(by.element):
            return FORBIDDEN_ARGUMENT
        cohort = self._cohort(given)
        if cohort is None:
            return None
        points: dict[UUID, list[Decimal]] = {}
        for row in cohort[0]:
            if row["points"] is not None and self.seen.can(self._learner(row["learner_id"]), by.element):
                points.setdefault(row["learner_id"], []).append(row["points"])
        own = {learner: mean(some) or Fraction(0) for learner, some in points.items()}
        level = {learner: by.level_of(self._value(learner, by.source)) for learner in own}
        every = mean(list(own.values()))
        groups: list[dict[str, Any]] = []
        for name in by.levels:
            some = [value for learner, value in own.items() if level[learner] == name]
            part = mean(some)
            if part is not None and every is not None:
                found = {"mean": rounded(part, 2), "exact": str(part), "gap": rounded(part - every, 2)}
                groups.append({"level": name, "learners": len(some), **found})
        return {
            "window": f"win_{given['window'].hex}",
            "dimension": by.name,
            "partial": self._partial(given, "grade", by.element),
            "learners": len(own),
            "mean": rounded(every, 2),
            "groups": groups,
        }

    def _value(self, learner_id: UUID, source: str) -> str | None:
        row = self._learner(learner_id).row
        return row[source] if source in row else self.rows.newest_special(learner_id, source)

    def _compareSnapshots(self, given: Mapping[str, Any]) -> Any:
        cohort = self._cohort(given)
        after = given.get("toWindow") or given["window"]
        if cohort is None or self._exists("AssessmentWindow", "assessment_window", "window_id", after) is None:
            return None
        sides: list[dict[Key, Values]] = []
        for window, day in ((given["window"], given.get("fromDay")), (after, given.get("toDay"))):
            found = self._standing(window, cohort[1], None if day is None else _end_of(day))
            sides.append({key: row for key, row in found.items() if self._inside(given, key[0])})
        pairs = [(sides[0].get(key), sides[1].get(key)) for key in {**sides[0], **sides[1]}]
        both = [
            (one["points"], other["points"])
            for one, other in pairs
            if one and other and one["points"] is not None and other["points"] is not None
        ]
        cells = Counter((one and one["value"], other and other["value"]) for one, other in pairs)
        return {
            "window": f"win_{given['window'].hex}",
            "toWindow": f"win_{after.hex}",
            "partial": self._partial(given, "grade"),
            "learners": len({key[0] for side in sides for key in side}),
            "better": sum(other > one for one, other in both),
            "same": sum(other == one for one, other in both),
            "worse": sum(other < one for one, other in both),
            "meanBefore": rounded(mean([one for one, _ in both]), 2),
            "meanAfter": rounded(mean([other for _, other in both]), 2),
            "cells": [{"before": one, "after": other, "count": count} for (one, other), count in cells.items()],
        }

    def _valueAdded(self, given: Mapping[str, Any]) -> Any:
        cohort = self._cohort(given)
        if cohort is None:
            return None
        every = self._standing(given["window"], {row["course_id"] for row in self.rows.all("course")})
        rows: list[dict[str, Any]] = []
        figures: dict[UUID | None, list[tuple[Any, Fraction | None, Fraction | None]]] = {None: []}
        for row in cohort[0]:
            target = self._target(row)
            rest = mean(
                [
                    other["points"]
                    for (learner, course), other in every.items()
                    if learner == row["learner_id"] and course != row["course_id"] and other["points"] is not None
                ]
            )
            over = None if row["points"] is None or target is None else Fraction(row["points"]) - target
            residual = None if row["points"] is None or rest is None else Fraction(row["points"]) - rest
            for of in (None, row["course_id"]):
                figures.setdefault(of, []).append((row["points"], over, residual))
            told = {
                "course": self._course_name(row),
                "points": None if row["points"] is None else str(row["points"]),
                "target": None if target is None else _shown(target),
                "added": rounded(over, 2),
                "elsewhere": rounded(rest, 2),
                "residual": rounded(residual, 2),
            }
            rows.append({**self._name(row["learner_id"]), **told})
        names = {row["course_id"]: self._course_name(row) for row in cohort[0]}
        return {
            "window": f"win_{given['window'].hex}",
            "partial": self._partial(given, "grade", "target"),
            **_means(figures[None]),
            "courses": [
                {"course": f"crs_{course.hex}", "name": name, **_means(figures[course])}
                for name, course in sorted((name, course) for course, name in names.items())
            ],
            "rows": rows,
        }

    def _target(self, grade: Values) -> Fraction | None:
        """Exact: a third is a third of a point."""
        found = self.rows.one("target", learner_id=grade["learner_id"], course_id=grade["course_id"])
        if not found or found["points"] is None or not self.seen.exists(Thing("Target", found, self.rows.today)):
            return None
        return Fraction(found["points"]) + Fraction(found["third"], 3)

    # Questions

    def _questionAnalysis(self, given: Mapping[str, Any]) -> Any:
        paper = self._exists("Assessment", "assessment", "assessment_id", given["assessment"])
        courses = None if paper is None else self._courses(given, paper["academic_year"])
        if paper is None or courses is None or paper["course_id"] not in courses:
            return None
        marks: dict[UUID, Values] = {}
        for mark in sorted(self.rows.where("mark", assessment_id=given["assessment"]), key=lambda row: row["attempt"]):
            if mark["state"] == "SCORED" and self.seen.exists(Thing("Mark", mark, self.rows.today)):
                marks[mark["learner_id"]] = mark
        inside = [learner for learner in self._by_name(marks) if self._inside(given, learner)]
        parts = {
            learner: list(self.rows.where("mark_part", mark_id=mark["mark_id"])) for learner, mark in marks.items()
        }
        questions: dict[str, Values] = {}
        for _, part in _in_order(self._by_name(marks), parts):
            questions.setdefault(part["question"], part)
        whole = _share((marks[one]["score"], paper["maximum"]) for one in inside)
        of_all = _share((mark["score"], paper["maximum"]) for mark in marks.values())
        topics: dict[str, list[str]] = {}
        for name, part in questions.items():
            topics.setdefault(part["topic"], []).append(name)
        return {
            "assessment": f"asm_{given['assessment'].hex}",
            "name": paper["name"],
            "maximum": str(paper["maximum"]),
            "partial": self._partial(given, "mark"),
            "entries": len(inside),
            "share": rounded(whole, 4),
            "courseShare": rounded(of_all, 4),
            "gap": rounded(None if whole is None or of_all is None else whole - of_all, 4),
            "questions": [
                {
                    "question": name,
                    "topic": part["topic"],
                    "maximum": str(part["maximum"]),
                    **_outcome({name}, inside, parts),
                }
                for name, part in questions.items()
            ],
            "topics": [
                {"topic": topic, "questions": names, **_outcome(set(names), inside, parts)}
                for topic, names in topics.items()
            ],
            "learners": [
                {
                    **self._name(one),
                    "score": str(marks[one]["score"]),
                    "share": rounded(_share([(marks[one]["score"], paper["maximum"])]), 4),
                    "cells": [rounded(_share(_scores(parts[one], {name})), 4) for name in questions],
                }
                for one in inside
            ],
        }


def _means(figures: Sequence[tuple[Any, Fraction | None, Fraction | None]]) -> dict[str, Any]:
    """Of points, what is above targets, and what is above other subjects."""
    found: dict[str, Any] = {}
    for place, (count, average) in enumerate((("learners", "mean"), ("aimed", "added"), ("compared", "residual"))):
        known = [one[place] for one in figures if one[place] is not None]
        found |= {count: len(known), average: rounded(mean(known), 2)}
    return found


def _in_order(learners: Sequence[UUID], parts: Mapping[UUID, Sequence[Values]]) -> list[tuple[Any, Values]]:
    """As on the paper; where papers differ, as on that of the last by name."""
    last = {(part["position"], part["question"]): part for one in learners for part in parts[one]}
    return sorted(last.items(), key=lambda one: one[0])


def _scores(parts: Iterable[Values], questions: set[str]) -> list[tuple[Decimal, Decimal]]:
    wanted = (part for part in parts if part["question"] in questions and part["score"] is not None)
    return [(part["score"], part["maximum"]) for part in wanted]


def _share(marks: Iterable[tuple[Decimal, Decimal]]) -> Fraction | None:
    some = list(marks)
    most = sum((Fraction(maximum) for _, maximum in some), Fraction(0))
    return sum((Fraction(score) for score, _ in some), Fraction(0)) / most if most else None


def _outcome(questions: set[str], inside: Sequence[UUID], parts: Mapping[UUID, Sequence[Values]]) -> dict[str, Any]:
    own = [scores for one in inside if (scores := _scores(parts[one], questions))]
    total = _share(score for scores in own for score in scores)
    every = _share(score for some in parts.values() for score in _scores(some, questions))
    bands = [0] * 5
    for scores in own:
        part = _share(scores)
        if part is not None:
            bands[4 if part >= 1 else int(part * 5)] += 1
    return {
        "entries": len(own),
        "share": rounded(total, 4),
        "exact": None if total is None else str(total),
        "courseShare": rounded(every, 4),
        "gap": rounded(None if total is None or every is None else total - every, 4),
        "bands": bands,
    }


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), UTC)
