"""The agreement's promises as examples: each holds for the books that ship, and each can fail."""

from dataclasses import replace

import pytest

from server.policies.ceiling import Ceiling
from server.policies.examples import Example, ExampleInvalid, run, starting_examples
from server.policies.planner import Planner
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import guardrails_model_text, shipped_ceiling, starting_book
from server.policies.vocabulary import ROLES, Capacity
from tests.unit.policies.decisions import shipped_planner

UNTRAINED = Example("one", "STAFF", ("class_teacher",), (), ("taught",), "sen_needs", "read", False)


def _name(example: Example) -> str:
    return example.name


def test_the_fixed_set_holds() -> None:
    """Every promise, under the book and the guardrails that ship; each in a sentence of its own."""
    outcomes = run(shipped_planner(), starting_examples())
    assert [outcome.sentence for outcome in outcomes if not outcome.holds] == []
    assert 25 <= len(outcomes) <= 60
    assert len({example.name for example in starting_examples()}) == len(outcomes)
    assert len({example.sentence for example in starting_examples()}) == len(outcomes)
    assert {example.capacity for example in starting_examples()} == set(Capacity)


@pytest.mark.parametrize("example", starting_examples(), ids=_name)
def test_each_promise_can_be_broken(example: Example) -> None:
    """By a rule in both books that allows it and no denial left, or where it must be possible, by empty books."""
    role = example.roles[0]
    rules = [Rule("x1", role, example.element, example.action, "school")] if not example.visible else []
    broken = Planner(
        replace(starting_book(), rules=tuple(rules)), Ceiling(RuleBook(tuple(rules)), guardrails_model_text())
    )
    (outcome,) = run(broken, [example])
    assert not outcome.holds
    assert outcome.sentence.startswith(example.sentence)


def test_what_the_school_alone_promises_breaks_by_one_rule_of_its_book() -> None:
    """Where the guardrails leave it open, one row of a draft is enough; where they don't, no row is."""
    above = shipped_ceiling()
    broken: set[str] = set()
    for example in starting_examples():
        book = starting_book()
        rules = tuple(rule for rule in book.rules if rule.effect == "allow")
        wide = Rule("x1", example.roles[0], example.element, example.action, "school")
        (outcome,) = run(Planner(replace(book, rules=(*rules, wide)), above), [example])
        if not outcome.holds:
            broken.add(example.name.rsplit("-", 1)[0])
            assert "It is allowed by" in outcome.sentence
    assert broken >= {"special", "safeguarding", "contact", "protected", "family", "restricted", "officer"}
    assert broken.isdisjoint({"parent", "learner", "client", "opted-out", "support", "governor", "results"})


def test_a_school_s_own_example_fails_with_the_rule_that_breaks_it() -> None:
    """The sentence of the example, then the answer."""
    own = replace(UNTRAINED, facts=("trained:sen",))
    (outcome,) = run(shipped_planner(), [own])
    assert not outcome.holds
    assert outcome.sentence == (
        "A class teacher must not see the special needs of learners they teach, even if their SEN training is in"
        " date. It is allowed by r119: Class teachers may read all medical and SEN details of learners they teach, if"
        " their SEN training is in date; every read is logged."
    )


@pytest.mark.parametrize(
    ("example", "wanted"),
    [
        (UNTRAINED, "An untrained class teacher must not see the special needs of learners they teach."),
        (replace(UNTRAINED, facts=("trained:sen",), visible=True),
         "A class teacher must be able to see the special needs of learners they teach, if their SEN training is in"
         " date."),
        (replace(UNTRAINED, roles=("class_teacher", "tutor"), element="photo", relations=("taught", "protected")),
         "A class teacher who is also a tutor must not see the photograph of learners they teach who are protected."),
        (Example("two", "PARENT", ("parent",), (), ("child", "published"), "mark", "read", True),
         "A parent must be able to see the marks of children they are linked to, in a published report."),
        (Example("three", "STAFF", (), (), (), "staff_name", "write", False),
         "A member of staff without a role must not change the staff name of any member of staff."),
        (Example("four", "CLIENT", ("mis_client",), ("grant",), (), "name", "read", False),
         "An MIS client must not see the name of anyone in the school, even if the school's grant is live."),
    ],
)  # fmt: skip
def test_an_example_speaks(example: Example, wanted: str) -> None:
    """Its fields make its sentence."""
    assert example.sentence == wanted


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": " "}, "bad_name"),
        ({"name": "two\nlines"}, "bad_name"),
        ({"name": "x" * 121}, "bad_name"),
        ({"capacity": "BOSS"}, "unknown_capacity"),
        ({"roles": ("parent",)}, "unknown_role"),
        ({"roles": ("staff",)}, "unknown_role"),
        ({"facts": ("trained:juggling",)}, "unknown_fact"),
        ({"relations": ("child&published",)}, "unknown_relation"),
        ({"relations": ("taught\u202e",)}, "unknown_relation"),
        ({"element": "special"}, "unknown_element"),
        ({"action": "eat\x00"}, "unknown_action"),
    ],
)
def test_a_foreign_word_is_refused(fields: dict[str, object], code: str) -> None:
    """With a sentence that quotes it harmlessly; run anyway, such an example fails and breaks nothing."""
    example = replace(UNTRAINED, **fields)  # type: ignore[arg-type]
    with pytest.raises(ExampleInvalid) as refused:
        example.checked()
    assert code in {finding.code for finding in refused.value.findings}
    assert refused.value.message.isprintable()
    (outcome,) = run(shipped_planner(), [example])
    assert not outcome.holds
    assert outcome.sentence.isprintable()


def test_every_capacity_has_its_roles() -> None:
    """An example of each role can be made."""
    for role, capacity in ROLES.items():
        assert Example("one", capacity, (role,), (), (), "name", "read", True).checked().sentence
