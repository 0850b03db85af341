"""How the history of one learner becomes another's, when both records were one child's; since version 0033.

Versions of marks, published reports and special-category values are nobody's to change, nor, some of them, to read. So one
function of the owner's moves them, for the application to call: in the school of the transaction, along a merge that is
written in learner_merge, and where the kept record holds nothing of its own in that place. What can't move stays with the
record that was merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from server.migrations.walls import SCHOOL

_ALONE: Final[dict[str, tuple[str, ...]]] = {
    "attendance": ("academic_year",),
    "course_comment": ("academic_year", "course_id", "window_id"),
    "grade": ("academic_year", "course_id", "window_id", "kind"),
    "learner_contact": (),
    "mark": ("academic_year", "assessment_id", "attempt"),
    "report": ("publication_id",),
    "target": ("academic_year", "course_id"),
    "teacher_estimate": ("academic_year", "course_id", "component_code"),
}
"""Tables of which the kept record may hold a row for the same place: by which columns places are told apart."""
_FOLLOWING: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "grade_version": ("grade", ("academic_year", "grade_id")),
    "mark_moderation": ("mark", ("academic_year", "mark_id")),
    "mark_part": ("mark", ("academic_year", "mark_id")),
    "mark_part_version": ("mark", ("academic_year", "mark_id")),
    "mark_version": ("mark", ("academic_year", "mark_id")),
    "report_line": ("report", ("report_id",)),
    "report_receipt": ("report", ("report_id",)),
    "target_version": ("target", ("academic_year", "target_id")),
}
"""Tables whose rows go where that other table's row went."""
_LASTING: Final = {"enrolment": "class_id", "guardian_link": "guardian_id", "tutor_membership": "tutor_group_id"}
"""Dated tables: a row that lasts stays where the kept record has one that lasts of the same class, guardian or group."""
_ALL: Final = (
    "behaviour_event", "forecast_confirmation", "learner_assignment", "learner_flag", "learner_special", "link_restriction",
)  # fmt: skip
_OBJECTIONS: Final = "client_opt_out"
"""Since version 0037. Of two that last and are to one program, the kept record's own is enough."""
MOVED: Final = (*_ALONE, *_FOLLOWING, *_LASTING, *_ALL, _OBJECTIONS)

_MERGED: Final = (
    f"EXISTS (SELECT 1 FROM usher.learner_merge m WHERE m.school_id = {SCHOOL} "
    "AND m.merged_id = merged AND m.kept_id = kept)"
)


def statements() -> Iterator[str]:
    yield f"CREATE {_taking_over(_updates())}"
    yield "REVOKE ALL ON FUNCTION usher.take_over(uuid, uuid) FROM PUBLIC"
    yield "GRANT EXECUTE ON FUNCTION usher.take_over(uuid, uuid) TO usher_app"


def with_objections() -> str:
    """The function since version 0037: whoever was left out of a program's data stays left out as the kept record."""
    lasts = f"{_rows(_OBJECTIONS, 'kept', ('program_id',))} AND o.ended_at IS NULL"
    objections = _update(_OBJECTIONS, f"(t.ended_at IS NOT NULL OR NOT EXISTS ({lasts}))")
    return f"CREATE OR REPLACE {_taking_over((*_updates(), objections))}"


def taken_numbers() -> Iterator[str]:
    """Which of these UPNs and MIS ids somebody of the school holds, also who was left out of a program's data.

    A program that sends such a number would meet the index otherwise, and be told by a defect of the whole call.
    """
    yield (
        "CREATE FUNCTION usher.taken_numbers(upns text[], mis_ids text[]) RETURNS SETOF text LANGUAGE sql STABLE\n"
        "SECURITY DEFINER SET search_path = pg_catalog\nBEGIN ATOMIC\n"
        f"    SELECT 'upn ' || l.upn FROM usher.learner l WHERE l.school_id = {SCHOOL} AND l.upn = ANY (upns)\n"
        f"    UNION ALL SELECT 'mis_id ' || l.mis_id FROM usher.learner l WHERE l.school_id = {SCHOOL} "
        "AND l.mis_id = ANY (mis_ids);\nEND"
    )
    yield "REVOKE ALL ON FUNCTION usher.taken_numbers(text[], text[]) FROM PUBLIC"
    yield "GRANT EXECUTE ON FUNCTION usher.taken_numbers(text[], text[]) TO usher_app"


def _taking_over(updates: Iterable[str]) -> str:
    body = "\n".join(f"    {one};" for one in updates)
    return (
        "FUNCTION usher.take_over(merged uuid, kept uuid) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER\n"
        f"SET search_path = pg_catalog\nBEGIN ATOMIC\n{body}\nEND"
    )


def _updates() -> Iterator[str]:
    for table, place in _ALONE.items():
        yield _update(table, f"NOT EXISTS ({_rows(table, 'kept', place)})")
    for table, (leading, key) in _FOLLOWING.items():
        yield _update(table, f"EXISTS ({_rows(leading, 'kept', key)})")
    for table, group in _LASTING.items():
        lasts = f"{_rows(table, 'kept', (group,))} AND o.valid_to IS NULL"
        yield _update(table, f"(t.valid_to IS NOT NULL OR NOT EXISTS ({lasts}))")
    for table in _ALL:
        yield _update(table, "true")


def _update(table: str, condition: str) -> str:
    return (
        f"UPDATE usher.{table} AS t SET learner_id = kept "
        f"WHERE t.school_id = {SCHOOL} AND t.learner_id = merged AND {condition} AND {_MERGED}"
    )


def _rows(table: str, learner: str, columns: tuple[str, ...]) -> str:
    same = "".join(f" AND o.{column} = t.{column}" for column in columns)
    return f"SELECT 1 FROM usher.{table} o WHERE o.school_id = {SCHOOL} AND o.learner_id = {learner}{same}"
