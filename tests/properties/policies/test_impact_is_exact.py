"""Impact tells every difference between two books and nothing else: compared with Casbin, decision by decision."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from server.policies.ceiling import Ceiling
from server.policies.impact import Change, impact, narrows_only, widens, widens_special
from server.policies.phrases import WORDS
from server.policies.plan import Plan
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.shipped import guardrails_model_text
from server.policies.vocabulary import CONDITIONS, DUTIES, ROLE_PHRASES, relations
from server.policies.wording_changes import Kind, Told, told
from server.policies.wording_rows import rows_phrase
from server.register.elements import ELEMENTS
from tests.properties.policies import books as words
from tests.properties.policies import dense

Planners = tuple[Planner, Planner]


@settings(derandomize=True, deadline=None, max_examples=120)
@given(st.one_of(dense.pairs(), dense.pairs(narrowing=True)))
def test_every_difference_is_told_to_everyone(pair: Planners) -> None:
    """For each profile and row there are: what opens and closes, and which duties come and go, are what is told."""
    changes = impact(*pair)
    for who in dense.PROFILES:
        _compare(pair, changes, who, dense.ELEMENT, dense.ACTION, dense.ROWS)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.one_of(dense.pairs(), dense.pairs(narrowing=True)))
def test_every_change_is_real(pair: Planners) -> None:
    """Whoever holds just what a change names is decided otherwise on just the rows that it names."""
    changes = impact(*pair)
    for change in changes:
        _is_real(pair, change)
    assert widens(changes) == (not narrows_only(changes))
    assert widens_special(changes) == (widens(changes) and _raised(pair))
    assert impact(pair[1], pair[1]) == ()


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.one_of(dense.pairs(), dense.pairs(narrowing=True), dense.pairs(narrowing=True)))
def test_what_only_narrows_gives_nobody_anything(pair: Planners) -> None:
    """Sound and exact: nobody gains a row or loses a duty exactly where the impact says so, whatever they hold."""
    plans = [[planner.plan(who, dense.ELEMENT, dense.ACTION) for planner in pair] for who in dense.PROFILES]
    narrower = all(before.covers(after) and (after.nothing or before.duties <= after.duties) for before, after in plans)
    assert narrows_only(impact(*pair)) == narrower


@st.composite
def _wide(draw: st.DrawFn) -> Planners:
    """Books of many words: rules left out or added, now and then other groups or another book."""
    old, other = draw(words.books()), draw(words.books(most=4))
    kept = tuple(rule for rule in old.rules if draw(st.integers(0, 3)))
    new = replace(old, rules=(*kept, *(replace(rule, id=f"n{rule.id}") for rule in other.rules)))
    new = draw(st.sampled_from((new, new, replace(new, role_groups=other.role_groups), other)))
    ceiling = Ceiling(draw(words.books()), guardrails_model_text())
    return Planner(old, ceiling), Planner(new, ceiling)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(_wide(), st.lists(words.profiles(), min_size=1, max_size=3), st.lists(words.rows, min_size=1, max_size=6))
def test_books_of_many_words(pair: Planners, people: list[Profile], rows: list[frozenset[str]]) -> None:
    """The same with groups, joined tokens, parents and several elements and actions; impact is narrow where told."""
    changes = impact(*pair)
    for change in changes:
        _is_real(pair, change)
    for who in people:
        for element in words.ELEMENTS:
            for action in words.ACTIONS:
                _compare(pair, changes, who, element, action, rows)


def _compare(
    pair: Planners,
    changes: tuple[Change, ...],
    who: Profile,
    element: str,
    action: str,
    rows: list[frozenset[str]],
) -> None:
    mine = [change for change in changes if change.touches(who, element, action)]
    before, after = (planner.plan(who, element, action) for planner in pair)
    assert mine or _same(before, after)
    for row in rows:
        was, now = before.visible(row), after.visible(row)
        assert was or not now or any(_opens(change.gained, row) for change in mine)
        assert now or not was or any(_opens(change.lost, row) for change in mine)
    if not before.nothing and not after.nothing:
        assert all(any(duty in change.duties_lost for change in mine) for duty in before.duties - after.duties)
        assert all(any(duty in change.duties_gained for change in mine) for duty in after.duties - before.duties)


def _is_real(pair: Planners, change: Change) -> None:
    who = Profile(change.capacity, frozenset(roles[-1] for roles in change.holders), frozenset(change.conditions))
    coordinate = change.element, change.action
    before, after = (planner.plan(who, *coordinate) for planner in pair)
    assert change.gained or change.lost or change.duties_gained or change.duties_lost
    for rows, first, second in ((change.gained, *pair), (change.lost, *reversed(pair))):
        for tokens in rows:
            row = relations(tokens.split("&"))
            assert not first.enforce(who, *coordinate, row)
            assert second.enforce(who, *coordinate, row)
    assert set(change.duties_gained) == after.duties - before.duties
    assert set(change.duties_lost) == (frozenset() if after.nothing else before.duties - after.duties)
    assert change.special == (ELEMENTS[change.element].guarded or _raised(pair))


def _raised(pair: Planners) -> bool:
    return any(planner.book.raised for planner in pair)


def _same(one: Plan, other: Plan) -> bool:
    if one.nothing and other.nothing:
        return True
    return one.covers(other) and other.covers(one) and one.duties == other.duties


def _opens(tokens: tuple[str, ...], row: frozenset[str]) -> bool:
    return any(row.issuperset(each.split("&")) for each in tokens)


@settings(derandomize=True, deadline=None, max_examples=80)
@given(st.one_of(dense.pairs(), dense.pairs(narrowing=True)))
def test_every_change_is_said(pair: Planners) -> None:
    """Merging loses nobody and nothing: a sentence of its kind names each role, row, condition and duty of a change."""
    changes = impact(*pair)
    sentences = told(changes)
    for change in changes:
        for rows, kind in ((change.gained, Kind.GAINS), (change.lost, Kind.LOSES)):
            assert all(_is_said(sentences, change, kind, rows_phrase(change.element, row)) for row in rows)
        if change.duties_lost:
            assert _is_said(sentences, change, Kind.LESS_DUTY, *map(_duty, change.duties_lost))
        if change.duties_gained:
            kind = Kind.GAINS if change.gained else Kind.MORE_DUTY
            assert _is_said(sentences, change, kind, *map(_duty, change.duties_gained))
    assert any(each.widens for each in sentences) == widens(changes)
    assert any(each.widens and each.special for each in sentences) == widens_special(changes)


def _duty(word: str) -> str:
    return DUTIES[word].format(use="read")


def _is_said(sentences: tuple[Told, ...], change: Change, kind: Kind, *parts: str) -> bool:
    places = [part.removeprefix(f"the {WORDS[change.element]} ") for part in parts]
    words = (*(ROLE_PHRASES[role] for role in change.roles), *(CONDITIONS[word] for word in change.conditions), *places)
    return any(each.kind == kind and all(word in _small(each.sentence) for word in words) for each in sentences)


def _small(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:] if not sentence.startswith("SEN") else sentence
