"""A thin client of the HTTP API: one operation a call, refusals in words on standard error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from ipaddress import ip_address
from typing import IO, Any, Final, NoReturn, cast
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import typer

from server.cli.console import complain, harmless

SECONDS: Final = 60.0
_MOST: Final = 32 * 1024 * 1024


class _Stays(HTTPRedirectHandler):
    """Follows nobody elsewhere: the token is for the server that was named."""

    def http_error_302(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message) -> None:  # noqa: ARG002
        return None

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


@dataclass(frozen=True, slots=True)
class GraphQLClient:
    """`url` is the server's address without a path, such as http://127.0.0.1:8000."""

    url: str
    token: str

    def ask(self, document: str, variables: Mapping[str, object] | None = None) -> dict[str, Any]:
        """`data` of the answer. Ends the program with status 1 and each error's code and sentence otherwise."""
        body = self._answered(document, variables)
        errors = cast(list[dict[str, Any]], body.get("errors") or [])
        if errors or not body.get("data"):
            refuse(
                [self._told(one.get("extensions", {}).get("code", "ERROR"), one.get("message", "")) for one in errors]
            )
        return cast(dict[str, Any], body["data"])

    def look_up(self, document: str, variables: Mapping[str, object]) -> dict[str, Any]:
        """`data` as far as the caller may have it; nothing where that is refused."""
        return cast(dict[str, Any], self._answered(document, variables).get("data") or {})

    def change(self, mutation: str, given: Mapping[str, object], returned: str) -> dict[str, Any]:
        """The payload of a mutation. Ends the program with status 1 where it was refused; null members are left out."""
        kind = f"{mutation[0].upper()}{mutation[1:]}Input"
        document = f"mutation($i: {kind}!) {{ {mutation}(input: $i) {{ {returned} userErrors {{ code message }} }} }}"
        given = {name: value for name, value in given.items() if value is not None}
        payload = cast(dict[str, Any], self.ask(document, {"i": given})[mutation])
        errors = cast(list[dict[str, str]], payload["userErrors"])
        if errors:
            refuse([(one["code"], one["message"]) for one in errors])
        return payload

    def _answered(self, document: str, variables: Mapping[str, object] | None) -> dict[str, Any]:
        return self._posted({"query": document, "variables": dict(variables or {})})

    def _told(self, code: str, message: str) -> tuple[str, str]:
        """A token is good for one Usher alone: the sentence says which one was asked."""
        if code != "UNAUTHENTICATED":
            return code, message
        return code, f"{message} This was said by {self.url}: to ask another Usher give its --url, or its USHER_HOME."

    def _posted(self, body: Mapping[str, object]) -> dict[str, Any]:
        if not self.url.startswith(("http://", "https://")):
            refuse([("BAD_USER_INPUT", "--url must begin with http:// or https://.")])
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        request = Request(f"{self.url.rstrip('/')}/graphql", json.dumps(body).encode(), headers, method="POST")  # noqa: S310
        try:
            with build_opener(_Stays(), *_proxies(self.url)).open(request, timeout=SECONDS) as answer:
                return json.loads(answer.read(_MOST))
        except HTTPError as error:
            return _refused(error)
        except (OSError, HTTPException, ValueError):
            refuse([("UNAVAILABLE", f"No Usher answers at {self.url}: start one with `usher run`, or give --url.")])


def _proxies(url: str) -> list[ProxyHandler]:
    """None for this machine, whatever HTTP_PROXY says: the token would leave it. Elsewhere those of the environment."""
    host = urlsplit(url).hostname or ""
    try:
        here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        here = False
    return [ProxyHandler({})] if here else []


def refuse(errors: list[tuple[str, str]]) -> NoReturn:
    """Say each, and end with status 1."""
    for code, message in errors or [("ERROR", "The server gave no answer.")]:
        complain(harmless(f"{code}: {message}"), 1)
    raise typer.Exit(1)


def _refused(error: HTTPError) -> dict[str, Any]:
    """The body of a refusal, which says why."""
    try:
        return json.loads(error.read(_MOST))
    except ValueError:
        refuse([("ERROR", f"The server answered with status {error.code}.")])
