"""Documents: parsed, checked and validated once, and kept by their text."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)

from server.errors import BadUserInput
from server.resolvers.invalid import DocumentInvalid
from server.resolvers.variables import Variables

MOST_TOKENS = 4000
MOST_DOCUMENTS = 2000
MOST_TEXT = 250_000
"""Characters of all kept documents: each costs 100 to 160 bytes once it is parsed, and one document may have 30,000."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A valid document. `digest` is the SHA-256 of its text, in hexadecimal."""

    digest: str
    node: DocumentNode
    operations: dict[str, OperationDefinitionNode]
    variables: dict[str, Variables]
    fragments: dict[str, FragmentDefinitionNode]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Raises BadUserInput where the name doesn't pick exactly one."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None or name not in self.operations:
            raise BadUserInput("operationName must name one operation of the document.", ("operationName",))
        return self.operations[name]

    def coerced(self, operation: OperationDefinitionNode, given: dict[str, Any]) -> dict[str, Any]:
        """Variables of one of its operations. Raises DocumentInvalid."""
        return self.variables[operation.name.value if operation.name else ""].coerced(given)


class Documents:
    """The most recently used documents of one worker: as many as MOST_DOCUMENTS and MOST_TEXT let it keep."""

    def __init__(self, schema: GraphQLSchema, check: Callable[[DocumentNode], None]) -> None:
        """`check` raises LimitExceeded before the standard rules run."""
        self._schema = schema
        self._check = check
        self.known: OrderedDict[str, Prepared] = OrderedDict()
        self.missed = 0
        self._held = 0

    def knows(self, text: str) -> bool:
        """Whether it is prepared already."""
        return text in self.known

    def prepare(self, text: str) -> Prepared:
        """Raises DocumentInvalid and LimitExceeded."""
        known = self.known.get(text)
        if known is not None:
            self.known.move_to_end(text)
            return known
        self.missed += 1
        prepared = read_document(self._schema, self._check, text)
        self.known[text] = prepared
        self._held += len(text)
        while len(self.known) > MOST_DOCUMENTS or self._held > MOST_TEXT:
            oldest, _ = self.known.popitem(last=False)
            self._held -= len(oldest)
        return prepared


def read_document(schema: GraphQLSchema, check: Callable[[DocumentNode], None], text: str) -> Prepared:
    """`check` as of Documents. Raises DocumentInvalid, LimitExceeded, BadUserInput."""
    try:
        node = parse(text, max_tokens=MOST_TOKENS, no_location=False)
    except GraphQLError as error:
        raise DocumentInvalid([error]) from None
    except RecursionError:
        raise BadUserInput("The document is nested too deeply: flatten it.", ("query",)) from None
    check(node)
    errors = validate(schema, node, max_errors=20, hide_suggestions=True)
    if errors:
        raise DocumentInvalid(errors)
    operations = {d.name.value if d.name else "": d for d in node.definitions if isinstance(d, OperationDefinitionNode)}
    fragments = {d.name.value: d for d in node.definitions if isinstance(d, FragmentDefinitionNode)}
    variables = {name: Variables(schema, operation) for name, operation in operations.items()}
    return Prepared(hashlib.sha256(text.encode()).hexdigest(), node, operations, variables, fragments)


def error_body(error: GraphQLError, code: str) -> dict[str, Any]:
    """A GraphQL error as it leaves, with its code."""
    formatted: dict[str, Any] = dict(error.formatted)
    formatted["extensions"] = {"code": code}
    return formatted
