"""What an officer's steps cost at three sizes of a rule book: planning, checking, impact and explanation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count, cycle, islice
from statistics import median

from server.policies.examples import run, starting_examples
from server.policies.explanation import explained
from server.policies.impact import impact
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.validate import validate
from server.policies.vocabulary import ROLES, Capacity
from server.policies.wording_changes import told

RULES = (50, 200, 1_000)
_REPEATS = 5
_STAFF = sorted(role for role, capacity in ROLES.items() if capacity == Capacity.STAFF)
_TEACHER = Profile(Capacity.STAFF, frozenset({"class_teacher", "tutor"}), frozenset({"trained:sen"}))
_ELEMENTS = (
    "name", "groups", "gender", "photo", "education", "behaviour", "attendance", "mark", "grade", "target", "sen_needs",
    "medical",
)  # fmt: skip

# From a book, outside the measurement, to the work that is measured.
Step = Callable[[RuleBook], Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Administration:
    """One step; medians of milliseconds by the number of rules."""

    step: str
    milliseconds: dict[int, float]

    def data(self) -> dict[str, object]:
        return {"step": self.step, "milliseconds": {str(rules): cost for rules, cost in self.milliseconds.items()}}


def administration() -> list[Administration]:
    """Every step at every size, over books of which nothing is remembered from an earlier repeat."""
    books = {rules: book_of(rules) for rules in RULES}
    return [
        Administration(name, {rules: _cost(step, book) for rules, book in books.items()})
        for name, step in STEPS.items()
    ]


def book_of(rules: int) -> RuleBook:
    """The first rules of the book that new schools start with, then the same for other roles within hours."""
    book = starting_book()
    return replace(book, rules=tuple(islice(_endless(book.rules), rules)))


def officers_book(rules: int) -> RuleBook:
    """The same, with the officer's own rules first, by which names are told and operations replayed."""
    book = starting_book()
    first = sorted(book.rules, key=lambda rule: rule.role != "dpo")
    return replace(book, rules=tuple(islice(_endless(tuple(first)), rules)))


def with_another(book: RuleBook) -> RuleBook:
    """One rule more, about special category data of those whom one teaches."""
    added = Rule("new", "class_teacher", "special", "read", "taught", ("trained:sen",), ("log",))
    return replace(book, rules=(*book.rules, added))


def exchanged(book: RuleBook) -> RuleBook:
    """As many rules for the same roles, each about what the rule before is about, with other conditions and no duties."""
    turns = zip(book.rules, (book.rules[-1], *book.rules), strict=False)
    other = (
        replace(rule, element=before.element, conditions=() if rule.conditions else ("supervised",), duties=())
        for rule, before in turns
    )
    return replace(book, rules=tuple(other))


def _endless(rules: tuple[Rule, ...]) -> Iterator[Rule]:
    yield from rules
    for round_number in count(1):
        for rule, role in zip(rules, cycle(_STAFF), strict=False):
            yield replace(rule, id=f"x{round_number}-{rule.id}", role=role, conditions=(*rule.conditions, "hours"))


def _planner(book: RuleBook) -> Planner:
    return Planner(book, shipped_ceiling())


def _read(planner: Planner) -> object:
    return planner.permit(_TEACHER, [(element, "read") for element in _ELEMENTS])


def _plan_cold(book: RuleBook) -> Callable[[], object]:
    planner = _planner(book)
    return lambda: _read(planner)


def _plan_warm(book: RuleBook) -> Callable[[], object]:
    planner = _planner(book)
    _read(planner)
    return lambda: _read(planner)


def _impact_of_one(book: RuleBook) -> Callable[[], object]:
    added = Rule("new", "class_teacher", "special", "read", "taught", ("trained:sen", "trained:welfare"))
    old, new = _planner(book), _planner(replace(book, rules=(*book.rules, added)))
    return lambda: told(impact(old, new))


def _impact_of_all(book: RuleBook) -> Callable[[], object]:
    other = tuple(replace(rule, duties=(), conditions=(*rule.conditions, "supervised")) for rule in book.rules)
    old, new = _planner(book), _planner(replace(book, rules=other))
    return lambda: told(impact(old, new))


def _explain(book: RuleBook) -> Callable[[], object]:
    planner = _planner(book)
    return lambda: explained(planner, _TEACHER, "medical", "read", frozenset({"taught_before", "protected"}))


STEPS: dict[str, Step] = {
    f"plan cold, {len(_ELEMENTS)} elements": _plan_cold,
    f"plan warm, {len(_ELEMENTS)} elements": _plan_warm,
    "validate": lambda book: lambda: validate(book, shipped_ceiling()),
    "examples of the agreement": lambda book: lambda: run(_planner(book), starting_examples()),
    "impact, one rule changed": _impact_of_one,
    "impact, every rule changed": _impact_of_all,
    "explain a refusal": _explain,
}


def _cost(step: Step, book: RuleBook) -> float:
    times: list[float] = []
    for _ in range(_REPEATS):
        work = step(book)
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    return median(times)
