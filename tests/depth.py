"""How far properties are searched. A plugin: `make test-deep` runs every property test a hundred times, in parts.

Part 0 is what `make test` runs; each other part is as large, with examples of its own, and is a test of its own:
`test_a_thing[part37]`. So parts are shared among workers, fail alone, and are run again alone.

A property test is one of Hypothesis, or takes `part` and makes other schools, books and questions for each number.

USHER_TEST_DEEP=1 runs parts 0 to 99 of property tests, and what else can look further; USHER_TEST_PARTS=40-99 those.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final, cast

import pytest
from hypothesis import is_hypothesis_test, seed

DEEP: Final = os.environ.get("USHER_TEST_DEEP", "") not in ("", "0")
PARTS: Final = 100
PART: Final = "part"
# They look further by themselves where DEEP: at everything there is, of which a usual run draws a sample.
OF_THEIR_OWN: Final = ("tests/leaks/", "tests/e2e/test_schemathesis.py")


def is_property(test: Callable[..., Any]) -> bool:
    """Whether a deep run has a hundred parts of it."""
    arguments = test.__code__.co_varnames[: test.__code__.co_argcount]
    return is_hypothesis_test(test) or PART in arguments


def parts(asked: str) -> range:
    """The numbers that "40-99" or "7" stands for; all of them for ""."""
    first, _, last = asked.partition("-")
    found = range(int(first or 0), int(last or first or PARTS - 1) + 1)
    if not found or found[-1] >= PARTS:
        raise pytest.UsageError(f"USHER_TEST_PARTS={asked}: name parts from 0 to {PARTS - 1}, as 40-99 or 7.")
    return found


@pytest.fixture
def part(request: pytest.FixtureRequest) -> int:
    """Which of the hundred parts this is: 0 in a usual run."""
    return cast("int", getattr(request, "param", 0))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "deep: looks further with USHER_TEST_DEEP=1")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if DEEP and is_property(metafunc.function):
        if PART not in metafunc.fixturenames:
            metafunc.fixturenames.append(PART)
        asked = parts(os.environ.get("USHER_TEST_PARTS", ""))
        metafunc.parametrize(PART, asked, indirect=True, ids=lambda number: f"{PART}{number}")


def pytest_itemcollected(item: pytest.Item) -> None:
    test = getattr(item, "function", None)
    if item.nodeid.startswith(OF_THEIR_OWN) or (test is not None and is_property(test)):
        item.add_marker("deep")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Other examples in each part, in place of those that follow from the test's source."""
    test: Any = item
    number = test.callspec.params.get(PART) if hasattr(item, "callspec") else None
    if number is not None and is_hypothesis_test(test.function):
        seed(number)(test.function)
