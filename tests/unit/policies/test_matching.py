"""The matcher functions are total: any input at all gives True or False."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.policies.matching import group_matcher, holds, role_matcher, within
from server.policies.profile import Profile
from server.policies.vocabulary import Capacity

anything: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.integers(), st.text(), st.binary(), st.lists(st.text()), st.frozensets(st.text()),
    st.dictionaries(st.text(), st.text()), st.floats(), st.just(Profile(Capacity.STAFF, frozenset({"tutor"}))),
)  # fmt: skip


@given(anything, anything)
def test_every_input_has_an_answer(one: object, two: object) -> None:
    """No exception, no other type, and never True for a word that is no text."""
    has_role, in_group = role_matcher([("tutor", "staff")]), group_matcher([("name", "personal")])
    for function in (within, holds, has_role, in_group):
        answer = function(one, two)
        assert answer in (True, False)
        assert not (answer and not isinstance(two, str))


def test_the_empty_word_matches_nobody() -> None:
    """Casbin evaluates the matcher once with empty cells when there are no rows: that must be no permission."""
    tutor = Profile(Capacity.STAFF, frozenset({"tutor"}))
    assert not holds(tutor, "")
    assert not role_matcher(())(tutor, "")
    assert not group_matcher(())("", "")
    assert not within(frozenset({"school"}), "")


def test_all_conditions_of_a_cell_must_hold() -> None:
    """A certificate of one course unlocks nothing that asks for another, or for a reason as well."""
    trained = Profile(Capacity.STAFF, frozenset({"senco"}), frozenset({"trained:sen"}))
    assert holds(trained, "-")
    assert holds(trained, "trained:sen")
    assert not holds(trained, "trained:welfare")
    assert not holds(trained, "trained:sen+reason")
    assert holds(trained.with_facts({"reason"}), "trained:sen+reason")
