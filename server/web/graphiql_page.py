"""GraphiQL at `/`, from files in this package; nothing is fetched from elsewhere."""

import json
from collections.abc import Callable, Coroutine
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

# GraphiQL sets styles by script, which CSP allows, and inlines its fonts and pictures as data.
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES: Final = {
    "index.html": "text/html; charset=utf-8",
    "graphiql.min.css": "text/css; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "graphiql.min.js": "text/javascript; charset=utf-8",
    "react.production.min.js": "text/javascript; charset=utf-8",
    "react-dom.production.min.js": "text/javascript; charset=utf-8",
    "start.js": "text/javascript; charset=utf-8",
    "NOTICE": "text/plain; charset=utf-8",
}
Answers = Callable[[Request], Coroutine[Any, Any, Response]]


def graphiql_routes() -> list[Route]:
    routes = [Route("/", _answer(lambda: _file("index.html"), "index.html"))]
    routes += [
        Route(f"/graphiql/{name}", _answer(lambda name=name: _file(name), name))
        for name in _TYPES
        if name != "index.html"
    ]
    return [*routes, Route("/graphiql/queries.json", _answer(_queries, "queries.json"))]


def demo_queries() -> list[tuple[str, str]]:
    """File name without ending, and document, in the order of the names."""
    folder = _folder() / "queries"
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".graphql")), key=lambda e: e.name)
    return [(entry.name.removesuffix(".graphql"), entry.read_text(encoding="utf-8")) for entry in found]


def _answer(content: Callable[[], bytes], name: str) -> Answers:
    media = _TYPES.get(name, "application/json")

    async def endpoint(_: Request) -> Response:
        return Response(content(), media_type=media, headers={"Content-Security-Policy": PAGE_POLICY})

    return endpoint


def _folder() -> Traversable:
    return files("server.web") / "graphiql"


@cache
def _file(name: str) -> bytes:
    return (_folder() / name).read_bytes()


@cache
def _queries() -> bytes:
    return json.dumps([{"query": document} for _, document in demo_queries()]).encode()
