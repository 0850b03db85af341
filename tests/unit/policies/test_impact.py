"""What a new book would change, for whom, and in which words."""

from dataclasses import replace

import pytest

from server.policies.ceiling import Ceiling
from server.policies.impact import Change, impact, narrows_only, widens, widens_special
from server.policies.planner import Planner
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import guardrails_model_text, shipped_ceiling, starting_book
from server.policies.vocabulary import ALLOW_SCOPES, DENY_ONLY_SCOPES, ROLES, ROW_FACTS, Capacity
from server.policies.wording_changes import Kind, told
from server.policies.wording_roles import ONE_OF, somebody
from server.policies.wording_rows import objects
from server.register.elements import ELEMENTS, GROUPS
from tests.unit.policies.decisions import shipped_planner


def _with(*rules: Rule) -> tuple[Change, ...]:
    book = starting_book()
    return _to(replace(book, rules=(*book.rules, *rules)))


def _without(*ids: str) -> tuple[Change, ...]:
    book = starting_book()
    kept = tuple(rule for rule in book.rules if rule.id not in ids)
    assert len(kept) == len(book.rules) - len(ids)
    return _to(replace(book, rules=kept))


def _to(book: RuleBook) -> tuple[Change, ...]:
    return impact(shipped_planner(), Planner(book, shipped_ceiling()))


def _said(changes: tuple[Change, ...]) -> list[str]:
    return [each.sentence for each in told(changes)]


def test_a_rule_that_opens_special_category_is_told_and_marked() -> None:
    """Who gains what, if which training is in date; and what follows from it."""
    changes = _with(Rule("n1", "class_teacher", "safeguarding", "read", "taught", ("trained:safeguarding",), ("log",)))
    assert changes == (
        Change(
            Capacity.STAFF,
            (("class_teacher",),),
            "safeguarding",
            "read",
            ("trained:safeguarding",),
            gained=("taught",),
            lost=(),
            duties_gained=("log",),
            duties_lost=(),
            special=True,
        ),
    )
    assert _said(changes) == [
        "Class teachers gain: may read the safeguarding concerns of learners they teach, if their safeguarding"
        " training is in date; every read is logged."
    ]
    assert widens(changes)
    assert widens_special(changes)
    assert not narrows_only(changes)


def test_a_rule_that_the_ceiling_disarms_changes_nothing() -> None:
    """A promise above the ceiling opens nothing, so that there is nothing to tell."""
    assert _with(Rule("n1", "parent", "date_of_birth", "read", "child")) == ()


def test_a_rule_that_was_said_before_changes_nothing() -> None:
    """Nor does one that says again, under another id, what a wider one says."""
    assert _with(Rule("n1", "class_teacher", "name", "read", "taught")) == ()


def test_what_is_taken_away_is_told_once_for_all_elements() -> None:
    """A group that goes whole is called by its name."""
    changes = _without("r321")
    assert _said(changes) == ["Heads of year lose: may read all progress data of learners in their pastoral care."]
    assert narrows_only(changes)
    assert not widens_special(changes)


def test_roles_that_share_everything_share_a_sentence() -> None:
    """Two roles, one sentence; personal data asks for no typed reason."""
    changes = _with(
        Rule("n1", "senco", "photo", "read", "caseload"), Rule("n2", "pastoral_support", "photo", "read", "caseload")
    )
    assert _said(changes) == [
        "Pastoral support staff and SEN coordinators gain: may read the photograph of learners on their caseload."
    ]
    assert widens(changes)
    assert not widens_special(changes)


def test_a_denial_that_goes_is_told_for_those_whose_other_role_it_stopped() -> None:
    """Neither a tutor nor a safeguarding lead alone shows it: one deny met another role's allow."""
    changes = _without("d001")
    assert any(change.holders == (("tutor",), ("dsl",)) for change in changes)
    assert (
        "Tutors who are also safeguarding leads and head teachers gain: may read all contact details of protected"
        " learners." in _said(changes)
    )
    assert not narrows_only(changes)


def test_a_denial_that_comes_narrows() -> None:
    """The same the other way round is a loss, and nobody gains."""
    book = starting_book()
    without = replace(book, rules=tuple(rule for rule in book.rules if rule.id != "d008"))
    changes = impact(Planner(without, shipped_ceiling()), shipped_planner())
    assert narrows_only(changes)
    kinds = {each.kind for each in told(changes)}
    assert kinds == {Kind.LOSES}
    assert any("of learners they teach who are protected" in sentence for sentence in _said(changes))


def test_a_duty_that_goes_widens_and_one_that_comes_narrows() -> None:
    """As much is seen as before, but it is no longer logged; or the officers are told."""
    book = starting_book()

    def with_duties(*duties: str) -> tuple[Change, ...]:
        return _to(replace(book, rules=tuple(replace(r, duties=duties) if r.id == "r309" else r for r in book.rules)))

    silent, loud = with_duties(), with_duties("log", "notify")
    assert _said(silent) == [
        "When tutors read the parents' contact details, it no longer holds that every read is logged."
    ]
    assert widens(silent)
    assert not widens_special(silent)
    assert _said(loud) == [
        "When tutors read the parents' contact details, from now on the officers are told at once when the glass is broken."
    ]
    assert narrows_only(loud)


def test_a_raise_takes_from_the_untrained_and_undoing_it_asks_for_a_reason() -> None:
    """The register does not guard photographs; a school that did may not silently cease to."""
    book = starting_book()
    raised = Planner(replace(book, raised=(("photo", "safeguarding"),)), shipped_ceiling())
    up, down = impact(shipped_planner(), raised), impact(raised, shipped_planner())
    assert narrows_only(up)
    assert not widens_special(up)
    assert {change.action for change in up} == {"read", "count"}
    assert any(change.conditions == ("trained:safeguarding",) and "log" in change.duties_gained for change in up)
    assert widens_special(down)


def test_a_raise_of_the_rule_book_itself_is_told_too() -> None:
    """What the guardrails decide alone can still be narrowed by a raise, and no rule of the book speaks of it."""
    raised = Planner(replace(starting_book(), raised=(("policy", "sen"),)), shipped_ceiling())
    changes = impact(shipped_planner(), raised)
    assert {change.element for change in changes} == {"policy"}
    assert {role for change in changes if change.lost for role in change.roles} == {"dpo", "policy_approver"}
    assert narrows_only(changes)


def test_an_empty_book_takes_everything() -> None:
    """Every role loses something and nobody gains; the other way round nobody loses."""
    nothing = Planner(RuleBook(()), shipped_ceiling())
    losses, gains = impact(shipped_planner(), nothing), impact(nothing, shipped_planner())
    assert narrows_only(losses)
    assert {role for change in losses for role in change.roles} == set(ROLES)
    assert not any(change.lost or change.duties_lost for change in gains)
    assert len(told(losses)) < 150
    assert all(sentence.endswith(".") and sentence[0].isupper() for sentence in _said(losses))
    assert [change.element for change in losses] == sorted(
        (change.element for change in losses), key=list(ELEMENTS).index
    )


def test_books_under_two_ceilings_are_not_compared() -> None:
    """Their differences would not be the book's."""
    other = Planner(starting_book(), Ceiling(RuleBook(()), guardrails_model_text()))
    with pytest.raises(ValueError, match="under one ceiling"):
        impact(shipped_planner(), other)


@pytest.mark.parametrize(
    ("elements", "rows", "wanted"),
    [
        (["mark"], ["taught_course"], "the marks of learners in the courses they teach them"),
        (["mark", "grade"], ["child&published"],
         "the marks and grades of children they are linked to, in a published report"),
        (["photo"], ["taught&protected"], "the photograph of learners they teach who are protected"),
        (["photo"], ["protected&left"], "the photograph of protected learners who have left"),
        (["photo"], ["pastoral&taught"], "the photograph of learners they teach who are in their pastoral care"),
        (["photo"], ["released"], "the photograph of everyone in the school, once released"),
        (["name", "learner_address", "learner_contact", "guardian_contact", "staff_contact"], ["school"],
         "the name and all contact details of everyone in the school"),
        (["name", "groups"], ["own"], "their own name and groups"),
        (["guardian_contact", "guardian_name"], ["own"],
         "their own contact details as a parent and their own name as a parent"),
        (["education"], ["taught", "taught_next"],
         "the education details of learners they teach and of learners they will teach next"),
        (["staff_contact"], ["own&self_family"],
         "their own work e-mail address and telephone numbers, as far as they are of those who are of their own family"),
    ],
)  # fmt: skip
def test_rows_in_words(elements: list[str], rows: list[str], wanted: str) -> None:
    """As an officer would say it."""
    assert objects(elements, rows) == wanted


def test_every_row_of_every_element_has_words() -> None:
    """No set of two relations is speechless, and no two say the same."""
    relations = sorted({*ALLOW_SCOPES, *DENY_ONLY_SCOPES, *ROW_FACTS} - {"school"})
    sets = ["school", *relations, *("&".join((one, two)) for one in relations for two in relations if one < two)]
    for element in (*ELEMENTS, *GROUPS):
        said = [objects([element], [row]) for row in sets]
        assert len(set(said)) == len(said)


def test_one_who_holds_roles() -> None:
    """Each role has a word for one of those who hold it."""
    assert set(ONE_OF) == set(ROLES)
    assert somebody(Capacity.STAFF, {"tutor", "class_teacher"}, "untrained") == (
        "an untrained class teacher who is also a tutor"
    )
    assert somebody(Capacity.CLIENT, {"mis_client"}) == "an MIS client"
    assert somebody(Capacity.PARENT, ()) == "a person who is no verified parent"


def test_a_duty_that_goes_for_three_roles_together_is_told() -> None:
    """The teacher's rule brings the log though its rows are denied; tutors saw before, coordinators see now."""
    group = tuple((role, "staff") for role in ("class_teacher", "tutor", "senco"))
    logging = Rule("r1", "class_teacher", "photo", "read", "taught", (), ("log",))
    denial = Rule("r2", "staff", "photo", "read", "taught", effect="deny")
    above = Ceiling(RuleBook((Rule("G", "staff", "photo", "read", "school"),), group), guardrails_model_text())
    old = RuleBook((logging, denial, Rule("r3", "tutor", "photo", "read", "school")), group)
    new = RuleBook((denial, Rule("r4", "senco", "photo", "read", "school")), group)
    changes = impact(Planner(old, above), Planner(new, above))
    assert any(
        change.holders == (("class_teacher",), ("tutor",), ("senco",)) and change.duties_lost == ("log",)
        for change in changes
    )
    assert (
        "When class teachers who are also tutors and SEN coordinators read the photograph, it no longer holds that"
        " every read is logged." in _said(changes)
    )
