"""Operations that people asked, and the audit rows that a school would hold of them, by who is protected there.

The rows follow the engine's own rule: a list has the rows on which everything that decides them may be read, as many as
the page holds, and each logged element names the learners whose value may be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from hypothesis import strategies as st

from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling
from server.policies.vocabulary import COURSES, Capacity, relations

LEARNERS = ("ann", "bob", "eve")
TAUGHT = frozenset({"ann", "eve"})
DAYS = 20
ROLES = ("class_teacher", "tutor", "head")
DECIDING = ("behaviour", "pupil_premium", "sen_provision")
SHOWN = (*DECIDING, "sen_needs", "medical", "guardian_contact", "looked_after")
_STAFF = tuple((role, "staff") for role in ROLES)
_MEMBERS = tuple((element, "welfare") for element in ("pupil_premium", "looked_after"))
_TRAINED = frozenset(f"trained:{course}" for course in COURSES)


@dataclass(frozen=True)
class Op:
    """`shown` are asked for, `deciding` too: filtered by, or passed through; `first` is the length of the page."""

    day: int
    roles: frozenset[str]
    shown: frozenset[str]
    deciding: frozenset[str] = frozenset()
    first: int = len(LEARNERS)
    facts: frozenset[str] = frozenset()
    purpose: str | None = None

    @property
    def asked(self) -> list[str]:
        return sorted({"name", *self.shown, *self.deciding})


@dataclass(frozen=True)
class Secrets:
    """What no family may learn: the first and last day of protection of a learner, and of whom concerns were raised."""

    protected: Mapping[str, tuple[int, int]]
    concerns: frozenset[str]


@dataclass(frozen=True)
class Case:
    """`ops` were asked in both schools; `hidden` in the second alone."""

    book: RuleBook
    ops: tuple[Op, ...]
    hidden: tuple[Op, ...]
    one: Secrets
    other: Secrets


@dataclass(frozen=True)
class Logged:
    op: Op
    elements: Mapping[str, list[str]]


def logged(planner: Planner, ops: tuple[Op, ...], secrets: Secrets) -> Iterator[Logged]:
    """The audit rows of the operations; none of one that shows nothing of what is logged."""
    for op in ops:
        profile = Profile(Capacity.STAFF, op.roles, _TRAINED | op.facts)
        there = [one for one in LEARNERS if _may(planner, profile, {"name", *op.deciding}, one, op.day, secrets)]
        elements = {
            element: [
                one
                for one in there[: op.first]
                if _may(planner, profile, {element}, one, op.day, secrets)
                and (element != "safeguarding" or one in secrets.concerns)
            ]
            for element in op.asked
            if "log" in planner.plan(profile, element, "read").duties
        }
        if any(elements.values()):
            yield Logged(op, {element: named for element, named in elements.items() if named})


def _may(planner: Planner, profile: Profile, elements: set[str], learner: str, day: int, secrets: Secrets) -> bool:
    first, last = secrets.protected.get(learner, (DAYS, 0))
    row = relations({*({"taught"} if learner in TAUGHT else ()), *({"protected"} if first <= day <= last else ())})
    return all(planner.plan(profile, element, "read").visible(row) for element in elements)


@lru_cache(maxsize=4)
def planner(book: RuleBook) -> Planner:
    return Planner(book, shipped_ceiling())


def _allow(number: int, role: str, element: str, scope: str, *duties: str) -> Rule:
    return Rule(f"a{number}", role, element, "read", scope, (), duties)


# Everybody knows of everybody, unless a rule denies it; most elements are open to all, and logged.
_OPEN = (
    _allow(0, "staff", "name", "school"),
    _allow(1, "staff", "sen_needs", "school", "log"),
    _allow(2, "staff", "medical", "taught", "log"),
    _allow(3, "staff", "welfare", "school", "log"),
    _allow(4, "staff", "sen_provision", "school", "log"),
    _allow(5, "staff", "behaviour", "school", "log"),
    _allow(6, "staff", "guardian_contact", "school", "log"),
)
_denials = st.builds(
    Rule,
    st.integers(0, 10**6).map(lambda number: f"d{number}"),
    st.sampled_from((*ROLES, "staff")),
    st.sampled_from((*SHOWN, "welfare", "safeguarding", "name")),
    st.just("read"),
    st.just("protected"),
    effect=st.just("deny"),
)


@st.composite
def books(draw: st.DrawFn) -> RuleBook:
    denials = draw(st.lists(_denials, min_size=1, max_size=3, unique_by=lambda rule: rule.id))
    opened = draw(st.sets(st.sampled_from(("head", "tutor")), max_size=2))
    concerns = tuple(Rule(f"s{role}", role, "safeguarding", "read", "school", ("reason",), ("log",)) for role in opened)
    return RuleBook((*_OPEN, *concerns, *denials), _STAFF, _MEMBERS)


_days = st.integers(0, DAYS - 1)
_secrets = st.builds(
    Secrets,
    st.dictionaries(st.sampled_from(LEARNERS), st.tuples(_days, _days).map(lambda days: (min(days), max(days)))),
    st.frozensets(st.sampled_from(LEARNERS)),
)
ops = st.builds(
    Op,
    _days,
    st.frozensets(st.sampled_from(ROLES), min_size=1, max_size=2),
    st.frozensets(st.sampled_from((*SHOWN, "safeguarding")), min_size=1, max_size=4),
    st.frozensets(st.sampled_from(DECIDING), max_size=1),
    st.integers(1, len(LEARNERS)),
    st.frozensets(st.just("reason")),
)


@st.composite
def _hidden(draw: st.DrawFn, book: RuleBook) -> Op:
    """By a safeguarding lead, under broken glass, for safeguarding, or of what some rule withholds of the protected."""
    op = draw(ops)
    withheld = [rule.element for rule in book.rules if rule.effect == "deny" and rule.element in SHOWN]
    way = draw(st.sampled_from(("dsl", "glass", "purpose", *(["withheld"] if withheld else []))))
    roles = op.roles | {"dsl"} if way == "dsl" else op.roles
    facts = op.facts | {"break_glass", "reason"} if way == "glass" else op.facts
    shown = frozenset(withheld) if way == "withheld" else op.shown
    deciding = frozenset[str]() if way == "withheld" else op.deciding
    return Op(op.day, roles, shown, deciding, op.first, facts, "safeguarding" if way == "purpose" else None)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    book = draw(books())
    asked = tuple(draw(st.lists(ops, min_size=1, max_size=5)))
    hidden = tuple(draw(st.lists(_hidden(book), max_size=2)))
    return Case(book, asked, hidden, draw(_secrets), draw(_secrets))
