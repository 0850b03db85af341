"""Is every word of a book's rules and groups in the vocabulary?"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from server.policies.rule import Finding, Pair, Rule
from server.policies.vocabulary import (
    ACTIONS,
    CONDITIONS,
    DUTIES,
    EFFECTS,
    GROUP_PAIRS,
    ROLE_GROUPS,
    ROLES,
    SCOPES,
    Capacity,
)
from server.register.elements import ELEMENTS, GROUPS

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)


def word_findings(rules: Sequence[Rule], role_groups: Iterable[Pair], element_groups: Iterable[Pair]) -> list[Finding]:
    """Every word outside the vocabulary, every doubled id and every group row that the register doesn't know."""
    findings = [found for rule in rules for found in rule_word_findings(rule)]
    doubled = [rule_id for rule_id, times in Counter(rule.id for rule in rules).items() if times > 1]
    findings += [
        Finding(place(rule_id), "doubled_id", "two rules have this id: give each its own") for rule_id in doubled
    ]
    findings += [_foreign_role(pair) for pair in role_groups if not _is_role_row(pair)]
    findings += [_foreign_element(pair) for pair in element_groups if pair not in GROUP_PAIRS]
    return findings


def rule_word_findings(rule: Rule) -> Iterator[Finding]:
    if not _ID.fullmatch(rule.id):
        yield Finding(place(rule.id), "bad_id", "an id is 1 to 40 letters, digits, dots, hyphens and underscores")
    single = (
        ("role", rule.role, rule.role in ROLES or rule.role in ROLE_GROUPS),
        ("element", rule.element, rule.element in ELEMENTS or rule.element in GROUPS),
        ("action", rule.action, rule.action in ACTIONS),
        ("scope", rule.scope, rule.scope in SCOPES),
        *(("condition", word, word in CONDITIONS) for word in rule.conditions),
        *(("duty", word, word in DUTIES) for word in rule.duties),
    )
    for kind, word, known in single:
        if not known:
            yield Finding(place(rule.id), f"unknown_{kind}", f"{kind} {shown(word)} is not in the vocabulary")
    if rule.effect not in EFFECTS:
        yield Finding(
            place(rule.id), "unknown_effect", f"effect {shown(rule.effect)}: write allow or deny in small letters"
        )


def _is_role_row(pair: Pair) -> bool:
    role, group = pair
    return group in ROLE_GROUPS and ROLES.get(role) == Capacity.STAFF


def _foreign_role(pair: Pair) -> Finding:
    return Finding("g", "foreign_group_row", f"role {shown(pair[0])} can't be in the group {shown(pair[1])}")


def _foreign_element(pair: Pair) -> Finding:
    sentence = f"the register does not put element {shown(pair[0])} into the group {shown(pair[1])}"
    return Finding("g2", "foreign_group_row", sentence)


def place(rule_id: str) -> str:
    """An id as findings name it: as it is, or made harmless where it is none."""
    return rule_id if _ID.fullmatch(rule_id) else shown(rule_id)


def shown(word: str) -> str:
    """A foreign word made harmless for a sentence: one line, no direction marks, no more than 40 characters."""
    return ascii(word[:40])
