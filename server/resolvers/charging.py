"""What an operation costs its principal, and what the answer says of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from graphql import GraphQLSchema, OperationDefinitionNode

from server.errors import LimitExceeded
from server.queries.cost import CHANGE, MAXIMUM_COST, OPERATION, Amount, Cost, Tab, input_entries
from server.queries.reading import read_payload
from server.queries.selection import Document, Selected
from server.resolvers.budgets import Budgets
from server.resolvers.inquiries import INQUIRIES
from server.resolvers.mutations import MUTATIONS

if TYPE_CHECKING:
    from server.resolvers.execution import OperationRequest

INQUIRY: Final = 200
HEAVY: Final = 5_000
"""Of an inquiry that looks at all people, all learners or all rules."""

STREAM: Final = 100
"""Of opening a stream, beside one event."""
MOST_OF_AN_EVENT: Final = 1_000


class Charging:
    """Without `budgets` nobody is held up, and answers say what they were reckoned at alone."""

    def __init__(self, budgets: Budgets | None) -> None:
        self._budgets = budgets
        self._most = MAXIMUM_COST if budgets is None else min(MAXIMUM_COST, budgets.size)
        self._rate = 0 if budgets is None else budgets.per_second

    def new_document(self, request: OperationRequest, length: int) -> None:
        """Before a text is read that the worker doesn't know. Raises RateLimited."""
        if self._budgets is not None and not request.own:
            self._budgets.new_document(request.principal, length)

    def charge(self, request: OperationRequest, cost: int) -> bytes:
        """Take it, and say so: the response's last member, with a comma before it. Raises LimitExceeded, RateLimited."""
        if request.own:
            return b""
        if cost > self._most:
            raise LimitExceeded(
                f"The operation is reckoned at a cost of {cost}, and one may cost {self._most}: "
                "ask for fewer with first, or in several operations."
            )
        return self._said(cost, None if self._budgets is None else self._budgets.charge(request.principal, cost))

    def open(self, request: OperationRequest, cost: int) -> None:
        """A stream whose every event costs so much. Raises LimitExceeded, RateLimited.

        What others do is not charged to whoever follows it: what an event may cost is bounded instead.
        """
        if cost > MOST_OF_AN_EVENT:
            raise LimitExceeded(
                f"Each event is reckoned at a cost of {cost}, and one may cost {MOST_OF_AN_EVENT}: "
                "select less of it, and ask for the rest in a query."
            )
        self.charge(request, STREAM + cost)

    def said(self, request: OperationRequest, cost: int) -> bytes:
        """The same of what is told without being charged: an event of a stream."""
        return self._said(cost, None if self._budgets is None else self._budgets.left(request.principal))

    def _said(self, cost: int, left: int | None) -> bytes:
        if left is None:
            return b',"extensions":{"cost":{"estimated":%d,"limit":%d}}' % (cost, self._most)
        return b',"extensions":{"cost":{"estimated":%d,"limit":%d,"remaining":%d,"restoresPerSecond":%d}}' % (
            cost,
            self._most,
            left,
            self._rate,
        )


def cost_of_inquiries(fields: Iterable[Selected]) -> int:
    """Beside what its rows cost, of any query."""
    return OPERATION + sum(HEAVY if INQUIRIES[one.name].heavy else INQUIRY for one in fields)


def cost_of_change(schema: GraphQLSchema, document: Document, operation: OperationDefinitionNode) -> Cost:
    """Of a mutation: each entry of its input, and what its payload holds for each. Raises BadUserInput, LimitExceeded."""
    tab = Tab()
    cost = Cost(OPERATION + CHANGE)
    for one in document.select((operation.selection_set,), frozenset(("Mutation",))):
        mutation = MUTATIONS.get(one.name)
        if mutation is None:
            continue
        tab.add(Amount(1, 1, (input_entries(one.nodes[0]),)))
        cost = cost.and_(read_payload(schema, document, mutation.payload, one, mutation.rows).cost)
    return cost.and_(tab.cost())
