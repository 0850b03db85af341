"""Buckets of cost by a clock of the test's own."""

from uuid import UUID

import pytest

from server.errors import RateLimited
from server.identity.principal import Principal
from server.resolvers.budgets import NEW_DOCUMENT, Buckets, Budgets

SCHOOL, OTHER = UUID(int=1), UUID(int=2)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def principal(person: int = 1, capacity: str = "STAFF", school: UUID = SCHOOL, client: str | None = None) -> Principal:
    return Principal(school, UUID(int=person), capacity, client, "token", 0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def budgets(clock: Clock) -> Budgets:
    """A thousand at most; ten come back a second."""
    return Budgets(1000, 10, clock)


def spent(budgets: Budgets, who: Principal) -> None:
    budgets.charge(who, budgets.left(who))


def test_what_is_spent_comes_back(budgets: Budgets, clock: Clock) -> None:
    """As much a second as was said, and never more than the bucket holds."""
    assert budgets.charge(principal(), 300) == 700
    clock.now += 5
    assert budgets.left(principal()) == 750
    clock.now += 1e6
    assert budgets.left(principal()) == 1000


def test_a_refusal_takes_nothing_and_says_when(budgets: Budgets, clock: Clock) -> None:
    """The seconds are enough, and one less is not."""
    budgets.charge(principal(), 995)
    with pytest.raises(RateLimited) as refused:
        budgets.charge(principal(), 106)
    assert budgets.left(principal()) == 5
    assert refused.value.seconds == 11
    clock.now += refused.value.seconds - 1
    with pytest.raises(RateLimited):
        budgets.charge(principal(), 106)
    clock.now += 1
    assert budgets.charge(principal(), 106) == 9


def test_all_of_a_bucket_may_be_spent_at_once(budgets: Budgets) -> None:
    assert budgets.charge(principal(), 1000) == 0
    with pytest.raises(RateLimited):
        budgets.charge(principal(), 1)


def test_a_person_has_one_budget_for_each_capacity_whatever_app_asks(budgets: Budgets) -> None:
    """Another capacity, person or school is somebody else; another app is not."""
    spent(budgets, principal())
    assert budgets.left(principal(client="an app")) == 0
    others = principal(capacity="PARENT"), principal(person=2), principal(school=OTHER)
    assert [budgets.left(one) for one in others] == [1000, 1000, 1000]


def test_a_program_has_one_budget_for_each_school(budgets: Budgets) -> None:
    spent(budgets, principal(capacity="CLIENT", client="mis"))
    assert budgets.left(principal(person=9, capacity="CLIENT", client="mis")) == 0
    others = principal(capacity="CLIENT", client="other"), principal(capacity="CLIENT", client="mis", school=OTHER)
    assert [budgets.left(one) for one in others] == [1000, 1000]


def test_new_documents_have_a_bucket_of_their_own(budgets: Budgets) -> None:
    """What is left of the other one tells nobody whether a document was known here."""
    for _ in range(1000 // NEW_DOCUMENT):
        budgets.new_document(principal(), 0)
    with pytest.raises(RateLimited):
        budgets.new_document(principal(), 0)
    assert budgets.left(principal()) == 1000


def test_a_long_document_costs_more_to_read_and_never_more_than_there_can_be(budgets: Budgets) -> None:
    budgets.new_document(principal(), 400)
    with pytest.raises(RateLimited) as refused:
        budgets.new_document(principal(), 0)
    assert refused.value.seconds == 40
    budgets.new_document(principal(person=2), 250_000)


def test_only_so_many_buckets_are_kept(clock: Clock) -> None:
    """The one that nobody touched for the longest time is forgotten; one in use is not."""
    buckets = Buckets(1000, 10, clock, most=100)
    buckets.take("first", 10)
    buckets.take("second", 10)
    for number in range(98):
        buckets.take(number, 10)
    buckets.left("first")
    for number in range(98, 197):
        buckets.take(number, 10)
        buckets.left("first")
        assert len(buckets) <= 100
    assert buckets.left("first") == 990
    assert buckets.left("second") == 1000
