"""What the edge hands on, and what it gets back: one operation of one principal."""

from dataclasses import dataclass
from typing import Any, Protocol

from server.identity.principal import Principal


@dataclass(frozen=True, slots=True)
class OperationRequest:
    document: str
    operation_name: str | None
    variables: dict[str, Any]
    principal: Principal
    purpose: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class OperationAnswer:
    body: bytes
    executed: bool


class Execution(Protocol):
    async def run(self, request: OperationRequest) -> OperationAnswer: ...
