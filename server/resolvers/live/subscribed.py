"""A subscription as one operation sends it: what it follows, of whom, and what of each event it selects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from server.errors import BadUserInput
from server.queries.arguments import evaluated
from server.queries.asking import Reader
from server.queries.selection import Document, Selected
from server.resolvers.execution import Execution, Sent
from server.resolvers.live.narrowing import Narrowing, narrowing
from server.resolvers.live.subscription import Subscription
from server.resolvers.live.subscriptions import SUBSCRIPTIONS

_ROOT: Final = frozenset(("Subscription",))


@dataclass(frozen=True, slots=True)
class Subscribed:
    """`selected` is the field, `shown` are the members that it selects; `after`: the id of the event behind which it begins."""

    execution: Execution
    sent: Sent
    document: Document
    selected: Selected
    shown: Sequence[Selected]
    subscription: Subscription
    narrowing: Narrowing
    after: str | None


def subscribed(execution: Execution, sent: Sent) -> Subscribed:
    """Raises BadUserInput for arguments that are no ids."""
    document = Document(sent.prepared.fragments, sent.variables)
    selected = document.select((sent.operation.selection_set,), _ROOT)
    if len(selected) != 1:
        raise BadUserInput("A subscription follows exactly one thing: select one field.", ("query",))
    [one] = selected
    declared = Reader(execution.schema, document).declared("Subscription", one)
    given = {name: evaluated(tree, sent.variables) for name, tree in declared.items()}
    subscription = SUBSCRIPTIONS[one.name]
    shown = document.select(one.below, frozenset((subscription.payload,)))
    return Subscribed(execution, sent, document, one, shown, subscription, narrowing(given), given.get("after"))
