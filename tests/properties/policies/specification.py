"""What a rule book means, said in six lines that share nothing with the planner, and Casbin as it comes."""

from collections.abc import Iterable
from typing import Any

from casbin import Enforcer
from casbin.model import Model

from server.policies.matching import group_matcher, holds, role_matcher, within
from server.policies.profile import Profile
from server.policies.rule_book import RuleBook
from server.policies.shipped import model_text


def specified(book: RuleBook, who: Profile, element: str, action: str, rels: frozenset[str]) -> bool:
    """The independent specification."""
    roles = who.roles | {group for role, group in book.role_groups if role in who.roles}
    names = {element} | {group for member, group in book.element_groups if member == element}
    rows = [rule for rule in book.rules if rule.action == action and rule.role in roles and rule.element in names]
    matching = [rule for rule in rows if rule.scope in rels and set(rule.conditions) <= who.facts]
    effects = {rule.effect for rule in matching}
    return "allow" in effects and "deny" not in effects


def specified_duties(book: RuleBook, who: Profile, element: str, action: str) -> frozenset[str]:
    """The duties of each allow rule that matches on some row."""
    return frozenset(
        duty
        for rule in book.rules
        if rule.effect == "allow"
        and specified(RuleBook((rule,), book.role_groups, book.element_groups), who, element, action, _row(rule.scope))
        for duty in rule.duties
    )


def _row(*tokens: str) -> frozenset[str]:
    return frozenset({"school", *tokens})


def whole_casbin(book: RuleBook) -> Any:
    """One plain enforcer over all rows of the book, with nothing left out beforehand."""
    model: Any = Model()
    model.load_model_from_text(model_text())
    model["p"]["p"].policy.extend(rule.row() for rule in book.rules)
    enforcer: Any = Enforcer(model)
    functions: Iterable[tuple[str, Any]] = (
        ("within", within),
        ("holds", holds),
        ("hasRole", role_matcher(book.role_groups)),
        ("inGroup", group_matcher(book.element_groups)),
    )
    for name, function in functions:
        enforcer.add_function(name, function)
    return enforcer
