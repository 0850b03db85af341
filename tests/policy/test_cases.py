"""Every policy case, over HTTP with a token, asked four ways that must agree; and cases made wrong, which must fail."""

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
import yaml

from server.policies.planner import Reason
from tests.e2e.serving import Server
from tests.policy.asking import Asker
from tests.policy.audit_log import AuditLog
from tests.policy.cases import Case, case_files, every_case, load, make_case
from tests.policy.judging import findings
from tests.policy.subjects import FIELDS
from tests.worlds import World

CASES = every_case()
School = Callable[[int], World]


@pytest.mark.parametrize("case", CASES, ids=[case.source for case in CASES])
def test_decision(case: Case, school: School, server: Server, audit_log: AuditLog) -> None:
    """Read, list, count and node say what the case says, and the audit log keeps what it names."""
    world = school(case.smallest_figure)
    said = Asker(world, server, audit_log, case).every_way()
    found = findings(world, case, said)
    assert not found, "\n".join([case.says, *found])


NEEDS: dict[str, Any] = {
    "says": "A class teacher in training reads the provision of a learner she teaches now.",
    "who": "english",
    "what": "sen_provision",
    "of": "ann",
    "outcome": "visible",
    "list": ["ann", "cat"],
    "audit": {"sen_provision": ["ann"]},
    "partial": True,
}
MARK: dict[str, Any] = {
    "says": "A class teacher reads marks in the course that he teaches.",
    "who": "teacher",
    "what": "mark",
    "of": "ann",
    "in": "maths-10",
    "outcome": "visible",
    "list": ["ann", "eve"],
    "audit": "none",
}
REPORT: dict[str, Any] = MARK | {"who": "pat", "what": "grade", "from": "report", "list": ["ann"]}
STAFF: dict[str, Any] = {
    "says": "A member of staff reads their own contact details.",
    "who": "teacher",
    "what": "staff_contact",
    "of": "teacher",
    "outcome": "visible",
    "list": ["teacher"],
    "audit": "none",
}


def _found(row: dict[str, Any], school: School, server: Server, audit_log: AuditLog) -> list[str]:
    case, world = make_case(row, "a control"), school(1)
    return findings(world, case, Asker(world, server, audit_log, case).every_way())


@pytest.mark.parametrize("row", [NEEDS, MARK, REPORT, STAFF], ids=["needs", "mark", "report", "staff"])
def test_the_controls_are_right_as_they_stand(
    row: dict[str, Any], school: School, server: Server, audit_log: AuditLog
) -> None:
    """So that what fails below fails for what was changed."""
    assert _found(row, school, server, audit_log) == []


WRONG: list[tuple[dict[str, Any], dict[str, Any], set[str]]] = [
    # (a right case, what is wrong in it, the ways that must notice)
    (NEEDS, {"outcome": "OUT_OF_SCOPE"}, {"Read", "List", "Node"}),
    (NEEDS, {"outcome": "absent"}, {"Read", "List", "Node"}),
    (NEEDS, {"of": "dan"}, {"Read", "List", "Node"}),
    (NEEDS, {"of": "dan", "outcome": "NOT_PERMITTED", "audit": "none"}, {"Read", "List", "Filtered", "Node"}),
    (NEEDS, {"list": ["ann"]}, {"List"}),
    (NEEDS, {"list": ["ann", "cat", "dan"]}, {"List"}),
    (NEEDS, {"known": ["ann", "cat"]}, {"List"}),
    (NEEDS, {"audit": "none"}, {"Read", "Node", "List", "Filtered"}),
    (NEEDS, {"audit": {"sen_provision": ["ann", "cat"]}}, {"Read", "Node"}),
    (NEEDS, {"audit": {"sen_needs": ["ann"]}}, {"Read", "Node", "List", "Filtered"}),
    (NEEDS, {"list_audit": {"sen_provision": ["ann"]}}, {"List"}),
    (NEEDS, {"list_audit": "none"}, {"List", "Filtered"}),
    (NEEDS, {"filter": "forbidden"}, {"Filtered"}),
    (NEEDS, {"counted": False}, {"List", "Total", "Filtered"}),
    (NEEDS, {"partial": False}, {"Filtered"}),
    (NEEDS, {"who": "teacher"}, {"Read", "List", "Node", "Filtered"}),
    (NEEDS, {"outcome": "turned_away"}, {"Read", "List", "Total", "Filtered", "Node"}),
    (MARK, {"in": "english-10"}, {"Read", "List", "Node"}),
    (MARK, {"list": ["ann", "bob", "eve"]}, {"List"}),
    (MARK, {"counted": False}, {"Read", "Total", "Filtered"}),
    (MARK, {"audit": {"mark": ["ann"]}}, {"Read", "List", "Node"}),
    (MARK, {"of": "bob"}, {"Read", "List", "Node"}),
    (REPORT, {"of": "cat"}, {"Read", "List", "Node"}),
    (REPORT, {"outcome": "silent"}, {"Read", "List", "Node"}),
    (STAFF, {"of": "head"}, {"Read", "List", "Node"}),
    (STAFF, {"list": "everybody"}, {"List"}),
]


@pytest.mark.parametrize(("row", "wrong", "ways"), WRONG)
def test_a_wrong_case_fails(
    row: dict[str, Any], wrong: dict[str, Any], ways: set[str], school: School, server: Server, audit_log: AuditLog
) -> None:
    """Each way that could notice does, and no other says a word."""
    found = _found(row | wrong, school, server, audit_log)
    assert {finding.split(":")[0] for finding in found} == ways, found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("outcome: visible", "outcome: VISIBLE"),
        ("audit: none", "audit: nobody"),
        ("    list: ", "    lists: "),
        ("    of: ann\n", ""),
        ("says: A", "says: a"),
        ("theme: ", "title: "),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Any, old: str, new: str) -> None:
    """A misspelt word is no case that is silently not asked."""
    text = next(path for path in case_files() if path.stem == "marks").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "cases.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(jsonschema_rs.ValidationError):
        load(path)


def test_the_cases_are_many_and_speak_of_everything() -> None:
    """Every outcome and reason, every element that a field shows, every capacity, and no sentence twice in a file."""
    assert len(CASES) >= 60
    wanted = {"visible", "silent", "absent", "allowed", "refused", "turned_away", *Reason}
    assert wanted - {case.outcome for case in CASES} == {"NOT_PUBLISHED"}, "no field shows an element that is released"
    assert set(FIELDS) - {case.what for case in CASES} == set()
    for path in case_files():
        said = [case["says"] for case in yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]]
        assert len(said) == len(set(said)), path.name
