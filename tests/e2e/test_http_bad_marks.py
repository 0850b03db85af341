"""Bad input over HTTP: each is a coded error that names its argument, never a 500, and nothing is written."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from server import tables
from tests.e2e.recording import PAPER, Mark, mark, record
from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Answer, Client, Server
from tests.worlds import World, insert_world, small_school


def refused(answer: Answer, code: str, path: list[str]) -> None:
    """One userError of that code at that path, and nothing else in the payload."""
    payload = answer.data["recordMarks"]
    [error] = payload.pop("userErrors")
    assert (error["code"], error["path"]) == (code, path)
    assert error["message"].endswith(".")
    assert payload == {
        "batch": None,
        "replayed": False,
        "wouldWrite": payload["wouldWrite"],
        "marks": [],
        "grades": [],
        "conflicting": [],
    }


# Marks, one fault each

FAULTS: dict[str, tuple[dict[str, Any], str, str | None]] = {
    # what is changed in a good mark; the code, and the argument that is named (None: the whole entry)
    "above the maximum": ({"score": "81"}, "MARK_ABOVE_MAXIMUM", "score"),
    "far above the maximum": ({"score": "999999999999"}, "MARK_ABOVE_MAXIMUM", "score"),
    "below zero": ({"score": "-1"}, "MARK_BELOW_ZERO", "score"),
    "half a mark where whole ones count": ({"score": "40.5"}, "MARK_STEP", "score"),
    "a thousandth": ({"score": "40.001"}, "MARK_STEP", "score"),
    "no score": ({"score": None}, "MARK_STATE", "score"),
    "a score with ABSENT": ({"state": "ABSENT"}, "MARK_STATE", "score"),
    "a score with NOT_ENTERED": ({"state": "NOT_ENTERED"}, "MARK_STATE", "score"),
    "attempt 0": ({"attempt": 0}, "BAD_ATTEMPT", "attempt"),
    "attempt 21": ({"attempt": 21}, "BAD_ATTEMPT", "attempt"),
    "attempt -1": ({"attempt": -1}, "BAD_ATTEMPT", "attempt"),
    "a version never seen": ({"expectedVersion": 7}, "VERSION_CONFLICT", "expectedVersion"),
    "version 0 where there is a mark": ({"expectedVersion": 0}, "VERSION_CONFLICT", "expectedVersion"),
    "a negative version": ({"expectedVersion": -1}, "VERSION_CONFLICT", "expectedVersion"),
    "an escape in a reason": ({"reason": "a\x1b[2J"}, "BAD_TEXT", "reason"),
    "a right-to-left override in a reason": ({"reason": "a\u202eb"}, "BAD_TEXT", "reason"),
    "a long reason": ({"reason": "a" * 501}, "BAD_TEXT", "reason"),
    "parts that add up to something else": (
        {"parts": [{"question": "1", "topic": "t", "maximum": "5", "score": "2"}]}, "MARK_PARTS", "parts",
    ),
    "a part above its maximum": (
        {"parts": [{"question": "1", "topic": "t", "maximum": "0.5", "score": "1"}]}, "MARK_PARTS", "parts",
    ),
    "a question twice": (
        {"parts": [{"question": "1", "topic": "t", "maximum": "5", "score": "0.5"}] * 2}, "MARK_PARTS", "parts",
    ),
    "a learner of another course's class": ({"assessment": "maths-11 paper 1"}, "NOT_FOUND", None),
    "a learner of a parallel class": ({"learner": "cat"}, "NOT_FOUND", None),
    "a learner who has left the class": ({"learner": "hal"}, "NOT_FOUND", None),
    "one's own child": ({"learner": "bob"}, "NOT_FOUND", None),
    "a restricted learner": ({"learner": "gus"}, "NOT_FOUND", None),
    "another course of the learner": ({"assessment": "english-10 paper 1"}, "NOT_FOUND", None),
}  # fmt: skip


def _faulty(world: World, change: dict[str, Any]) -> Mark:
    named = {name: change[name] for name in ("learner", "assessment") if name in change}
    good = mark(world, named.get("learner", "ann"), named.get("assessment", PAPER))
    return good | {name: value for name, value in change.items() if name not in named}


@pytest.mark.parametrize("mode", ["ATOMIC", "PER_ROW"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_mark_is_refused_by_name(teacher: Client, one_school: World, fault: str, mode: str) -> None:
    """The code, and the path of the argument, in both modes; a dry run says the same."""
    change, code, argument = FAULTS[fault]
    path = ["input", "marks", "0", *([argument] if argument else [])]
    for dry in (False, True):
        answer = record(teacher, _faulty(one_school, change), mode=mode, dryRun=dry)
        if code == "VERSION_CONFLICT":
            assert answer.data["recordMarks"].pop("conflicting") == [
                {"id": f"mrk_{one_school.year}_{one_school.ids['mark ann maths-10 1'].hex}", "version": 1}
            ]
            answer.data["recordMarks"]["conflicting"] = []
        refused(answer, code, path)


@pytest.mark.parametrize(
    "score",
    ["NaN", "Infinity", "-Infinity", "1e3", "١", "0x10", " 1", "1_0", "", "1.1234567", "9" * 13, 1, 1.5, True, [], {}],
)
def test_a_score_that_is_no_decimal_is_refused_before_anything_runs(
    teacher: Client, one_school: World, score: Any
) -> None:
    """As a variable and as a literal: BAD_USER_INPUT, which names score; there is no data."""
    answer = record(teacher, mark(one_school, score=score))
    assert answer.codes == ["BAD_USER_INPUT"]
    assert "score" in answer.body["errors"][0]["message"]
    assert "data" not in answer.body


def test_one_fault_among_good_rows_stops_all_of_them(teacher: Client, one_school: World) -> None:
    """ATOMIC, whichever place it stands at; every fault is told, by its position."""
    good = [mark(one_school, "ann"), mark(one_school, "eve"), mark(one_school, "ann", "maths-10 paper 2")]
    for place in range(4):
        rows = [*good[:place], mark(one_school, "eve", "maths-10 paper 2", score="81"), *good[place:]]
        refused(record(teacher, *rows), "MARK_ABOVE_MAXIMUM", ["input", "marks", str(place), "score"])
    answer = record(teacher, mark(one_school, "eve", score="81"), good[0], mark(one_school, "cat"))
    errors = answer.data["recordMarks"]["userErrors"]
    assert [(error["code"], error["path"]) for error in errors] == [
        ("MARK_ABOVE_MAXIMUM", ["input", "marks", "0", "score"]),
        ("NOT_FOUND", ["input", "marks", "2"]),
    ]


def test_a_mark_given_twice_is_refused_at_both_places(teacher: Client, one_school: World) -> None:
    """Which of them was meant nobody can know."""
    errors = record(teacher, mark(one_school), mark(one_school, score="2")).data["recordMarks"]["userErrors"]
    assert [(error["code"], error["path"]) for error in errors] == [
        ("DUPLICATE_ENTRY", ["input", "marks", "0"]),
        ("DUPLICATE_ENTRY", ["input", "marks", "1"]),
    ]


def test_a_learner_who_was_never_in_a_class_that_sat_the_assessment(
    server: Server, app_url: str, owner_url: str, today: date
) -> None:
    """Told by name to those alone who may write the learner's marks; to others there is no such row."""
    world = small_school(f"never enrolled {uuid4()}", today)
    world.add(
        tables.LearnerAssignmentRow,
        learner_assignment_id=world.new_id(),
        staff_id=world.ids["data-manager"],
        learner_id=world.ids["dan"],
        kind="ASSIGNED",
        source="manual",
        valid_from=world.days(-1),
        valid_to=world.days(1),
    )
    insert_world(app_url, world)
    before = snapshot(owner_url, world)
    manager = server.client(world, "data-manager")
    refused(record(manager, mark(world, "dan")), "NEVER_ENROLLED", ["input", "marks", "0", "learner"])
    refused(record(manager, mark(world, "ann")), "NOT_FOUND", ["input", "marks", "0"])
    refused(record(server.client(world, "teacher"), mark(world, "dan")), "NOT_FOUND", ["input", "marks", "0"])
    assert snapshot(owner_url, world) == before
    assert record(manager, mark(world, "dan", "maths-11 paper 1")).data["recordMarks"]["userErrors"] == []


def test_missing_other_and_foreign_rows_are_one_answer(teacher: Client, one_school: World, other_school: World) -> None:
    """Out of scope, unknown, and of another school: the same code, sentence and path."""
    unknown = uuid4().hex
    answers = [
        record(teacher, entry).data["recordMarks"]
        for entry in (
            mark(one_school, "cat"),
            mark(one_school, learner="ann") | {"learner": f"lrn_{unknown}"},
            mark(one_school) | {"assessment": f"asm_{unknown}"},
            mark(one_school) | {"learner": f"lrn_{other_school.ids['ann'].hex}"},
            mark(one_school) | {"assessment": f"asm_{other_school.ids[PAPER].hex}"},
            mark(other_school),
        )
    ]
    assert {str(answer) for answer in answers} == {str(answers[0])}
    assert answers[0]["userErrors"][0]["code"] == "NOT_FOUND"
