"""Each rule and raise by itself: does it speak of rows that exist, and of what a school decides?"""

from collections.abc import Iterable, Iterator

from server.policies.applicability import ATTAINMENT_WRITE_SCOPES, COURSE_ELEMENTS, allow_scopes, deny_scopes
from server.policies.ceiling import CEILING_ALONE
from server.policies.raising import PLACE
from server.policies.reach import Reach
from server.policies.rule import Finding, Pair, Rule
from server.policies.vocabulary import DENY_ONLY_SCOPES
from server.policies.words import place
from server.register.elements import ELEMENTS, Sensitivity


def rule_findings(reach: Reach) -> Iterator[Finding]:
    """Empty groups, elements that the guardrails alone decide, scopes that can't hold for the rule's rows, idle promises."""
    rule = reach.rule
    if not reach.roles or not reach.elements:
        word = rule.element if reach.roles else rule.role
        yield Finding(rule.id, "empty_group", f"the group {word} has no member in this book: add its g or g2 rows")
    for element in sorted(reach.elements & CEILING_ALONE):
        yield Finding(rule.id, "ceiling_alone", f"{element} is decided by the guardrails alone: remove the rule")
    yield from doubled_words(rule)
    if "notify" in rule.duties and "break_glass" not in rule.conditions:
        sentence = (
            "the officers are told when the glass is broken, and this rule doesn't ask for that: leave the duty out"
        )
        yield Finding(rule.id, "notify_without_glass", sentence)
    if rule.effect == "deny":
        yield from _deny_scope(reach)
    elif rule.scope in DENY_ONLY_SCOPES:
        yield Finding(rule.id, "deny_only_scope", f"scope {rule.scope} may only stand in a deny rule")
    else:
        yield from _allow_scope(reach)


def doubled_words(rule: Rule) -> Iterator[Finding]:
    """Words said twice: without them no rule is longer than the vocabulary."""
    for kind, words in (("condition", rule.conditions), ("duty", rule.duties)):
        if len(set(words)) < len(words):
            yield Finding(place(rule.id), "doubled_word", f"a {kind} is named twice: name it once")


def raise_findings(raised: Iterable[Pair]) -> Iterator[Finding]:
    """Raises that say nothing, of a book whose words are known. Such a book still decides, as it always did."""
    for element, _ in raised:
        if element in CEILING_ALONE:
            sentence = f"{element} is decided by the guardrails alone: it can't be raised"
            yield Finding(PLACE, "ceiling_alone", sentence)
        elif ELEMENTS[element].guarded:
            sentence = f"the register already holds {element} to be special: there is no need to raise it"
            yield Finding(PLACE, "already_special", sentence)
        elif ELEMENTS[element].sensitivity == Sensitivity.STRUCTURE:
            yield Finding(PLACE, "not_personal", f"{element} is about nobody: it can't be raised")


def _allow_scope(reach: Reach) -> Iterator[Finding]:
    rule = reach.rule
    for element in sorted(reach.elements):
        if rule.scope not in allow_scopes(element):
            choice = ", ".join(sorted(allow_scopes(element)))
            yield Finding(rule.id, "scope_not_usable", f"scope {rule.scope} never holds for {element}: use {choice}")
            return
    if rule.action == "write" and reach.elements & COURSE_ELEMENTS and rule.scope not in ATTAINMENT_WRITE_SCOPES:
        choice = ", ".join(sorted(ATTAINMENT_WRITE_SCOPES))
        yield Finding(rule.id, "attainment_write", f"attainment is written only under {choice}, not {rule.scope}")


def _deny_scope(reach: Reach) -> Iterator[Finding]:
    if reach.elements and not any(reach.rule.scope in deny_scopes(element) for element in reach.elements):
        sentence = f"scope {reach.rule.scope} never holds for {reach.rule.element}: the rule denies nothing"
        yield Finding(reach.rule.id, "scope_not_usable", sentence)
