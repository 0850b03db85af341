"""Rule books published as an administrator would with psql: rows, inserted and moved to by the owner."""

from collections.abc import Iterable
from dataclasses import replace

import psycopg

from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import starting_book
from tests.publishing import publish_version
from tests.worlds import World


def without(*ids: str) -> RuleBook:
    """The starting book without these rules."""
    book = starting_book()
    assert set(ids) <= {rule.id for rule in book.rules}
    return replace(book, rules=tuple(rule for rule in book.rules if rule.id not in ids))


def with_rules(book: RuleBook, rules: Iterable[Rule]) -> RuleBook:
    return replace(book, rules=(*book.rules, *rules))


def read_rule(identity: str, role: str, element: str, scope: str) -> Rule:
    """A rule without conditions and duties that lets a role read."""
    return Rule(identity, role, element, "read", scope, (), (), "allow")


def publish(owner_url: str, world: World, book: RuleBook) -> int:
    """Publish the next version; its number."""
    return publish_text(owner_url, world, book.content(), book.digest())


def publish_text(owner_url: str, world: World, content: str, digest: str) -> int:
    """Publish whatever stands there as the next version; its number."""
    with psycopg.connect(owner_url) as connection:
        return publish_version(connection, world.school_id, content, digest)
