"""Why a decision is as it is, in words."""

from dataclasses import replace

from server.policies.explanation import explained, explained_to_oneself
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.vocabulary import ALLOW_SCOPES, DENY_ONLY_SCOPES, ROW_FACTS, Capacity
from server.policies.wording_remedies import remedy_sentence
from tests.unit.policies.decisions import shipped_planner

TRAINED = frozenset({"trained:sen"})


def _staff(*roles: str, facts: frozenset[str] = frozenset()) -> Profile:
    return Profile(Capacity.STAFF, frozenset(roles), facts)


def _row(*relations: str) -> frozenset[str]:
    return frozenset(relations)


def test_what_is_allowed_names_its_rules_in_both_books() -> None:
    """The school's rule in its own sentence, and the guardrail above it."""
    found = explained(shipped_planner(), _staff("class_teacher", facts=TRAINED), "sen_needs", "read", _row("taught"))
    assert found.decision
    assert [rule.rule_id for rule in found.granting] == ["r119"]
    assert [rule.rule_id for rule in found.guardrails_granting] == ["G1.20"]
    assert found.against == ()
    assert found.sentence == (
        "It is allowed by r119: Class teachers may read all medical and SEN details of learners they teach, if their"
        " SEN training is in date; every read is logged."
    )


def test_a_missing_certificate_is_what_is_missing() -> None:
    """Both books ask for it; nothing else is needed."""
    found = explained(shipped_planner(), _staff("class_teacher"), "sen_needs", "read", _row("taught"))
    assert not found.decision
    assert found.against == ("guardrails", "school")
    assert [remedy.facts for remedy in found.missing] == [TRAINED]
    assert found.missing[0].sentence == "It would be allowed if their SEN training is in date."
    assert found.sentence == "It is refused: no rule of the school allows it, and no guardrail."


def test_what_blocks_is_named_and_a_certificate_is_no_remedy() -> None:
    """A denial of one role beats another's permission: no fact helps, only another row."""
    who = _staff("dsl", "tutor")
    found = explained(shipped_planner(), who, "learner_address", "read", _row("pastoral", "protected"))
    assert [rule.rule_id for rule in found.blocking] == ["d001"]
    assert [rule.rule_id for rule in found.granting] == ["r526"]
    assert found.against == ("school",)
    assert found.missing == ()
    assert [remedy.sentence for remedy in found.changes] == ["It would be allowed if the learner were not protected."]
    assert found.sentence.startswith("It is refused by d001: Tutors may not read all contact details of protected")


def test_a_relation_or_a_role_would_change_it() -> None:
    """Out of scope: who taught the learner, or had a role for it, could; or broken glass."""
    found = explained(shipped_planner(), _staff("class_teacher"), "sen_needs", "read", _row())
    said = [remedy.sentence for remedy in found.changes]
    assert "It would be allowed if they taught the learner and their SEN training is in date." in said
    assert any("they were also a SEN coordinator" in sentence for sentence in said)
    assert [remedy.facts for remedy in found.missing] == [TRAINED | {"break_glass", "reason"}]


def test_where_the_guardrails_are_closed_nothing_would_help() -> None:
    """A parent never reads the date of birth, whatever the school's book said."""
    book = starting_book()
    wide = replace(book.rules[0], id="n1", role="parent", element="date_of_birth", action="read", scope="child")
    planner = Planner(replace(book, rules=(*book.rules, wide)), shipped_ceiling())
    parent = Profile(Capacity.PARENT, frozenset({"parent"}))
    found = explained(planner, parent, "date_of_birth", "read", _row("child"))
    assert not found.decision
    assert [rule.rule_id for rule in found.granting] == ["n1"]
    assert found.against == ("guardrails",)
    assert (found.missing, found.changes) == ((), ())
    assert found.sentence == "It is refused: the guardrails have no rule that allows it."


def test_a_raise_is_cited_and_its_certificate_is_what_is_missing() -> None:
    """The rule still grants, the school's raise stands against it."""
    planner = Planner(replace(starting_book(), raised=(("photo", "safeguarding"),)), shipped_ceiling())
    found = explained(planner, _staff("class_teacher"), "photo", "read", _row("taught"))
    assert not found.decision
    assert [rule.rule_id for rule in found.blocking] == ["raise"]
    assert found.against == ("school",)
    assert [remedy.facts for remedy in found.missing] == [{"trained:safeguarding"}]


def test_the_rule_book_itself_is_the_guardrails_alone() -> None:
    """No rule of the school is asked for, or missed."""
    allowed = explained(shipped_planner(), _staff("policy_approver"), "policy", "export", _row())
    refused = explained(shipped_planner(), _staff("dpo"), "policy", "export", _row())
    assert allowed.decision
    assert allowed.granting == ()
    assert allowed.sentence.startswith("It is allowed by G8.05")
    assert refused.against == ("guardrails",)


def test_one_who_asks_for_themselves_learns_of_no_protection() -> None:
    """The protected child answers as one whom they don't teach; the officer is told."""
    who, row = _staff("class_teacher"), _row("taught", "protected")
    officer = explained(shipped_planner(), who, "behaviour", "read", row)
    asker = explained_to_oneself(shipped_planner(), who, "behaviour", "read", row)
    assert [rule.rule_id for rule in officer.blocking] == ["d009"]
    assert asker == explained(shipped_planner(), who, "behaviour", "read", _row())
    everywhere = explained_to_oneself(shipped_planner(), _staff("senco"), "mark", "read", _row("restricted"))
    assert not everywhere.decision
    assert (everywhere.granting, everywhere.blocking, everywhere.changes) == ((), (), ())


def test_every_relation_can_be_supposed() -> None:
    """Each has words for holding and for not holding, all different."""
    words = sorted({*ALLOW_SCOPES, *DENY_ONLY_SCOPES, *ROW_FACTS} - {"school"})
    said = [remedy_sentence((), [word], (), ()) for word in words]
    said += [remedy_sentence((), (), (), [word]) for word in words]
    assert len(set(said)) == 2 * len(words)
