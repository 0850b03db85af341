"""One planner asked by six threads at once answers as if asked by one."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest

from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.vocabulary import ROLES, relations
from tests.unit.policies.decisions import shipped_planner

ELEMENTS = ("name", "mark", "medical", "exam_result")
ROWS = (relations(), relations({"taught", "taught_course"}), relations({"child", "published"}))


def _answers(planner: Planner, roles: list[str]) -> list[object]:
    who = [Profile(ROLES[role], frozenset({role}), frozenset({"trained:sen", "grant"})) for role in roles]
    asked = product(who, ELEMENTS, ROWS)
    return [
        (planner.plan(one, element, "read"), planner.enforce(one, element, "read", row)) for one, element, row in asked
    ]


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads that are interrupted a thousand times as often as usual, so that what can go wrong does."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 1000)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("restless")
def test_six_threads_agree() -> None:
    """The enforcers are built from rows and then only read, one question at a time."""
    roles = list(ROLES)
    wanted = _answers(shipped_planner(), roles)
    fresh = Planner(starting_book(), shipped_ceiling())
    with ThreadPoolExecutor(6) as pool:
        for found in pool.map(_answers, [fresh] * 6, [roles] * 6):
            assert found == wanted
