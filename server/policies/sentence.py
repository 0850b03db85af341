"""A rule as its English sentence: each field gives one phrase, and no two rules give the same sentence."""

from server.policies.phrases import phrase
from server.policies.rule import Rule
from server.policies.vocabulary import ACTIONS, CONDITIONS, DUTIES, ROLE_PHRASES

USES = {"read": "read", "write": "change", "export": "export", "count": "count"}


def sentence(rule: Rule) -> str:
    """The rule in words, without its id. Raises KeyError for a word outside the vocabulary.

    "Class teachers may read the special needs of learners they teach, if their SEN training is in date; every read is
    logged."
    """
    role = ROLE_PHRASES[rule.role]
    verb = "may not" if rule.effect == "deny" else "may"
    parts = [f"{role[0].upper()}{role[1:]} {verb} {ACTIONS[rule.action]} {phrase(rule.element, rule.scope)}"]
    if rule.conditions:
        parts.append(f", if {' and '.join(CONDITIONS[word] for word in rule.conditions)}")
    if rule.duties:
        parts.append(f"; {' and '.join(DUTIES[word].format(use=USES[rule.action]) for word in rule.duties)}")
    return "".join(parts) + "."
