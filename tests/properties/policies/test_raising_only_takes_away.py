"""A raised element against the same book without the raise: staff without the certificate lose it, nothing else moves."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from server.policies.ceiling import Ceiling
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import guardrails_model_text
from server.policies.vocabulary import Capacity
from tests.properties.policies import books as words

USES = (*words.ACTIONS, "count", "export")
raises = st.dictionaries(st.sampled_from(words.ELEMENTS), st.sampled_from(("sen", "welfare")), max_size=3)


def _for_every_use(book: RuleBook) -> RuleBook:
    """Each rule once for every action, so that counts and exports are decided too."""
    rules = tuple(replace(rule, id=f"{rule.id}.{use}", action=use) for rule in book.rules for use in USES)
    return replace(book, rules=rules)


@settings(max_examples=150)
@given(words.books(6), words.books(6), words.profiles(), st.lists(words.rows, min_size=1, max_size=6), raises)
def test_a_raise_only_takes_away(
    book: RuleBook, above: RuleBook, who: Profile, rows: list[frozenset[str]], raised: dict[str, str]
) -> None:
    """For each element, use and row; Casbin asked about the row itself says the same; reads and exports are logged."""
    book, ceiling = _for_every_use(book), Ceiling(_for_every_use(above), guardrails_model_text())
    plain, planner = Planner(book, ceiling), Planner(replace(book, raised=tuple(raised.items())), ceiling)
    for element in words.ELEMENTS:
        lacking = element in raised and f"trained:{raised[element]}" not in who.facts
        for use in USES:
            shut = lacking and use != "write" and who.capacity == Capacity.STAFF
            before, after = plain.plan(who, element, use), planner.plan(who, element, use)
            for row in rows:
                assert after.visible(row) == (before.visible(row) and not shut)
                assert planner.enforce(who, element, use, row) == after.visible(row)
            added = {"log"} if element in raised and use in ("read", "export") and not after.nothing else set[str]()
            assert after.duties == (frozenset() if shut else before.duties | added)


@settings(max_examples=150)
@given(words.books(), words.rows, st.frozensets(st.sampled_from(words.STAFF)), raises, st.sampled_from(words.TOKENS))
def test_the_certificate_is_named_where_it_alone_is_missing(
    book: RuleBook, row: frozenset[str], roles: frozenset[str], raised: dict[str, str], scope: str
) -> None:
    """A row that staff would read, had they the course, answers TRAINING_REQUIRED. The ceiling takes nothing away."""
    opened = tuple(Rule(f"open.{element}", "tutor", element, "read", scope) for element in raised)
    book = replace(book, rules=(*book.rules, *opened), raised=tuple(raised.items()))
    planner = Planner(book, Ceiling(book, guardrails_model_text()))
    who = Profile(Capacity.STAFF, roles | {"tutor"})
    for element, course in raised.items():
        assert planner.plan(who, element, "read").nothing
        reasons = (str(why) for why, plan in planner.withheld(who, element) if plan is None or plan.visible(row))
        if planner.plan(who.with_facts({f"trained:{course}"}), element, "read").visible(row):
            assert next(reasons) == "TRAINING_REQUIRED"
        else:
            assert next(reasons) in {"TRAINING_REQUIRED", "OUT_OF_SCOPE", "NOT_PERMITTED", "REASON_REQUIRED"}
