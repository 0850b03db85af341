"""Where guardrails and rules say the same of two profiles, their plans are the same, in whatever books."""

from hypothesis import given, settings

from server.policies.alike import Alike
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.vocabulary import ACTIONS, CONDITIONS, ROLES, Capacity
from server.register.elements import ELEMENTS
from tests.properties.policies.books import ACTIONS as FEW_ACTIONS
from tests.properties.policies.books import ELEMENTS as FEW_ELEMENTS
from tests.properties.policies.books import books, profiles

CEILING = shipped_ceiling()


@settings(max_examples=60)
@given(books(), books(), profiles(), profiles())
def test_of_whom_the_same_is_said_has_the_same_plan(
    one: RuleBook, two: RuleBook, first: Profile, second: Profile
) -> None:
    """Duties included: of two profiles, at every two coordinates, under two books."""
    planned: dict[object, object] = {}
    for book in (one, two):
        planner, alike = Planner(book, CEILING), Alike(book, CEILING)
        for profile in (first, second):
            for element in FEW_ELEMENTS:
                for action in FEW_ACTIONS:
                    plan = planner.plan(profile, element, action)
                    assert planned.setdefault(alike.of(profile, element, action), plan) == plan


def test_raised_elements_keep_their_certificate() -> None:
    """A school's own raise asks for a fact that no rule names, and brings a duty."""
    start = starting_book()
    book = RuleBook(start.rules, start.role_groups, start.element_groups, (("gender", "equality"),))
    raised, plain = Alike(book, CEILING), Alike(start, CEILING)
    without, trained = (
        Profile(Capacity.STAFF, frozenset({"head"}), facts)
        for facts in (frozenset[str](), frozenset({"trained:equality"}))
    )
    said = [alike.of(one, "gender", "read") for alike in (raised, plain) for one in (without, trained)]
    assert len(set(said)) == 3
    assert said[2] == said[3]
    assert raised.said("gender", "read") != plain.said("gender", "read")
    assert raised.said("photo", "read") == plain.said("photo", "read")


def test_many_coordinates_share_few_plans() -> None:
    """A person of all roles and facts, at every coordinate of the shipped book."""
    alike = Alike(starting_book(), CEILING)
    everything = Profile.of(Capacity.STAFF, ROLES, CONDITIONS)
    said = [alike.of(everything, element, action) for element in ELEMENTS for action in ACTIONS]
    assert len(set(said)) < len(said) // 2
