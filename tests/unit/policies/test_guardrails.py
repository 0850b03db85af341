"""The ceiling against the most generous book there could be: what stays closed whatever a school writes."""

from functools import cache
from itertools import product

import pytest

from server.policies.applicability import COURSE_ELEMENTS
from server.policies.ceiling import Ceiling
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import guardrails_model_text, shipped_ceiling, starting_book
from server.policies.vocabulary import ACTIONS, CLIENT_SCOPES, ROLES, SCOPES, Capacity, relations, scope_facts
from server.register.elements import ELEMENTS

ALL_FACTS = frozenset(
    {"reason", "grant", "break_glass", "supervised", "hours", "trained:sen", "trained:welfare", "trained:equality"}
    | {"trained:safeguarding"}
)
ALL_CLIENT_SCOPES = scope_facts(CLIENT_SCOPES)
GUARDED = [name for name, element in ELEMENTS.items() if element.guarded]


@cache
def _generous() -> Planner:
    """A school that allows everybody everything, and a ceiling that does not."""
    everything = product(ROLES, ACTIONS, ELEMENTS)
    rules = [
        Rule(f"r{number}", role, element, action, "school") for number, (role, action, element) in enumerate(everything)
    ]
    return Planner(RuleBook(tuple(rules)), shipped_ceiling())


def _who(role: str, facts: frozenset[str] = frozenset()) -> Profile:
    return Profile(ROLES[role], frozenset({role}), facts)


@pytest.mark.parametrize("element", GUARDED)
@pytest.mark.parametrize("action", ["read", "write", "export"])
def test_g1_no_special_category_without_its_own_certificate(element: str, action: str) -> None:
    """Every other fact together unlocks nothing, for no role of staff, the glass broken or not."""
    needed = f"trained:{ELEMENTS[element].training}"
    for role, capacity in ROLES.items():
        if capacity == Capacity.STAFF:
            assert _generous().plan(_who(role, ALL_FACTS - {needed}), element, action).nothing
    assert not _generous().plan(_who("head", frozenset({needed})), element, action).nothing


@pytest.mark.parametrize(("role", "own"), [("parent", "child"), ("learner", "own")])
def test_g2_g3_attainment_only_as_published(role: str, own: str) -> None:
    """No relation but the joined one opens attainment, and nobody in the app reads a date of birth or a need."""
    for element in ELEMENTS:
        plan = _generous().plan(_who(role), element, "read")
        if element in COURSE_ELEMENTS:
            assert plan.gates[0].allow <= {f"{own}&published"}
        else:
            assert plan.gates[0].allow <= {own, "own", f"{own}&published"} or element == "reference"
    for element in ("date_of_birth", "forecast", *GUARDED):
        assert _generous().plan(_who(role), element, "read").nothing


@pytest.mark.parametrize(("role", "element"), [("parent", "guardian_contact"), ("learner", "learner_contact")])
def test_g2_g3_the_app_changes_only_own_contact(role: str, element: str) -> None:
    """Every write, export and count but that one is closed."""
    open_uses = {
        (name, action)
        for name in ELEMENTS
        for action in ACTIONS
        if action != "read" and not _generous().plan(_who(role), name, action).nothing
    }
    assert open_uses == {(element, "write")}


def test_g4_mis_clients_need_grant_and_scope() -> None:
    """Without the grant nothing; with it and no scope only the structure; special category never to read."""
    for element in ELEMENTS:
        for action in ACTIONS:
            assert _generous().plan(_who("mis_client", ALL_CLIENT_SCOPES), element, action).nothing
            granted = _generous().plan(_who("mis_client", frozenset({"grant"})), element, action)
            assert granted.nothing or (element, action) in {("school_structure", "read"), ("reference", "read")}
    everything = _who("mis_client", ALL_CLIENT_SCOPES | {"grant"})
    for element in GUARDED:
        assert _generous().plan(everything, element, "read").nothing
        assert _generous().plan(everything, element, "write").nothing == (element == "safeguarding")
    only = _who("mis_client", ALL_CLIENT_SCOPES - {"scope:special-write"} | {"grant"})
    assert _generous().plan(only, "medical", "write").nothing


def test_g5_support_reads_personal_data_under_a_grant() -> None:
    """Nothing without it but asking for it, never a write, never special category."""
    for action in ("read", "write"):
        asking = _generous().plan(_who("vendor_support", frozenset({"grant"})), "client_grant", action)
        assert not asking.visible(relations())
    for element in set(ELEMENTS) - {"client_grant"}:
        for action in ACTIONS:
            assert _generous().plan(_who("vendor_support"), element, action).nothing
            if action != "read" or element in GUARDED:
                assert _generous().plan(_who("vendor_support", frozenset({"grant"})), element, action).nothing


def test_g6_figures_are_suppressed() -> None:
    """Each count of personal data, and each export, carries the duty, whatever the school's rows say."""
    for role in ROLES:
        for element in set(ELEMENTS) - {"school_structure", "reference", "audit"}:
            for action in ("count", "export"):
                plan = _generous().plan(_who(role, ALL_FACTS), element, action)
                assert plan.nothing or "suppress" in plan.duties or element == "policy"


def test_g8_the_rule_book_is_governed_by_the_ceiling_alone() -> None:
    """A school's rows neither give nor take the right to draft and to approve."""
    silent = Planner(RuleBook(()), shipped_ceiling())
    denying = Planner(
        RuleBook(tuple(Rule(f"d.{action}", "dpo", "policy", action, "school", effect="deny") for action in ACTIONS)),
        shipped_ceiling(),
    )
    able = {
        (role, action)
        for role in ROLES
        for action in ACTIONS
        if _generous().plan(_who(role, ALL_FACTS), "policy", action).visible(relations())
    }
    assert able == {
        ("dpo", "read"), ("dpo", "write"), ("policy_approver", "read"), ("policy_approver", "export"), ("auditor", "read")
    }  # fmt: skip
    for planner in (silent, denying):
        assert {
            (role, action)
            for role in ROLES
            for action in ACTIONS
            if planner.plan(_who(role, ALL_FACTS), "policy", action).visible(relations())
        } == able


def test_results_wait_for_their_release() -> None:
    """Before it, only the head and the examinations officer read them."""
    early = {
        role for role in ROLES if _generous().plan(_who(role, ALL_FACTS), "exam_result", "read").visible(relations())
    }
    assert early == {"head", "exams_officer"}


def test_attainment_is_written_by_those_who_teach_lead_or_are_assigned() -> None:
    """No scope but these three opens a write of attainment, for any role."""
    for role in ROLES:
        for element in COURSE_ELEMENTS:
            gate = _generous().plan(_who(role, ALL_FACTS | ALL_CLIENT_SCOPES), element, "write").gates[0]
            assert gate.allow <= {"taught_course", "department_course", "assigned"}


def test_an_empty_file_allows_nothing() -> None:
    """The starting book under no guardrails decides nothing, for anyone, on any row."""
    planner = Planner(starting_book(), Ceiling(RuleBook.from_csv("# nothing\n"), guardrails_model_text()))
    row = relations(SCOPES)
    for role in ROLES:
        for element in ELEMENTS:
            plan = planner.plan(_who(role, ALL_FACTS), element, "read")
            assert plan.nothing
            assert not plan.visible(row)


def test_the_hash_covers_model_and_rows() -> None:
    """What is logged at start changes with any row."""
    rows = shipped_ceiling().book.rules
    shorter = RuleBook(rows[1:], shipped_ceiling().book.role_groups, shipped_ceiling().book.element_groups)
    assert Ceiling(shorter, guardrails_model_text()).digest() != shipped_ceiling().digest()
    assert len(shipped_ceiling().digest()) == 64
