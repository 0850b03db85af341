"""The school itself, its tutor groups, courses, classes, windows and assessments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from server.commands.rosters.faults import BAD_VALUE, CONFLICT, OUT_OF_RANGE, UNKNOWN_REFERENCE
from server.exchange.merging import Merge
from server.exchange.records import Record
from server.exchange.specifications import Components, Qualification, components, qualifications

_ONE_SCHOOL = "The sheet School must have exactly one row."


def merge_school(merge: Merge, records: list[Record]) -> None:
    if len(records) != 1:
        merge.problems.add(BAD_VALUE, _ONE_SCHOOL, "School", None)
        return
    record = records[0]
    [stored] = merge.select("school", "name", "urn", "laestab", "academic_year", "suppression_threshold")
    # A blank threshold leaves the school's own.
    threshold = record["suppression_threshold"] or stored[4]
    row = (record["name"], record["urn"], record["laestab"], record["academic_year"], threshold)
    if row != stored:
        columns = ("name", "urn", "laestab", "academic_year", "suppression_threshold")
        changed = {"school_id": merge.school_id, **dict(zip(columns, row, strict=True))}
        merge.update("school", ("school_id",), [changed])
    if record["name"] != stored[0]:
        merge.connection.execute(
            "UPDATE usher.login_identity SET school_name = %s WHERE school_id = %s", [record["name"], merge.school_id]
        )


def merge_tutor_groups(merge: Merge, records: list[Record]) -> None:
    rows = [{name: record[name] for name in ("academic_year", "name", "year_group")} for record in records]
    merge.entities("tutor_group", "tutor_group_id", ("academic_year", "name"), rows)


def merge_courses(merge: Merge, records: list[Record]) -> None:
    known = qualifications(merge.connection)
    stored = {row[0]: row[1:] for row in merge.select("course", "course_id", "specification_id", "boundary_set_id")}
    rows: list[dict[str, Any]] = []
    for record in records:
        found = _qualification(merge, record, known)
        if found is None:
            continue
        course_id = merge.ids["course"].get((record["academic_year"], record["name"]))
        before = stored.get(course_id, (None, None)) if course_id else (None, None)
        if before[0] is not None and found.specification_id is None:
            message = "The course has a specification, which grades were computed by: name it, or make another course."
            merge.problems.add(CONFLICT, message, record.sheet, record.row, "Specification")
            continue
        if course_id is not None and before != (found.specification_id, found.boundary_set_id):
            merge.regraded.add(course_id)
        rows.append(
            {
                "academic_year": record["academic_year"],
                "name": record["name"],
                **{name: record[name] for name in ("subject", "department", "year_group")},
                "specification_id": found.specification_id,
                "boundary_set_id": found.boundary_set_id,
            }
        )
    merge.entities("course", "course_id", ("academic_year", "name"), rows)


def _qualification(merge: Merge, record: Record, known: dict[tuple[str, str], Qualification]) -> Qualification | None:
    """What the course is graded by: nothing where the file names nothing. None after a fault."""
    specification, series = record["specification"], record["series"]
    if specification is None and series is None:
        return Qualification(None, None)
    found = known.get((specification or "", series or ""))
    if found is None:
        message = "No boundaries of this specification and series are stored: import their pack, or correct both."
        merge.problems.add(UNKNOWN_REFERENCE, message, record.sheet, record.row, "Specification")
    return found


def merge_classes(merge: Merge, records: list[Record]) -> None:
    """A file without the column `Reveals` leaves what a class tells as it is stored."""
    rows: list[dict[str, Any]] = []
    for record in records:
        course = merge.find("course", (record["academic_year"], record["course"]), record, "Course")
        if course is not None:
            told = {"reveals": record["reveals"]} if "reveals" in record.values else {}
            rows.append({"academic_year": record["academic_year"], "name": record["name"], "course_id": course, **told})
    merge.entities("class", "class_id", ("academic_year", "name"), rows)


def merge_windows(merge: Merge, records: list[Record]) -> None:
    """A stored window keeps its dates: marks and reports hang on them."""
    columns = ("academic_year", "name", "starts_on", "ends_on")
    stored = {row[:2]: row for row in merge.select("assessment_window", *columns)}
    rows: list[dict[str, Any]] = []
    for record in records:
        row = {name: record[name] for name in columns}
        if record["ends_on"] < record["starts_on"]:
            message = "The window ends before it starts: correct one of the dates."
            merge.problems.add(OUT_OF_RANGE, message, record.sheet, record.row, "Ends on")
        elif stored.get((row["academic_year"], row["name"]), tuple(row.values())) != tuple(row.values()):
            message = "The window is stored with other dates, which can't change: give another name."
            merge.problems.add(CONFLICT, message, record.sheet, record.row, "Starts on")
        else:
            rows.append(row)
    merge.entities("assessment_window", "window_id", ("academic_year", "name"), rows)


def merge_assessments(merge: Merge, records: list[Record]) -> None:
    courses = {row[0]: row[1] for row in merge.select("course", "course_id", "specification_id")}
    parts = components(merge.connection, {value for value in courses.values() if value is not None})
    rows: list[dict[str, Any]] = []
    sat: list[tuple[tuple[UUID, UUID, str], list[UUID]]] = []
    by_course = _classes_by_course(merge)
    marked = _marked_papers(merge, records)
    for record in records:
        year = record["academic_year"]
        course = merge.find("course", (year, record["course"]), record, "Course")
        window = merge.find("assessment_window", (year, record["window"]), record, "Window")
        if course is None or window is None or not _fits(merge, record, parts.get(courses[course])):
            continue
        if marked.get((course, window, record["component"]), _paper(record)) != _paper(record):
            message = "The assessment has marks, so that its maximum and step can't change: add another one."
            merge.problems.add(CONFLICT, message, record.sheet, record.row, "Maximum")
            continue
        classes = _classes(merge, record, by_course.get(course, {}))
        rows.append(
            {
                "academic_year": year,
                "course_id": course,
                "window_id": window,
                "component_code": record["component"],
                **{name: record[name] for name in ("name", "maximum", "step", "held_on")},
            }
        )
        sat.append(((course, window, record["component"]), classes))
    merge.entities("assessment", "assessment_id", ("course_id", "window_id", "component_code"), rows)
    wanted = {(merge.ids["assessment"][key], each) for key, classes in sat for each in classes}
    wanted -= {(row[0], row[1]) for row in merge.select("assessment_class", "assessment_id", "class_id")}
    merge.insert("assessment_class", [{"assessment_id": a, "class_id": c} for a, c in sorted(wanted)])


def _paper(record: Record) -> tuple[Decimal, Decimal]:
    return record["maximum"], record["step"]


def _marked_papers(merge: Merge, records: list[Record]) -> dict[tuple[UUID, UUID, str], tuple[Decimal, Decimal]]:
    """Maximum and step of the stored assessments that have marks already."""
    if not records or not merge.ids["assessment"]:
        return {}
    with_marks = {
        row[0]
        for row in merge.connection.execute(
            "SELECT DISTINCT assessment_id FROM usher.mark WHERE school_id = %s", [merge.school_id]
        )
    }
    papers = {row[0]: row[1:] for row in merge.select("assessment", "assessment_id", "maximum", "step")}
    return {key: papers[i] for key, i in merge.ids["assessment"].items() if i in with_marks}


def _classes_by_course(merge: Merge) -> dict[UUID, dict[str, UUID]]:
    found: dict[UUID, dict[str, UUID]] = {}
    for class_id, course_id, name in merge.select("class", "class_id", "course_id", "name"):
        found.setdefault(course_id, {})[name] = class_id
    return found


def _classes(merge: Merge, record: Record, of_course: dict[str, UUID]) -> list[UUID]:
    """The classes that sit an assessment: those named, or every class of the course."""
    named = record["classes"]
    if named is None:
        return list(of_course.values())
    if any(name not in of_course for name in named):
        message = "Classes names a class that does not follow the course: correct it."
        merge.problems.add(UNKNOWN_REFERENCE, message, record.sheet, record.row, "Classes")
        return []
    return [of_course[name] for name in named]


def _fits(merge: Merge, record: Record, parts: Components | None) -> bool:
    """Whether maximum and step can be, and are the specification's where the course has one."""
    maximum, step = record["maximum"], record["step"]
    if step <= 0 or maximum % step:
        message = "Step must be above 0 and divide the maximum: correct one of them."
        merge.problems.add(OUT_OF_RANGE, message, record.sheet, record.row, "Step")
        return False
    if parts is None:
        return True
    part = parts.get(record["component"])
    if part is None:
        message = "The specification has no component of this code: give the component's own code."
        merge.problems.add(UNKNOWN_REFERENCE, message, record.sheet, record.row, "Component")
        return False
    if Decimal(maximum) != part.maximum or step % part.step:
        message = "Maximum and step must be those of the specification's component: correct them."
        merge.problems.add(OUT_OF_RANGE, message, record.sheet, record.row, "Maximum")
        return False
    return True
