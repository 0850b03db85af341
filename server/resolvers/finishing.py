"""The executor's part: an answer whose rows are there already, and whose Python fields and introspection are not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLSchema,
    execute,  # pyright: ignore[reportUnknownVariableType]
)
from strawberry.dataloader import DataLoader

from server.resolvers.grades.explanations import explanations


@dataclass(frozen=True, slots=True)
class Context:
    """What resolvers of one operation share."""

    explanations: DataLoader[str, dict[str, object] | None]


async def finish(
    schema: GraphQLSchema,
    document: DocumentNode,
    name: str | None,
    variables: dict[str, Any],
    root: Any,
    said: bytes = b"",
) -> bytes:
    """The whole response, `said` behind its data; `root` is the answer by response keys."""
    made = execute(
        schema,
        document,
        root_value=root,
        context_value=Context(explanations()),
        variable_values=variables,
        operation_name=name,
    )
    result = made if isinstance(made, ExecutionResult) else await made
    if result.errors:
        raise result.errors[0].original_error or result.errors[0]
    return whole(result.data, said)


def whole(data: dict[str, Any] | None, said: bytes) -> bytes:
    """A response; `said` are further members of it, with a comma before each."""
    return b'{"data":' + json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + said + b"}"
