"""What sets one rule book apart from another, each difference with the sentences that people read."""

from dataclasses import dataclass, fields

from server.policies.raising import lowered_sentence, raised_sentence
from server.policies.rule import Pair, Rule
from server.policies.rule_book import RuleBook
from server.policies.sentence import sentence
from server.register.elements import ELEMENTS


@dataclass(frozen=True, slots=True)
class RuleTold:
    rule: Rule
    sentence: str


@dataclass(frozen=True, slots=True)
class RuleChanged:
    """`fields` names what differs, in the order of a rule's fields."""

    before: RuleTold
    after: RuleTold
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RaiseTold:
    element: str
    course: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Differences:
    """Rules are matched by id. Added and changed ones are in the new book's order, removed ones in the old book's,
    elements in the register's; another course for a raised element is told as lowered and raised.

    `groups_added` and `groups_removed` are (member, group) rows of both kinds, sorted.
    """

    added: tuple[RuleTold, ...]
    removed: tuple[RuleTold, ...]
    changed: tuple[RuleChanged, ...]
    raised: tuple[RaiseTold, ...]
    lowered: tuple[RaiseTold, ...]
    groups_added: tuple[Pair, ...]
    groups_removed: tuple[Pair, ...]

    @property
    def none(self) -> bool:
        """True where both books say the same; the order of their rules decides nothing."""
        return not any(getattr(self, field.name) for field in fields(self))


def differences(old: RuleBook, new: RuleBook) -> Differences:
    """KeyError for a book with words outside the vocabulary: both are checked ones."""
    before = {rule.id: rule for rule in old.rules}
    after = {rule.id: rule for rule in new.rules}
    old_groups, new_groups = ({*book.role_groups, *book.element_groups} for book in (old, new))
    return Differences(
        added=tuple(_told(rule) for rule in new.rules if rule.id not in before),
        removed=tuple(_told(rule) for rule in old.rules if rule.id not in after),
        changed=tuple(_changed(before[rule.id], rule) for rule in new.rules if rule != before.get(rule.id, rule)),
        raised=tuple(
            RaiseTold(*pair, raised_sentence(*pair)) for pair in _in_register_order({*new.raised} - {*old.raised})
        ),
        lowered=tuple(
            RaiseTold(*pair, lowered_sentence(*pair)) for pair in _in_register_order({*old.raised} - {*new.raised})
        ),
        groups_added=tuple(sorted(new_groups - old_groups)),
        groups_removed=tuple(sorted(old_groups - new_groups)),
    )


def _told(rule: Rule) -> RuleTold:
    return RuleTold(rule, sentence(rule))


def _changed(before: Rule, after: Rule) -> RuleChanged:
    names = (field.name for field in fields(Rule))
    different = tuple(name for name in names if getattr(before, name) != getattr(after, name))
    return RuleChanged(_told(before), _told(after), different)


def _in_register_order(pairs: set[Pair]) -> list[Pair]:
    places = {element: place for place, element in enumerate(ELEMENTS)}
    return sorted(pairs, key=lambda pair: places[pair[0]])
