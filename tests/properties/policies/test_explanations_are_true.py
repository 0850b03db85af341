"""An explanation never says what Casbin would not: decision, rules, and what would change it."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from server.policies.explanation import Explanation, explained, explained_to_oneself
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.vocabulary import ACTIONS, ALLOW_SCOPES, DENY_ONLY_SCOPES, ROLES, Capacity, relations
from server.register.elements import ELEMENTS
from tests.properties.policies import dense
from tests.properties.policies.specification import specified

people, rows = st.sampled_from(dense.PROFILES), st.sampled_from(dense.ROWS)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(dense.pairs(), people, rows)
def test_an_explanation_is_true_and_complete(pair: tuple[Planner, Planner], who: Profile, row: frozenset[str]) -> None:
    """Decision and rules are those of the specification; the missing facts are all least sets that would do."""
    planner = pair[0]
    found = explained(planner, who, dense.ELEMENT, dense.ACTION, row)
    assert found.decision == planner.enforce(who, dense.ELEMENT, dense.ACTION, row)
    _cites(found, planner, who, row)
    _remedies_work(found, planner, who, dense.ELEMENT, dense.ACTION, row)
    wanted: list[frozenset[str]] = []
    lacking = sorted(set(dense.FACTS) - who.facts)
    for some in (frozenset(chosen) for size in range(1, 3) for chosen in combinations(lacking, size)):
        least = not any(each <= some for each in wanted)
        if not found.decision and least and planner.enforce(who.with_facts(some), dense.ELEMENT, dense.ACTION, row):
            wanted.append(some)
    assert {remedy.facts for remedy in found.missing} == set(wanted)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(dense.pairs(), people, st.frozensets(st.sampled_from(("taught", "pastoral"))))
def test_who_asks_for_themselves_learns_of_no_protection(
    pair: tuple[Planner, Planner], who: Profile, held: frozenset[str]
) -> None:
    """Where they would not see the row without its protection either, they are told what they would be told then."""
    planner = pair[0]
    bare, shut = relations(held), relations(held | {"protected"})
    asked = explained_to_oneself(planner, who, dense.ELEMENT, dense.ACTION, shut)
    assert asked.decision == planner.enforce(who, dense.ELEMENT, dense.ACTION, shut)
    if not asked.decision:
        assert not any("protected" in remedy.without for remedy in (*asked.missing, *asked.changes))
        assert not any("protected" in rule.sentence for rule in asked.blocking)
        if not planner.enforce(who, dense.ELEMENT, dense.ACTION, bare):
            assert asked == explained(planner, who, dense.ELEMENT, dense.ACTION, bare)


_ROLES = sorted(ROLES)
_ATOMS = sorted({*ALLOW_SCOPES, *DENY_ONLY_SCOPES, "published", "released"})
_SHIPPED = Planner(starting_book(), shipped_ceiling())


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    st.lists(st.sampled_from(_ROLES), max_size=3),
    st.sampled_from(list(Capacity)),
    st.frozensets(st.sampled_from(("trained:sen", "trained:welfare", "grant", "reason"))),
    st.sampled_from(sorted(ELEMENTS)),
    st.sampled_from(sorted(ACTIONS)),
    st.frozensets(st.sampled_from(_ATOMS), max_size=3),
)
def test_the_shipped_books_explain_themselves(
    roles: list[str], capacity: Capacity, facts: frozenset[str], element: str, action: str, held: frozenset[str]
) -> None:
    """The same over every role, element and action of the books that ship; each sentence can be said."""
    who = Profile.of(capacity, roles, facts)
    found = explained(_SHIPPED, who, element, action, held)
    assert found.decision == _SHIPPED.enforce(who, element, action, relations(held))
    assert bool(found.against) != found.decision
    if found.decision:
        assert found.guardrails_granting
        assert found.granting or element == "policy"
        assert not found.blocking
        assert not found.guardrails_blocking
    _remedies_work(found, _SHIPPED, who, element, action, relations(held))
    assert all(each.sentence.endswith(".") for each in (found, *found.missing, *found.changes))


def _cites(found: Explanation, planner: Planner, who: Profile, row: frozenset[str]) -> None:
    school = {rule.rule_id for rule in (*found.granting, *found.blocking)} - {"raise"}
    above = {rule.rule_id for rule in (*found.guardrails_granting, *found.guardrails_blocking)}
    assert school == _matching(planner.book, who, row)
    assert above == _matching(planner.ceiling.book, who, row)
    if found.decision:
        assert found.granting
        assert found.guardrails_granting
        assert not found.blocking
        assert not found.guardrails_blocking
        assert found.against == found.missing == found.changes == ()
    else:
        assert ("guardrails" in found.against) == (not specified(planner.ceiling.book, who, dense.ELEMENT, "read", row))
        shut = planner.raising.shuts(who, dense.ELEMENT, dense.ACTION)
        assert ("school" in found.against) == (shut or not specified(planner.book, who, dense.ELEMENT, "read", row))


def _matching(book: RuleBook, who: Profile, row: frozenset[str]) -> set[str]:
    roles = who.roles | {group for role, group in book.role_groups if role in who.roles}
    return {
        rule.id
        for rule in book.rules
        if rule.role in roles and rule.scope in row and who.facts.issuperset(rule.conditions)
    }


def _remedies_work(
    found: Explanation, planner: Planner, who: Profile, element: str, action: str, row: frozenset[str]
) -> None:
    for remedy in found.missing:
        assert planner.enforce(who.with_facts(remedy.facts), element, action, row)
    for remedy in found.changes:
        for role in remedy.roles or (None,):
            supposed, other_row = remedy.supposed(who, row, role)
            assert planner.enforce(supposed, element, action, other_row)
