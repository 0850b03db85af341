"""Random books about one coordinate, of so few words that rules nearly always meet, and everyone who could ask."""

from dataclasses import replace
from itertools import combinations

from hypothesis import strategies as st

from server.policies.ceiling import Ceiling
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import guardrails_model_text
from server.policies.vocabulary import Capacity, relations

ELEMENT, ACTION = "photo", "read"
ROLES = ("class_teacher", "tutor", "senco")
FACTS = ("reason", "trained:sen")
ATOMS = ("taught", "pastoral", "protected")


def _subsets(words: tuple[str, ...]) -> list[frozenset[str]]:
    return [frozenset(some) for size in range(len(words) + 1) for some in combinations(words, size)]


PROFILES = [Profile(Capacity.STAFF, roles, facts) for roles in _subsets(ROLES) for facts in _subsets(FACTS)]
ROWS = [relations(held) for held in _subsets(ATOMS)]
_STAFF = tuple((role, "staff") for role in ROLES)
_GROUPS = ((ELEMENT, "personal"),)


def _rules(effects: tuple[str, ...]) -> st.SearchStrategy[Rule]:
    return st.builds(
        Rule,
        st.just(""),
        st.sampled_from((*ROLES, "staff")),
        st.sampled_from((ELEMENT, "personal")),
        st.just(ACTION),
        st.sampled_from(("school", *ATOMS)),
        st.sampled_from(((), (), *((fact,) for fact in FACTS), FACTS)),
        st.sampled_from(((), ("log",), ("log", "suppress"))),
        st.sampled_from(effects),
    )


_RAISES = st.sampled_from(((), (), (), ((ELEMENT, "sen"),)))


def _book(rules: tuple[Rule, ...], raised: tuple[tuple[str, str], ...] = ()) -> RuleBook:
    return RuleBook(tuple(replace(rule, id=f"r{at}") for at, rule in enumerate(rules)), _STAFF, _GROUPS, raised)


_BOTH = ("allow", "allow", "deny")


@st.composite
def pairs(draw: st.DrawFn, *, narrowing: bool = False) -> tuple[Planner, Planner]:
    """A book and what is made of it, under one ceiling; `narrowing`: as in an emergency, nothing is meant to open."""
    above = _book(tuple(draw(st.lists(_rules(("allow", "allow", "allow", "deny")), min_size=1, max_size=3))))
    old = draw(st.lists(_rules(_BOTH), min_size=1, max_size=5))
    kept = [rule for rule in old if (narrowing and rule.effect == "deny") or draw(st.integers(0, 2))]
    added = draw(st.lists(_rules(("deny",) if narrowing else _BOTH), max_size=2))
    ceiling = Ceiling(above, guardrails_model_text())
    return Planner(_book(tuple(old), draw(_RAISES)), ceiling), Planner(_book((*kept, *added), draw(_RAISES)), ceiling)
