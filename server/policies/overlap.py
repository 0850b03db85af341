"""Rules against each other: said twice, said already by a wider rule, always denied, denying nothing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from server.policies.masks import Mask, mask
from server.policies.reach import Reach
from server.policies.rule import Finding


def overlap_findings(book: Sequence[Reach]) -> Iterator[Finding]:
    """Compares each rule with the others of its action; one finding a rule, naming the other rule."""
    by_action: dict[str, list[Mask]] = defaultdict(list)
    for reach in book:
        if reach.roles and reach.elements:
            by_action[reach.rule.action].append(mask(reach))
    for rows in by_action.values():
        allows = [row for row in rows if row.reach.rule.effect == "allow"]
        denies = [row for row in rows if row.reach.rule.effect == "deny"]
        yield from _said_already(allows)
        yield from _said_already(denies)
        yield from _shadowed(allows, denies)
        yield from _idle(allows, denies)


def _said_already(rows: list[Mask]) -> Iterator[Finding]:
    """Of two rules that say the same, the later one is told."""
    said = [(row.whole, row.reach.rule.id) for row in rows]
    for position, row in enumerate(rows):
        whole = row.whole
        for other_position, (other, other_id) in enumerate(said):
            if whole & ~other or other_position == position:
                continue
            mutual = whole == other
            if mutual and other_position > position:
                continue
            code = "duplicate" if mutual else "dead_rule"
            yield Finding(row.reach.rule.id, code, f"{other_id} already says this: remove one of them")
            break


def _shadowed(allows: list[Mask], denies: list[Mask]) -> Iterator[Finding]:
    for row in allows:
        blocker = next((deny for deny in denies if row.within(deny)), None)
        if blocker:
            sentence = f"{blocker.reach.rule.id} denies all that this rule allows"
            yield Finding(row.reach.rule.id, "shadowed_rule", sentence)


def _idle(allows: list[Mask], denies: list[Mask]) -> Iterator[Finding]:
    for row in denies:
        if not any(row.meets(allow) for allow in allows):
            yield Finding(row.reach.rule.id, "dead_rule", "no rule allows what this one denies: remove it")
