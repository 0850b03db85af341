"""Rules against each other: said twice, said already by a wider rule, always denied, denying nothing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from server.policies.reach import Reach
from server.policies.rule import Finding


def overlap_findings(book: Sequence[Reach]) -> Iterator[Finding]:
    """Compares each rule with the others of its action; one finding a rule, naming the other rule."""
    by_action: dict[str, list[Reach]] = defaultdict(list)
    for reach in book:
        if reach.roles and reach.elements:
            by_action[reach.rule.action].append(reach)
    for rows in by_action.values():
        allows = [row for row in rows if row.rule.effect == "allow"]
        denies = [row for row in rows if row.rule.effect == "deny"]
        yield from _said_already(allows)
        yield from _said_already(denies)
        yield from _shadowed(allows, denies)
        yield from _idle(allows, denies)


def _said_already(rows: list[Reach]) -> Iterator[Finding]:
    for position, row in enumerate(rows):
        for other_position, other in enumerate(rows):
            if other_position == position or not _covers(other, row):
                continue
            mutual = _covers(row, other)
            if mutual and other_position > position:
                continue
            code = "duplicate" if mutual else "dead_rule"
            yield Finding(row.rule.id, code, f"{other.rule.id} already says this: remove one of them")
            break


def _covers(other: Reach, row: Reach) -> bool:
    return row.within(other) and set(row.rule.duties) <= set(other.rule.duties)


def _shadowed(allows: list[Reach], denies: list[Reach]) -> Iterator[Finding]:
    for row in allows:
        blocker = next((deny for deny in denies if row.within(deny)), None)
        if blocker:
            yield Finding(row.rule.id, "shadowed_rule", f"{blocker.rule.id} denies all that this rule allows")


def _idle(allows: list[Reach], denies: list[Reach]) -> Iterator[Finding]:
    for row in denies:
        if not any(row.meets(allow) for allow in allows):
            yield Finding(row.rule.id, "dead_rule", "no rule allows what this one denies: remove it")
