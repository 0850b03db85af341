"""The committed table of decisions: what the books mean, kept beside what they say."""

from tests.unit.policies.decisions import TABLE, table


def test_the_decisions_are_as_committed() -> None:
    """A row added, changed or deleted shows here as the decisions that it changes."""
    committed = TABLE.read_text(encoding="utf-8").splitlines()
    now = list(table())
    kept = set(committed) & set(now)
    lost, gained = ([line for line in lines if line not in kept] for lines in (committed, now))
    assert not lost, f"decisions lost: {lost[:10]}"
    assert not gained, f"decisions gained: {gained[:10]}"
    assert now == committed
