"""Drafts and what is said about them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from server.policies.reach import reaches
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.rule_checks import rule_findings
from server.policies.sentence import sentence
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.validate import validate, validate_csv
from tests.properties.policies.books import books


def _said(*rules: Rule) -> set[tuple[str, str]]:
    """What validation says of the starting book with these rules added."""
    book = starting_book()
    findings = validate(replace(book, rules=(*book.rules, *rules)), shipped_ceiling())
    return {(found.rule_id, found.code) for found in findings}


def _sentence(rule: Rule) -> str:
    book = starting_book()
    findings = validate(replace(book, rules=(*book.rules, rule)), shipped_ceiling())
    return next(found.sentence for found in findings if found.rule_id == rule.id)


def test_the_starting_book_is_in_order() -> None:
    """Nothing in it is disarmed, dead, doubled or shadowed, and nobody is locked out."""
    assert validate(starting_book(), shipped_ceiling()) == []


def test_the_guardrails_speak_of_rows_that_exist() -> None:
    """Each guardrail by itself is usable; they deny nothing but what a wall of the database repeats."""
    book = shipped_ceiling().book
    found = [finding for reach in reaches(book) for finding in rule_findings(reach)]
    assert {finding.code for finding in found} == {"ceiling_alone"}
    denied = {(rule.role, rule.scope) for rule in book.rules if rule.effect == "deny"}
    assert denied == {("mis_client", "opted_out")}


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (Rule("x", "class_teacher", "ethnicity", "read", "taught"), "ceiling_condition"),
        (Rule("x", "class_teacher", "ethnicity", "read", "taught", ("trained:sen",)), "ceiling_condition"),
        (Rule("x", "parent", "behaviour", "read", "school"), "ceiling_scope"),
        (Rule("x", "parent", "mark", "read", "child"), "ceiling_scope"),
        (Rule("x", "tutor", "exam_result", "read", "pastoral"), "ceiling_scope"),
        (Rule("x", "parent", "date_of_birth", "read", "child"), "ceiling_closed"),
        (Rule("x", "parent", "name", "write", "child"), "ceiling_closed"),
        (Rule("x", "mis_client", "medical", "read", "school", ("grant",)), "ceiling_closed"),
        (Rule("x", "mis_client", "gender", "export", "school", ("grant",)), "ceiling_closed"),
        (Rule("x", "vendor_support", "gender", "read", "school"), "ceiling_condition"),
        (Rule("x", "vendor_support", "mark", "write", "assigned", ("grant",)), "ceiling_closed"),
        (Rule("x", "governor", "mark", "read", "school"), "ceiling_closed"),
        (Rule("x", "tutor", "photo", "read", "school", (), ("log", "notify")), "notify_without_glass"),
        (Rule("x", "tutor", "photo", "read", "school", ("reason",), ("notify",), "deny"), "notify_without_glass"),
        (Rule("x", "tutor", "photo", "read", "pastoral", ("grant",)), "never_holds"),
        (Rule("x", "tutor", "photo", "read", "pastoral", ("scope:gradebook",)), "never_holds"),
        (Rule("x", "external_reviewer", "name", "read", "school", ("grant", "scope:roster-core")), "never_holds"),
        (Rule("x", "parent", "name", "read", "child", ("trained:sen",)), "never_holds"),
        (Rule("x", "learner", "name", "read", "own", ("supervised",)), "never_holds"),
        (Rule("x", "mis_client", "name", "read", "school", ("grant", "break_glass"), (), "deny"), "never_holds"),
        (Rule("x", "vendor_support", "name", "read", "school", ("grant", "scope:roster-core")), "never_holds"),
        (Rule("x", "tutor", "photo", "read", "pastoral", ("purpose:teaching", "purpose:analysis")), "never_holds"),
        (Rule("x", "dpo", "policy", "write", "school"), "ceiling_alone"),
        (Rule("x", "staff", "administration", "read", "own"), "empty_group"),
        (Rule("x", "tutor", "mark", "read", "protected"), "deny_only_scope"),
        (Rule("x", "tutor", "mark", "read", "taught"), "scope_not_usable"),
        (Rule("x", "tutor", "gender", "read", "taught_course"), "scope_not_usable"),
        (Rule("x", "tutor", "staff_contact", "read", "pastoral"), "scope_not_usable"),
        (Rule("x", "tutor", "contact", "read", "pastoral"), "scope_not_usable"),
        (Rule("x", "tutor", "structure", "read", "protected", effect="deny"), "scope_not_usable"),
        (Rule("x", "tutor", "mark", "write", "school"), "attainment_write"),
        (Rule("x", "data_manager", "attainment", "write", "pastoral"), "attainment_write"),
        (Rule("x", "tutor", "gender", "read", "pastoral"), "duplicate"),
        (Rule("x", "tutor", "gender", "read", "pastoral", ("reason",)), "dead_rule"),
        (Rule("x", "tutor", "name", "read", "pastoral"), "dead_rule"),
        (Rule("x", "learner", "photo", "read", "own", effect="deny"), "dead_rule"),
        (Rule("x", "mis_client", "mark", "write", "school"), "ceiling_closed"),
    ],
)
def test_a_rule_that_promises_too_much_is_named(rule: Rule, code: str) -> None:
    """Each kind of mistake has its code, and stands at the rule."""
    assert ("x", code) in _said(rule)


@pytest.mark.parametrize(
    ("role", "conditions"),
    [
        ("staff", ("supervised", "break_glass", "trained:sen")),
        ("external_reviewer", ("grant", "hours", "reason")),
        ("trainee", ("supervised", "trained:sen")),
        ("mis_client", ("grant", "scope:gradebook", "reason")),
        ("auditor", ("grant", "purpose:teaching")),
        ("parent", ("reason", "hours", "purpose:teaching")),
    ],
)
def test_conditions_that_can_hold_are_no_finding(role: str, conditions: tuple[str, ...]) -> None:
    """Of a group it is enough that they can for one of its roles."""
    rule = Rule("x", role, "name", "read", "school", conditions, (), "deny")
    assert ("x", "never_holds") not in _said(rule)


def test_a_condition_that_never_holds_is_named() -> None:
    """With the role for which it can't."""
    rule = Rule("x", "parent", "name", "read", "child", ("reason", "trained:sen"))
    said = [one.sentence for one in validate(RuleBook((rule,)), shipped_ceiling()) if one.code == "never_holds"]
    assert said == ["trained:sen never holds for parents: leave it out, or remove the rule"]


def test_officers_are_promised_what_breaking_the_glass_does() -> None:
    """The one notice there is comes with the glass: a rule under it may say so, in those words."""
    rule = Rule("x", "tutor", "photo", "read", "school", ("break_glass", "reason"), ("log", "notify"))
    assert "notify_without_glass" not in {code for _, code in _said(rule)}
    assert sentence(rule).endswith("; every read is logged and the officers are told at once when the glass is broken.")


def test_a_denial_that_swallows_a_permission_is_named() -> None:
    """The permission is told, with the rule that blocks it."""
    said = _said(Rule("x", "staff", "gender", "read", "school", effect="deny"))
    assert ("r116", "shadowed_rule") in said


def test_sentences_say_what_is_missing() -> None:
    """The officer reads the certificate and the wider scope by name."""
    assert "needs the condition trained:equality" in _sentence(Rule("x", "tutor", "ethnicity", "read", "pastoral"))
    assert "scope school is wider than child" in _sentence(Rule("x", "parent", "behaviour", "read", "school"))


@pytest.mark.parametrize("rule_id", ["r802", "r807", "r646", "r821"])
def test_nobody_is_locked_out(rule_id: str) -> None:
    """A draft without the only way to put things right is refused."""
    book = starting_book()
    draft = replace(book, rules=tuple(rule for rule in book.rules if rule.id != rule_id))
    assert {(found.rule_id, found.code) for found in validate(draft, shipped_ceiling())} == {("book", "lock_out")}


def test_an_unreadable_file_gives_findings_too() -> None:
    """Short rows and unknown words come back as findings, not as an exception."""
    findings = validate_csv("p, r1, tutor\np, r2", shipped_ceiling())
    assert [(found.rule_id, found.code) for found in findings] == [("line 1", "short_row"), ("line 2", "short_row")]
    unknown = validate(RuleBook((Rule("r1", "tutor", "marks", "read", "own", effect="Allow"),)), shipped_ceiling())
    assert {found.code for found in unknown} == {"unknown_element", "unknown_effect"}


@settings(max_examples=60)
@given(books())
def test_any_draft_can_be_validated(book: RuleBook) -> None:
    """Whatever is drafted, validation answers, and every finding has a sentence."""
    for found in validate(book, shipped_ceiling()):
        assert found.sentence.isprintable()
        assert found.code
