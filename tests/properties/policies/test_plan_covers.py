"""`covers`, `nothing` and `everything` are exact: compared with every relation set there is."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from server.policies.plan import Gate, Plan
from server.policies.vocabulary import SCOPES, atoms, relations

_ATOMS = ("own", "child", "taught_course", "protected", "published", "released")
_TOKENS = sorted(token for token in SCOPES if atoms(token) <= {"school", *_ATOMS})
_ROWS = [relations(chosen) for size in range(len(_ATOMS) + 1) for chosen in combinations(_ATOMS, size)]

tokens = st.frozensets(st.sampled_from(_TOKENS), max_size=3)
gates = st.builds(Gate, tokens, tokens)
plans = st.builds(Plan, st.tuples(gates, gates))


@settings(derandomize=True, deadline=None, max_examples=3000)
@given(plans, plans)
def test_covers_is_exact(one: Plan, other: Plan) -> None:
    """True exactly when no row passes the other plan and fails this one."""
    assert one.covers(other) == all(one.visible(row) for row in _ROWS if other.visible(row))


@settings(derandomize=True, deadline=None, max_examples=1500)
@given(plans)
def test_nothing_and_everything_are_exact(plan: Plan) -> None:
    """No row passes, every row passes: both against brute force."""
    assert plan.nothing == (not any(plan.visible(row) for row in _ROWS))
    assert plan.everything == all(plan.visible(row) for row in _ROWS)
    assert plan.covers(plan)
    assert plan.tokens <= set(_TOKENS)
