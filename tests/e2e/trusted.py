"""A program of a test with trusted documents, and its clients: by text, by id, or by both."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from server.identity.keys import token_key
from server.identity.oauth.documents import Mode, NewDocument, add_documents, end_document, set_mode
from server.identity.tokens import TokenIssuer
from tests.e2e.live import events, socket
from tests.e2e.programs import Program
from tests.e2e.serving import LIFETIME, Answer, Client, Server
from tests.worlds import World


def digest(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()


@dataclass
class Registry:
    """What the operator does for the program, behind the servers' backs."""

    app_url: str
    program: Program

    def add(self, document: str, purpose: str = "teaching") -> str:
        """The document's id."""
        new = NewDocument(digest(document), "a name", document, purpose)
        with psycopg.connect(self.app_url) as connection:
            add_documents(connection, self.program.client_id, [new], datetime.now(UTC))
        return new.digest

    def end(self, document_id: str) -> None:
        with psycopg.connect(self.app_url) as connection:
            end_document(connection, self.program.client_id, document_id, datetime.now(UTC))

    def mode(self, mode: Mode | None) -> None:
        with psycopg.connect(self.app_url) as connection:
            set_mode(connection, self.program.client_id, mode)


@dataclass
class Sender:
    """Sends whatever members of a request it is given, with the token of one client."""

    server: Server
    token: str

    def post(self, *, purpose: str | None = None, **members: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/graphql-response+json"}
        headers |= {"Usher-Purpose": purpose} if purpose else {}
        response = self.server.http.post("/graphql", json=members, headers=headers)
        assert response.status_code < 500, response.text
        return Answer(response.status_code, response.json())

    def over(self, transport: str, **members: Any) -> list[str]:
        """The codes of what is answered over "http", "websocket" or "sse"."""
        client = Client(self.server.http, self.token)
        if transport == "http":
            return self.post(**members).codes
        if transport == "sse":
            with events(client, "", payload=members) as sent:
                return Answer(200, json.loads(sent.next()["data"])).codes
        with socket(self.server, client) as live:
            live.send({"type": "subscribe", "id": "1", "payload": members})
            frame = live.receive()
            told = frame["payload"] if frame["type"] == "error" else frame["payload"].get("errors", [])
            return Answer(200, {"errors": told}).codes


def person_token(
    server: Server, world: World, handle: str, capacity: str, client_id: str | None, *, factor: bool = True
) -> str:
    """As an app of that client has it for a person."""
    issuer = TokenIssuer(token_key(server.home / "keys"))
    return issuer.issue(world.school_id, world.ids[handle], capacity, LIFETIME, client_id=client_id, factor=factor)
