"""What is wrong with a draft, in sentences an officer can act on. No finding: the book may be submitted."""

from server.policies.book_rows import MOST_RULES, TOO_MANY
from server.policies.ceiling import Ceiling
from server.policies.conditions import condition_findings
from server.policies.disarmed import Disarming
from server.policies.lock_out import lock_out_findings
from server.policies.overlap import overlap_findings
from server.policies.planner import Planner
from server.policies.raising import raised_findings
from server.policies.reach import reaches
from server.policies.rule import Finding, RuleBookInvalid
from server.policies.rule_book import RuleBook
from server.policies.rule_checks import raise_findings, rule_findings
from server.policies.words import word_findings

__all__ = ["Finding", "validate", "validate_csv"]


def validate(book: RuleBook, ceiling: Ceiling) -> list[Finding]:
    """All findings in the order of the book, what is said of raises and of the whole book last.

    Too many rules or unknown words come alone: nothing else can be said about such a book.
    """
    if len(book.rules) > MOST_RULES:
        return [TOO_MANY]
    unreadable = word_findings(book.rules, book.role_groups, book.element_groups) + raised_findings(book.raised)
    if unreadable:
        return unreadable
    opened = reaches(book)
    disarming = Disarming(reaches(ceiling.book))
    findings = [
        found
        for reach in opened
        for found in (*rule_findings(reach), *condition_findings(reach), *disarming.findings(reach))
    ]
    findings += overlap_findings(opened)
    findings += raise_findings(book.raised)
    findings += lock_out_findings(Planner(book, ceiling))
    order = {rule.id: position for position, rule in enumerate(book.rules)}
    return sorted(findings, key=lambda found: order.get(found.rule_id, len(order)))


def validate_csv(text: str, ceiling: Ceiling) -> list[Finding]:
    """The same for a file, where rows may be short or unreadable too."""
    try:
        book = RuleBook.from_csv(text)
    except RuleBookInvalid as error:
        return list(error.findings)
    return validate(book, ceiling)
