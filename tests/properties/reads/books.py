"""The shipped rule book, mutated: rules removed, added, and changed in scope, conditions and effect."""

from __future__ import annotations

from dataclasses import replace

from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import starting_book
from server.policies.vocabulary import ALLOW_SCOPES, CONDITIONS, DENY_ONLY_SCOPES, JOINED
from tests.oracle.printed import ELEMENTS
from tests.properties.reads.choosing import Choosing

ROLES = ("staff", "class_teacher", "tutor", "senco", "head_of_year", "head_of_department", "head", "data_manager",
         "parent", "learner", "mis_client")  # fmt: skip
GROUPS = ("personal", "special", "attainment", "medical_sen", "welfare", "structure", "contact")
SHOWN = tuple(sorted({*ELEMENTS.values(), *GROUPS}))
ALLOWING = tuple(sorted({*ALLOW_SCOPES, *JOINED}))
DENYING = tuple(sorted({*ALLOW_SCOPES, *DENY_ONLY_SCOPES}))
FACTS = tuple(sorted(word for word in CONDITIONS if word.startswith(("trained:", "reason", "grant"))))


def mutated(choosing: Choosing) -> RuleBook:
    """Often a few changes; now and then a book that has lost most of its rules."""
    book = starting_book()
    rules = list(book.rules)
    if choosing.once_in(6):
        kept = choosing.number(0, 9)
        rules = [rule for place, rule in enumerate(rules) if (place * 7) % 10 <= kept]
    for _ in range(choosing.number(0, 4)):
        if rules:
            rules.pop(choosing.number(0, len(rules) - 1))
    for _ in range(choosing.number(0, 4)):
        if rules:
            place = choosing.number(0, len(rules) - 1)
            rules[place] = _changed(choosing, rules[place])
    rules += [_made(choosing, f"x{number}") for number in range(choosing.number(0, 6))]
    return RuleBook(tuple(rules), book.role_groups, book.element_groups).checked()


def _made(choosing: Choosing, rule_id: str) -> Rule:
    effect = choosing.one(("allow", "deny", "deny"))
    action = choosing.one(("read", "read", "read", "count", "write"))
    return Rule(
        rule_id,
        choosing.one(ROLES),
        choosing.one(SHOWN),
        action,
        choosing.one(ALLOWING if effect == "allow" else DENYING),
        tuple(choosing.some(FACTS, 0, 1)),
        tuple(choosing.some(("log", "suppress"), 0, 1)) if effect == "allow" else (),
        effect,
    )


def _changed(choosing: Choosing, rule: Rule) -> Rule:
    match choosing.number(0, 2):
        case 0:
            return replace(rule, scope=choosing.one(ALLOWING if rule.effect == "allow" else DENYING))
        case 1:
            return replace(rule, conditions=tuple(choosing.some(FACTS, 0, 1)))
        case _ if rule.scope in JOINED:
            return rule
        case _ if rule.effect == "allow":
            return replace(rule, effect="deny", duties=())
        case _:
            return replace(rule, effect="allow", scope=choosing.one(ALLOWING))
