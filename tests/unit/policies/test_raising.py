"""An element that a school raises: closed to staff without the certificate, logged, and never wider than before."""

from dataclasses import replace
from functools import cache

import pytest

from server.policies.ceiling import Ceiling
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.raising import lowered_sentence, raised_sentence
from server.policies.rule import Rule, RuleBookInvalid
from server.policies.rule_book import RuleBook
from server.policies.shipped import guardrails_model_text, shipped_ceiling, starting_book
from server.policies.validate import validate, validate_csv
from server.policies.vocabulary import ROLES, Capacity, relations
from tests.unit.policies.decisions import shipped_planner

TEACHER = Profile(Capacity.STAFF, frozenset({"class_teacher"}))
TRAINED = TEACHER.with_facts({"trained:welfare"})
PARENT = Profile(Capacity.PARENT, frozenset({"parent"}))
SUPPORT = Profile(Capacity.OPERATOR, frozenset({"vendor_support"}), frozenset({"grant"}))
TAUGHT = relations({"taught"})
CHILD = relations({"child"})


def _raised(*pairs: tuple[str, str]) -> RuleBook:
    return replace(starting_book(), raised=pairs)


@cache
def _planner() -> Planner:
    return Planner(_raised(("gender", "welfare"), ("attendance", "welfare")), shipped_ceiling())


def _reason(planner: Planner, who: Profile, row: frozenset[str]) -> str | None:
    return next((str(why) for why, plan in planner.withheld(who, "gender") if plan is None or plan.visible(row)), None)


def test_staff_read_a_raised_element_with_the_certificate_alone() -> None:
    """Another certificate, a reason and the broken glass open nothing; with it the rules decide as before."""
    assert shipped_planner().plan(TEACHER, "gender", "read").visible(TAUGHT)
    others = {"trained:sen", "trained:equality", "trained:safeguarding", "reason", "break_glass", "hours", "supervised"}
    for who in (TEACHER, TEACHER.with_facts(others)):
        assert _planner().plan(who, "gender", "read").nothing
        assert not _planner().enforce(who, "gender", "read", TAUGHT)
    assert _planner().plan(TRAINED, "gender", "read").gates == shipped_planner().plan(TRAINED, "gender", "read").gates
    assert _planner().enforce(TRAINED, "gender", "read", TAUGHT)
    assert not _planner().enforce(TRAINED, "gender", "read", relations({"taught_before"}))


def test_every_role_of_staff_needs_it_to_read_count_and_export() -> None:
    """Whatever else holds for them. Writing stays with the rules; so do the other elements."""
    everything = frozenset({"reason", "break_glass", "hours", "supervised", "grant", "trained:sen", "trained:equality"})
    for role, capacity in ROLES.items():
        who = Profile(capacity, frozenset({role}), everything)
        for action in ("read", "count", "export"):
            plan = _planner().plan(who, "attendance", action)
            if capacity == Capacity.STAFF:
                assert plan.nothing
            else:
                assert plan.gates == shipped_planner().plan(who, "attendance", action).gates
        for element, action in (("attendance", "write"), ("behaviour", "read"), ("behaviour", "count")):
            assert _planner().plan(who, element, action) == shipped_planner().plan(who, element, action)


def test_reads_and_exports_of_a_raised_element_are_logged() -> None:
    """Whoever reads, in whatever capacity; a plan that no row passes has no duty."""
    assert "log" not in shipped_planner().plan(TRAINED, "gender", "read").duties
    assert _planner().plan(TRAINED, "gender", "read").duties == {"log"}
    assert _planner().plan(PARENT, "attendance", "read").visible(CHILD)
    assert _planner().plan(PARENT, "attendance", "read").duties == {"log"}
    support = Planner(_raised(("mark", "welfare")), shipped_ceiling())
    assert support.plan(SUPPORT, "mark", "read") == shipped_planner().plan(SUPPORT, "mark", "read")
    assert not support.plan(SUPPORT, "mark", "read").nothing
    assert _planner().plan(TEACHER, "gender", "read").duties == frozenset()
    bare = RuleBook(tuple(Rule(f"r{use}", "tutor", "photo", use, "pastoral") for use in ("read", "export", "count")))
    planner = Planner(replace(bare, raised=(("photo", "sen"),)), Ceiling(bare, guardrails_model_text()))
    tutor = Profile(Capacity.STAFF, frozenset({"tutor"}), frozenset({"trained:sen"}))
    duties = [planner.plan(tutor, "photo", use).duties for use in ("read", "export", "count")]
    assert duties == [{"log"}, {"log"}, frozenset()]


def test_the_ladder_says_training_required() -> None:
    """For the rows that a certificate would open, and for them alone; a protected row says nothing of its own."""
    assert _reason(shipped_planner(), TEACHER, relations({"pastoral"})) == "OUT_OF_SCOPE"
    assert _reason(_planner(), TEACHER, TAUGHT) == "TRAINING_REQUIRED"
    assert _reason(_planner(), TEACHER, relations()) == "OUT_OF_SCOPE"
    assert _reason(_planner(), TEACHER, relations({"taught", "protected"})) == "TRAINING_REQUIRED"
    assert _planner().withheld(PARENT, "gender") == ()


def test_what_the_register_asks_for_stands_beside_it() -> None:
    """A book raised before the register grew stricter still decides, and both certificates are needed."""
    planner = Planner(_raised(("medical", "welfare")), shipped_ceiling())
    for facts in ({"trained:sen"}, {"trained:welfare"}, {"trained:sen", "trained:welfare"}):
        assert planner.plan(TEACHER.with_facts(facts), "medical", "read").nothing == (len(facts) == 1)


def test_nothing_raised_leaves_text_and_hash_as_they_were() -> None:
    """Every stored version keeps its digest; the member stands only where something is raised."""
    book = RuleBook((Rule("r1", "tutor", "mark", "read", "own", ("reason",)),), (("tutor", "staff"),))
    assert book.content() == (
        '{"element_groups":[],"role_groups":[["tutor","staff"]],"rules":[{"action":"read","conditions":["reason"],'
        '"duties":[],"effect":"allow","element":"mark","id":"r1","role":"tutor","scope":"own"}]}'
    )
    raised = replace(book, raised=(("photo", "welfare"),))
    assert raised.content() == book.content().replace('"role_groups"', '"raised":[["photo","welfare"]],"role_groups"')
    assert RuleBook.from_content(raised.content()) == raised
    with pytest.raises(RuleBookInvalid, match="no rule book"):
        RuleBook.from_content(raised.content().replace('[["photo","welfare"]]', "[]"))


def test_a_file_may_raise() -> None:
    """One row of three cells for each element."""
    text = "p, r1, tutor, mark, read, pastoral, -, -, allow\nraise, photo, welfare\nraise, gender, equality\n"
    assert RuleBook.from_csv(text).raised == (("photo", "welfare"), ("gender", "equality"))
    assert [found.code for found in validate_csv("raise, photo", shipped_ceiling())] == ["short_row"]


@pytest.mark.parametrize(
    ("pairs", "code", "said"),
    [
        ((("shoe_size", "welfare"),), "unknown_element", "element 'shoe_size' is not in the vocabulary"),
        ((("photo", "pottery"),), "unknown_course", "use equality, safeguarding, sen, welfare"),
        ((("special", "welfare"),), "raised_group", "special is a group"),
        ((("photo", "welfare"), ("photo", "sen")), "doubled_raise", "'photo' is raised twice"),
    ],
)
def test_words_that_no_raise_is_made_of_make_no_book(pairs: tuple[tuple[str, str], ...], code: str, said: str) -> None:
    """They are found in a draft, and a stored book with them decides nothing."""
    book = _raised(*pairs)
    (found,) = validate(book, shipped_ceiling())
    assert (found.rule_id, found.code) == ("raise", code)
    assert said in found.sentence
    for use in (book.checked, lambda: RuleBook.from_content(book.content()), lambda: Planner(book, shipped_ceiling())):
        with pytest.raises(RuleBookInvalid):
            use()


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ("medical", "already_special"), ("safeguarding", "already_special"), ("pupil_premium", "already_special"),
        ("policy", "ceiling_alone"), ("reference", "not_personal"), ("school_structure", "not_personal"),
        ("audit", "lock_out"), ("grade", "lock_out"), ("photo", None), ("gender", None), ("mark", None),
    ],
)  # fmt: skip
def test_a_raise_that_says_nothing_or_locks_out_is_found(element: str, code: str | None) -> None:
    """Nothing else is found: a raise makes no rule of the book wrong."""
    found = {finding.code for finding in validate(_raised((element, "welfare")), shipped_ceiling())}
    assert code in found if code else not found


def test_the_sentences_name_element_and_course() -> None:
    """Of raising and of undoing it."""
    assert raised_sentence("photo", "sen") == (
        "Photograph: treated as special category data. Staff read, count and export this only while their SEN training"
        " is in date; every read and export is logged."
    )
    assert lowered_sentence("photo", "sen") == (
        "Photograph: no longer treated as special category data. The rules open this without SEN training."
    )


def test_words_said_twice_within_a_rule_are_found() -> None:
    """A sentence with the same condition twice reads as if two things were asked."""
    rules = (
        Rule("x", "tutor", "photo", "read", "taught", ("reason", "reason")),
        Rule("y", "tutor", "photo", "read", "caseload", (), ("log", "log")),
    )
    book = starting_book()
    found = validate(replace(book, rules=(*book.rules, *rules)), shipped_ceiling())
    assert [(one.rule_id, one.code, one.sentence) for one in found] == [
        ("x", "doubled_word", "a condition is named twice: name it once"),
        ("y", "doubled_word", "a duty is named twice: name it once"),
    ]
