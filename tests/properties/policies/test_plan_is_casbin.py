"""The plan, Casbin on the row itself and an independent specification never differ."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from server.policies.ceiling import Ceiling
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.rule_book import RuleBook
from server.policies.shipped import guardrails_model_text, shipped_ceiling, starting_book
from server.policies.vocabulary import ACTIONS, ALLOW_SCOPES, CONDITIONS, DENY_ONLY_SCOPES, ROLES, Capacity, relations
from server.register.elements import ELEMENTS
from tests.properties.policies import books as words
from tests.properties.policies.specification import specified, specified_duties, whole_casbin

rows_of_one_book = st.lists(words.rows, min_size=1, max_size=12)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(words.books(), words.books(), words.profiles(), rows_of_one_book)
def test_plan_casbin_and_specification_agree(
    book: RuleBook, above: RuleBook, who: Profile, rows: list[frozenset[str]]
) -> None:
    """Random books, ceilings, profiles and rows: three ways of asking give one answer, element by element."""
    planner = Planner(book, Ceiling(above, guardrails_model_text()))
    stock, stock_above = whole_casbin(book), whole_casbin(above)
    for element in words.ELEMENTS:
        for action in words.ACTIONS:
            plan = planner.plan(who, element, action)
            for row in rows:
                wanted = specified(book, who, element, action, row) and specified(above, who, element, action, row)
                assert plan.visible(row) == wanted
                assert planner.enforce(who, element, action, row) == wanted
                whole = stock.enforce(who, element, action, row) and stock_above.enforce(who, element, action, row)
                assert whole == wanted
            duties = specified_duties(book, who, element, action) | specified_duties(above, who, element, action)
            assert plan.duties == (frozenset() if plan.nothing else duties)


@st.composite
def _real_profiles(draw: st.DrawFn) -> Profile:
    capacity = draw(st.sampled_from(list(Capacity)))
    roles = sorted(role for role, owner in ROLES.items() if owner == capacity)
    held = draw(st.frozensets(st.sampled_from(roles), max_size=3))
    return Profile(capacity, held, draw(st.frozensets(st.sampled_from(sorted(CONDITIONS)))))


_ATOMS = sorted({*ALLOW_SCOPES, *DENY_ONLY_SCOPES, "published", "released"})
_REAL_ROWS = st.frozensets(st.sampled_from(_ATOMS), max_size=6).map(relations)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(
    _real_profiles(),
    st.sampled_from(sorted(ELEMENTS)),
    st.sampled_from(sorted(ACTIONS)),
    st.lists(_REAL_ROWS, max_size=8),
)
def test_the_shipped_books_mean_what_they_say(
    who: Profile, element: str, action: str, rows: list[frozenset[str]]
) -> None:
    """The same over the rule book and the guardrails that ship, every role, element and action."""
    ceiling, book = shipped_ceiling(), starting_book()
    plan = _shipped_planner().plan(who, element, action)
    for row in rows:
        above = specified(ceiling.book, who, element, action, row)
        wanted = above and (element == "policy" or specified(book, who, element, action, row))
        assert plan.visible(row) == wanted
        assert _shipped_planner().enforce(who, element, action, row) == wanted


_SHIPPED: list[Planner] = []


def _shipped_planner() -> Planner:
    if not _SHIPPED:
        _SHIPPED.append(Planner(starting_book(), shipped_ceiling()))
    return _SHIPPED[0]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(words.books(), words.profiles(), words.rows)
def test_an_empty_ceiling_allows_nothing(book: RuleBook, who: Profile, row: frozenset[str]) -> None:
    """Whatever a school's book says, without guardrail rows every plan is empty."""
    planner = Planner(book, Ceiling(RuleBook(()), guardrails_model_text()))
    for element in words.ELEMENTS:
        plan = planner.plan(who, element, "read")
        assert plan.nothing
        assert not plan.visible(row)


def _denying(book: RuleBook) -> RuleBook:
    """What only a denial may name, a denial names: other books are refused before anybody is asked by them."""
    rules = (replace(rule, effect="deny") if rule.scope in DENY_ONLY_SCOPES else rule for rule in book.rules)
    return replace(book, rules=tuple(rules))


_kept = words.books().map(_denying)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(_kept, _kept, words.profiles(), words.rows, words.protections)
def test_protection_never_has_a_reason_of_its_own(
    book: RuleBook, above: RuleBook, who: Profile, row: frozenset[str], protection: frozenset[str]
) -> None:
    """A protected row answers as the same row without protection would, and OUT_OF_SCOPE where that one is visible."""
    planner = Planner(book, Ceiling(above, guardrails_model_text()))
    open_row = relations(row - set(DENY_ONLY_SCOPES))
    shut_row = relations(open_row | protection)
    for element in words.ELEMENTS:
        plan = planner.plan(who, element, "read")
        if plan.visible(shut_row):
            continue
        reason = _reason(planner, who, element, shut_row)
        if who.capacity == Capacity.PARENT:
            assert reason is None
        elif plan.visible(open_row):
            assert reason == "OUT_OF_SCOPE"
        else:
            assert reason == _reason(planner, who, element, open_row)


def _reason(planner: Planner, who: Profile, element: str, row: frozenset[str]) -> str | None:
    for reason, plan in planner.withheld(who, element):
        if plan is None or plan.visible(row):
            return str(reason)
    return None
