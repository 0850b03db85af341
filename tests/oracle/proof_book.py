"""A rule book in which every relation decides about an element of its own, so that a wrong relation shows."""

from __future__ import annotations

from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import starting_book

# Relation -> the element that only it opens for class teachers.
OPENS = {
    "own": "staff_contact",
    "taught": "gender",
    "taught_before": "age",
    "taught_next": "date_of_birth",
    "pastoral": "identifier",
    "department": "learner_address",
    "caseload": "first_language",
    "assigned": "attendance",
    "taught_course": "mark",
    "department_course": "grade",
    "child": "learner_contact",
}
# Relation -> the element that everybody on the staff reads, except of such learners.
CLOSES = {
    "protected": "education",
    "restricted": "behaviour",
    "opted_out": "guardian_contact",
    "left": "parent_link",
    "self_family": "guardian_name",
}
BASE = ("school_structure", "reference", "name", "groups", "staff_name")
# Elements of which counts may be told; there is none for attendance and for grades of reports alone.
COUNTED = ("name", "mark", "groups", "grade", "target", "comment", "gender")


def proof_book(hidden: str | None = None) -> RuleBook:
    """Every read is logged, so that the audit shows what was told, too.

    With `hidden`, nobody on the staff reads that element of learners they teach.
    """
    shipped = starting_book()
    rules = [_read(f"b-{element}", "staff", element, "school") for element in (*BASE, *CLOSES.values())]
    rules += [_read(f"o-{scope}", "staff", element, scope) for scope, element in OPENS.items()]
    rules += [Rule(f"d-{scope}", "staff", element, "read", scope, effect="deny") for scope, element in CLOSES.items()]
    rules += [Rule(f"c-{element}", "staff", element, "count", "school") for element in COUNTED]
    rules.append(_read("o-published", "staff", "comment", "child&published"))
    # Wider than the guardrails, which open a certificate to oneself alone.
    rules.append(_read("w-training", "staff", "training_record", "school"))
    if hidden is not None:
        rules.append(Rule("h", "staff", hidden, "read", "taught", effect="deny"))
    rules.append(_read("s-ethnicity", "staff", "ethnicity", "taught", "trained:equality"))
    rules.append(_read("s-needs", "staff", "sen_needs", "school", "trained:sen", "reason"))
    rules.append(_read("p-child", "parent", "grade", "child&published"))
    rules.append(_read("p-name", "parent", "name", "child"))
    rules.append(_read("p-groups", "parent", "groups", "child"))
    rules.append(_read("p-guardian", "parent", "guardian_name", "own"))
    rules.append(_read("p-structure", "parent", "school_structure", "own"))
    rules.append(_read("l-structure", "learner", "school_structure", "own"))
    rules.append(_read("l-name", "learner", "name", "own"))
    return RuleBook(tuple(rules), shipped.role_groups, shipped.element_groups).checked()


def _read(rule_id: str, role: str, element: str, scope: str, *conditions: str) -> Rule:
    return Rule(rule_id, role, element, "read", scope, tuple(conditions), ("log",))
