"""Why a decision is as it is: the rules that grant and block it in both books, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from server.policies.ceiling import CEILING_ALONE, GUARDRAILS_MODEL_SHA256
from server.policies.decider import Decider
from server.policies.explanation_remedies import Remedy, remedies
from server.policies.matching import group_matcher, role_matcher
from server.policies.planner import MODEL_SHA256, Planner
from server.policies.profile import Profile
from server.policies.raising import PLACE, raised_sentence
from server.policies.rule_book import Rule, RuleBook
from server.policies.sentence import sentence
from server.policies.shipped import guardrails_model_text, model_text
from server.policies.vocabulary import DENY_ONLY_SCOPES, JOINED
from server.policies.vocabulary import relations as whole

__all__ = ["Cited", "Explanation", "Remedy", "explained", "explained_to_oneself"]

GUARDRAILS, SCHOOL = "guardrails", "school"
_SCHOOL = frozenset({"school"})


@dataclass(frozen=True, slots=True)
class Cited:
    """A rule that matches the question, in words. A school's raise of an element is cited as `raise`."""

    rule_id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """`granting` and `blocking` are the school's rules, the others the guardrails'.

    `missing`: the least sets of facts that would allow it. `changes`: what else would, each the least of its kind.
    `against`: which of the two books says no, "guardrails" and "school"; empty where it is allowed.
    """

    decision: bool
    granting: tuple[Cited, ...]
    blocking: tuple[Cited, ...]
    guardrails_granting: tuple[Cited, ...]
    guardrails_blocking: tuple[Cited, ...]
    against: tuple[str, ...]
    missing: tuple[Remedy, ...] = ()
    changes: tuple[Remedy, ...] = ()

    @property
    def sentence(self) -> str:
        """The answer in one line."""
        if self.decision:
            return _because("It is allowed", self.granting or self.guardrails_granting)
        blocking = self.blocking or self.guardrails_blocking
        if blocking:
            return _because("It is refused", blocking)
        if self.against == (GUARDRAILS,):
            return "It is refused: the guardrails have no rule that allows it."
        alone = SCHOOL in self.against and GUARDRAILS not in self.against
        return f"It is refused: no rule of the school allows it{'' if alone else ', and no guardrail'}."


_OUT_OF_SCOPE = Explanation(False, (), (), (), (), (SCHOOL,))


def explained(planner: Planner, profile: Profile, element: str, action: str, relations: frozenset[str]) -> Explanation:
    """Why this profile may or may not use this element of a row in these relations. Unknown words are refused rows."""
    plain = frozenset(relations) - JOINED.keys()
    found = cited(planner, profile, element, action, plain)
    if found.decision:
        return found
    ways = remedies(planner, profile, (element, action), plain)
    return replace(
        found,
        missing=tuple(way for way in ways if way.of_facts_alone),
        changes=tuple(way for way in ways if not way.of_facts_alone),
    )


def explained_to_oneself(
    planner: Planner, profile: Profile, element: str, action: str, relations: frozenset[str]
) -> Explanation:
    """The same for the person who asks why they themselves see no value: nothing in it tells of a protection.

    What only a protection withholds is explained as any row out of scope.
    """
    found = explained(planner, profile, element, action, relations)
    if found.decision:
        return found
    bare = frozenset(relations) - JOINED.keys() - DENY_ONLY_SCOPES.keys()
    suppositions = (explained(planner, profile, element, action, row) for row in (bare, _SCHOOL))
    return next((other for other in suppositions if not other.decision), _OUT_OF_SCOPE)


def cited(planner: Planner, profile: Profile, element: str, action: str, relations: frozenset[str]) -> Explanation:
    """The decision and its rules without what would change it: a fraction of the work."""
    row = whole(relations)
    ceiling, book = planner.ceiling.book, planner.book
    above = list(_matching(ceiling, profile, element, action, row, guardrails=True))
    own = [] if element in CEILING_ALONE else list(_matching(book, profile, element, action, row, guardrails=False))
    granting, blocking = _cited(own, "allow"), _cited(own, "deny")
    if planner.raising.shuts(profile, element, action):
        blocking += (Cited(PLACE, raised_sentence(element, str(planner.raising.course(element)))),)
    upper = _cited(above, "allow"), _cited(above, "deny")
    against = (
        *((GUARDRAILS,) if upper[1] or not upper[0] else ()),
        *((SCHOOL,) if blocking or not (granting or element in CEILING_ALONE) else ()),
    )
    return Explanation(planner.enforce(profile, element, action, row), granting, blocking, *upper, against)


def _matching(
    book: RuleBook, profile: Profile, element: str, action: str, row: frozenset[str], *, guardrails: bool
) -> Iterator[Rule]:
    """Each rule that matches, found by Casbin over a book of that rule alone, which then allows."""
    has_role, in_group = role_matcher(book.role_groups), group_matcher(book.element_groups)
    model = (guardrails_model_text(), GUARDRAILS_MODEL_SHA256) if guardrails else (model_text(), MODEL_SHA256)
    for rule in book.rules:
        if rule.action == action and in_group(element, rule.element) and has_role(profile, rule.role):
            alone = RuleBook((replace(rule, effect="allow"),), book.role_groups, book.element_groups)
            if Decider(alone, *model).enforce(profile, element, action, row):
                yield rule


def _cited(rules: list[Rule], effect: str) -> tuple[Cited, ...]:
    return tuple(Cited(rule.id, sentence(rule)) for rule in rules if rule.effect == effect)


def _because(opening: str, rules: tuple[Cited, ...]) -> str:
    said = "; ".join(f"{rule.rule_id}: {rule.sentence.rstrip('.')}" for rule in rules)
    return f"{opening} by {said}."
