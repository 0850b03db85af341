"""What is found quickly (by masks, by parts of groups) is what comparing each rule with each other one finds."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from server.policies.ceiling import CEILING_ALONE
from server.policies.disarmed import Disarming
from server.policies.masks import mask
from server.policies.overlap import overlap_findings
from server.policies.reach import Reach, reaches
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.vocabulary import ACTIONS, CONDITIONS, DUTIES, EFFECTS, ROLE_PHRASES, SCOPES
from server.register.elements import ELEMENTS, GROUPS
from tests.properties.policies.books import books


def _pairwise(book: tuple[Reach, ...]) -> Iterator[tuple[str, str]]:
    """Rule and code, from the meaning of each finding."""
    live = [reach for reach in book if reach.roles and reach.elements]
    for position, row in enumerate(live):
        rule = row.rule
        others = [
            (other_position, other)
            for other_position, other in enumerate(live)
            if other_position != position
            and other.rule.effect == rule.effect
            and row.within(other)
            and set(rule.duties) <= set(other.rule.duties)
        ]
        wider = [
            (at, other)
            for at, other in others
            if not (other.within(row) and set(other.rule.duties) <= set(rule.duties)) or at < position
        ]
        if wider:
            same = wider[0][1].within(row) and set(wider[0][1].rule.duties) <= set(rule.duties)
            yield rule.id, "duplicate" if same else "dead_rule"
        if rule.effect == "allow" and any(other.rule.effect == "deny" and row.within(other) for other in live):
            yield rule.id, "shadowed_rule"
        if rule.effect == "deny" and not any(other.rule.effect == "allow" and row.meets(other) for other in live):
            yield rule.id, "dead_rule"


@settings(max_examples=300)
@given(books())
def test_overlaps_are_what_pairs_show(book: RuleBook) -> None:
    """The same findings at the same rules, for books whose rules meet often."""
    opened = reaches(book)
    found = sorted((finding.rule_id, finding.code) for finding in overlap_findings(opened))
    assert found == sorted(_pairwise(opened))


any_rules = st.builds(
    Rule,
    st.just("x"),
    st.sampled_from(sorted(ROLE_PHRASES)),
    st.sampled_from(sorted({*ELEMENTS, *GROUPS})),
    st.sampled_from(sorted(ACTIONS)),
    st.sampled_from(sorted(SCOPES)),
    st.lists(st.sampled_from(sorted(CONDITIONS)), unique=True, max_size=3).map(tuple),
    st.lists(st.sampled_from(sorted(DUTIES)), unique=True).map(tuple),
    st.sampled_from(EFFECTS),
)


@settings(max_examples=600)
@given(any_rules, any_rules)
def test_masks_mean_what_sets_mean(one: Rule, other: Rule) -> None:
    """Over the whole vocabulary: within and meets, for two rules of one action."""
    book = RuleBook((one, replace(other, id="y", action=one.action)), *_groups(starting_book()))
    first, second = reaches(book)
    for row, against in ((first, second), (second, first), (first, first)):
        assert mask(row).within(mask(against)) == row.within(against)
        assert mask(row).meets(mask(against)) == row.meets(against)
        said = row.within(against) and set(row.rule.duties) <= set(against.rule.duties)
        assert (not mask(row).whole & ~mask(against).whole) == said


def _groups(book: RuleBook) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    return book.role_groups, book.element_groups


@settings(max_examples=300)
@given(st.lists(any_rules, min_size=1, max_size=4))
def test_disarming_looks_at_every_role_and_element(rules: list[Rule]) -> None:
    """A rule is told exactly where one of its roles and elements finds no guardrail as wide as the rule."""
    above = reaches(shipped_ceiling().book)
    opened = reaches(RuleBook(tuple(rules), *_groups(starting_book())))
    disarming = Disarming(above)
    for reach in opened:
        narrower = reach.rule.effect == "allow" and any(
            not any(
                guardrail.rule.effect == "allow"
                and guardrail.rule.action == reach.rule.action
                and role in guardrail.roles
                and element in guardrail.elements
                and guardrail.conditions <= reach.conditions
                and guardrail.atoms <= reach.atoms
                for guardrail in above
            )
            for role in reach.roles
            for element in reach.elements - CEILING_ALONE
        )
        assert (len(list(disarming.findings(reach))) == 1) == narrower
