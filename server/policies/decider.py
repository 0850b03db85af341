"""Casbin at work: one book, asked about rows that don't exist. The only module that imports casbin.

Measured on pycasbin 2.8.0, and the reasons for this shape: a deny-only effect with no rows allows, an effect in
capitals is ignored, one short row makes every decision raise, a disabled enforcer allows everything, adapters split
values at commas, and the fast and asynchronous enforcers gave wrong answers. So: the plain enforcer, rows put into the
model as lists, never reloaded, under a model whose hash is pinned. Model and matcher are parsed once a book: they are
the same for all its enforcers, and parsing took two thirds of a plan.
"""

import hashlib
import logging
import threading
from collections.abc import Callable
from copy import copy
from typing import Any

from casbin import Enforcer
from casbin.model import Model

from server.policies.matching import group_matcher, holds, role_matcher, within
from server.policies.plan import CLOSED, Gate
from server.policies.profile import Profile
from server.policies.rule import Finding, Rule, RuleBookInvalid
from server.policies.rule_book import RuleBook

_SCHOOL = frozenset({"school"})
# A parsed matcher holds the names of one question at a time; and Python's parser mistakes the depth of several threads
# for an error of its own (SystemError, CPython issue 106905).
_ONE_AT_A_TIME = threading.Lock()
_LOGGERS = ("casbin", "casbin.enforcer", "casbin.policy", "casbin.role")


class Decider:
    """Decides for one book by small enforcers, each built from rows once and never changed."""

    def __init__(self, book: RuleBook, model_text: str, model_sha256: str) -> None:
        found = hashlib.sha256(model_text.encode()).hexdigest()
        if found != model_sha256:
            sentence = f"the model's hash is {found}, the program was made for {model_sha256}: restore the file"
            raise RuleBookInvalid([Finding("model", "changed_model", sentence)])
        self._book = book.checked()
        self._functions: dict[str, Callable[[Any, Any], bool]] = {
            "within": within,
            "holds": holds,
            "hasRole": role_matcher(book.role_groups),
            "inGroup": group_matcher(book.element_groups),
        }
        self._empty = _without_rules(model_text, self._functions)
        self._by_coordinate: dict[tuple[str, str], tuple[Rule, ...]] = {}
        self._small: dict[tuple[str, str], Any] = {}
        self._single: dict[str, Any] = {}

    def enforce(self, profile: Profile, element: str, action: str, rels: frozenset[str]) -> bool:
        """Casbin's own answer for a row in the relations `rels`."""
        key = (element, action)
        if key not in self._small:
            self._small[key] = self._enforcer(self._rules(element, action))
        return _allows(self._small[key], profile, element, action, rels)

    def gate(self, profile: Profile, element: str, action: str) -> Gate:
        """Exactly the rows that `enforce` allows, found by asking about rows with one or two relations.

        Only rows of the profile's roles go into the enforcer that is asked, and only their scopes are asked about:
        other rows match nothing. The plan is remembered, the enforcer is not.
        """
        rules = self._for_roles(profile, element, action)
        if not rules:
            return CLOSED
        enforcer = self._enforcer(rules)
        tokens = {rule.scope for rule in rules} - _SCHOOL

        def ask(*extra: str) -> bool:
            return _allows(enforcer, profile, element, action, _SCHOOL.union(extra))

        if ask():
            return Gate(_SCHOOL, frozenset(token for token in tokens if not ask(token)))
        allow = frozenset(token for token in tokens if ask(token))
        if not allow:
            return CLOSED
        one = min(allow)
        return Gate(allow, frozenset(token for token in tokens - allow if not ask(one, token)))

    def duties(self, profile: Profile, element: str, action: str) -> frozenset[str]:
        """The union over all allow rules that match; each is found by a model of that rule alone."""
        found: set[str] = set()
        for rule in self._for_roles(profile, element, action):
            if rule.effect != "allow" or found.issuperset(rule.duties):
                continue
            if _allows(self._alone(rule), profile, element, action, _SCHOOL | {rule.scope}):
                found.update(rule.duties)
        return frozenset(found)

    def _for_roles(self, profile: Profile, element: str, action: str) -> tuple[Rule, ...]:
        has_role = self._functions["hasRole"]
        return tuple(rule for rule in self._rules(element, action) if has_role(profile, rule.role))

    def _rules(self, element: str, action: str) -> tuple[Rule, ...]:
        key = (element, action)
        if key not in self._by_coordinate:
            in_group = self._functions["inGroup"]
            self._by_coordinate[key] = tuple(
                rule for rule in self._book.rules if rule.action == action and in_group(element, rule.element)
            )
        return self._by_coordinate[key]

    def _alone(self, rule: Rule) -> Any:
        if rule.id not in self._single:
            self._single[rule.id] = self._enforcer((rule,))
        return self._single[rule.id]

    def _enforcer(self, rules: tuple[Rule, ...]) -> Any:
        """Another one beside the empty one: rows of its own, all else shared."""
        enforcer, model, rows = copy(self._empty), copy(self._empty.model), copy(self._empty.model["p"]["p"])
        rows.policy = [rule.row() for rule in rules]
        model.model = {**model.model, "p": {"p": rows}}
        enforcer.model = model
        return enforcer


def _without_rules(model_text: str, functions: dict[str, Callable[[Any, Any], bool]]) -> Any:
    model: Any = Model()
    model.load_model_from_text(model_text)
    enforcer: Any = Enforcer(model)
    for name, function in functions.items():
        enforcer.add_function(name, function)
    enforcer._get_expression = _kept(enforcer._get_expression)
    _silence()
    return enforcer


def _kept(parse: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """Casbin parses its matcher anew for each question; this keeps it parsed."""
    parsed: dict[str, Any] = {}

    def expression(text: str, functions: Any) -> Any:
        if text not in parsed:
            parsed[text] = parse(text, functions)
        return parsed[text]

    return expression


def _allows(enforcer: Any, profile: Profile, element: str, action: str, rels: frozenset[str]) -> bool:
    with _ONE_AT_A_TIME:
        return bool(enforcer.enforce(profile, element, action, rels))


def _silence() -> None:
    """Casbin logs each request, the profile included, at INFO."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.disabled = True
        logger.setLevel(logging.CRITICAL)
