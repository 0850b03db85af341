"""An application at the edge with a school of its own invention behind it: what it serves needs no database.

Run as `python -m tests.unit.web.fakes SOCKET`, the number of a listening socket.
"""

import asyncio
import json
import os
import socket
import sys
from collections.abc import Mapping
from uuid import UUID

from graphql import GraphQLError, build_schema, parse, validate
from graphql import execute_sync as _execute  # pyright: ignore[reportUnknownVariableType] - its middleware
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from server.errors import Forbidden, PolicyUnavailable, Unauthenticated, Unavailable
from server.identity.principal import Principal
from server.resolvers.execution import OperationAnswer, OperationRequest
from server.web.endpoint import GraphQLEndpoint
from server.web.graphiql_page import graphiql_routes
from server.web.health import Check, Readiness, livez
from server.web.leaving import Leaving
from server.web.limits import check_limits
from server.web.logs import configure_logs
from server.web.secure_headers import SecureHeaders
from server.web.serving import serve
from server.web.slow_heads import PatientProtocol

TOKEN = "a-token-for-tests"
CANARY = "Canary Pupil-Name"
PRINCIPAL = Principal(UUID(int=1), UUID(int=2), "STAFF", None, "t", 4102444800)
SCHEMA = build_schema(
    "type Query { hello(name: String): String  number(of: Int): Int  nested: Query  purpose: String }"
)
_RAISES: dict[str, Exception] = {
    "unavailable": Unavailable("The database can't be reached. Try again later."),
    "policy": PolicyUnavailable("The rule book can't be loaded."),
    "forbidden": Forbidden("Not for you."),
    "defect": RuntimeError(f"{CANARY} can't be saved"),
}


class FakeVerifier:
    def verify(self, token: str) -> Principal:
        if token != TOKEN:
            raise Unauthenticated("The bearer token is not valid here.")
        return PRINCIPAL


class Root:
    """The fields of the one type."""

    def __init__(self, request: OperationRequest) -> None:
        self.purpose = f"{request.purpose}|{request.reason}"

    def hello(self, _: object, name: str | None = None) -> str:
        return f"Hello {name or 'you'}"

    def number(self, _: object, of: int | None = None) -> int | None:
        return of

    def nested(self, _: object) -> "Root":
        return self


class FakeExecution:
    """graphql-core's own execution of SCHEMA; an operation's name may ask for a failure."""

    async def run(self, request: OperationRequest) -> OperationAnswer:
        if request.operation_name in _RAISES:
            raise _RAISES[request.operation_name]
        if request.operation_name == "slow":
            await asyncio.sleep(60)
        assert request.document is not None
        try:
            document = parse(request.document, max_tokens=5000)
        except GraphQLError as error:
            return _failed([error])
        check_limits(document)
        if errors := validate(SCHEMA, document):
            return _failed(errors)
        result = _execute(
            SCHEMA, document, Root(request), variable_values=request.variables, operation_name=request.operation_name
        )
        if result.data is None:
            return _failed(result.errors or [])
        return OperationAnswer(json.dumps(result.formatted).encode(), True)


def _failed(errors: list[GraphQLError]) -> OperationAnswer:
    return OperationAnswer(json.dumps({"errors": [error.formatted for error in errors]}).encode(), False)


async def _ready() -> None: ...


def make_app(
    deadline: float = 30.0, body_deadline: float = 10.0, checks: Mapping[str, Check] | None = None
) -> Starlette:
    configure_logs("info")
    endpoint = GraphQLEndpoint(FakeExecution(), FakeVerifier(), deadline, body_deadline)
    readiness = Readiness(checks or {"nothing": _ready}, fresh=0)
    routes = [
        Route("/graphql", endpoint),
        Route("/livez", livez),
        Route("/readyz", readiness.endpoint),
        *graphiql_routes(),
    ]
    return Starlette(routes=routes, middleware=[Middleware(SecureHeaders)])


class ImpatientProtocol(PatientProtocol):
    deadline = float(os.environ.get("HEAD", "10"))


if __name__ == "__main__":
    application = make_app(float(os.environ.get("OPERATION", "30")), float(os.environ.get("BODY", "10")))
    serve(application, socket.socket(fileno=int(sys.argv[1])), Leaving(), protocol=ImpatientProtocol)
