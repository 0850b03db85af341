"""A profile may be narrowed to what a book looks at: the plan stays the same."""

from hypothesis import given, settings

from server.policies.narrowing import Narrowing
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.vocabulary import ACTIONS, CONDITIONS, ROLES, Capacity
from server.register.elements import ELEMENTS
from tests.depth import examples
from tests.properties.policies.books import ACTIONS as FEW_ACTIONS
from tests.properties.policies.books import ELEMENTS as FEW_ELEMENTS
from tests.properties.policies.books import books, profiles

CEILING = shipped_ceiling()


@settings(max_examples=examples(60))
@given(books(), profiles())
def test_a_narrowed_profile_has_the_same_plan(book: RuleBook, profile: Profile) -> None:
    """Duties included, at every coordinate."""
    planner = Planner(book, CEILING)
    narrowing = Narrowing(book, CEILING)
    for element in FEW_ELEMENTS:
        for action in FEW_ACTIONS:
            narrowed = narrowing.of(profile, element, action)
            assert narrowed.roles <= profile.roles
            assert narrowed.facts <= profile.facts
            assert planner.plan(narrowed, element, action) == planner.plan(profile, element, action)


def test_raised_elements_keep_their_certificate() -> None:
    """A school's own raise asks for a fact that no rule names."""
    start = starting_book()
    book = RuleBook(start.rules, start.role_groups, start.element_groups, (("gender", "equality"),))
    planner, narrowing = Planner(book, CEILING), Narrowing(book, CEILING)
    for facts in (frozenset[str](), frozenset({"trained:equality"})):
        profile = Profile(Capacity.STAFF, frozenset({"head"}), facts)
        assert planner.plan(narrowing.of(profile, "gender", "read"), "gender", "read") == planner.plan(
            profile, "gender", "read"
        )
    assert narrowing.said("gender", "read") != Narrowing(start, CEILING).said("gender", "read")


def test_many_roles_share_few_plans() -> None:
    """The shipped book tells a person of all roles and facts apart from few others at most coordinates."""
    narrowing = Narrowing(starting_book(), CEILING)
    everything = Profile.of(Capacity.STAFF, ROLES, CONDITIONS)
    shared = sum(
        len(narrowing.of(everything, element, action).roles) < len(everything.roles)
        for element in ELEMENTS
        for action in ACTIONS
    )
    assert shared > len(ELEMENTS)
