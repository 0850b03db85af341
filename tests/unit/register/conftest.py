"""Hypothesis with a fixed seed: the same examples on every machine, and no timed assertion."""

from hypothesis import settings

settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
settings.load_profile("fixed")
