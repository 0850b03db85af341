"""A vendor's program that sends rosters over HTTP, and what it may expect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.e2e.serving import Answer, Client

RESULTS = "results { position id outcome record version } replayed userErrors { code message path }"
ANN = {
    "givenName": "Nell", "familyName": "Gwyn", "dateOfBirth": "2014-02-03", "yearGroup": "7",
    "admittedOn": "2025-09-01",
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One source system's way to one school."""

    client: Client
    system: str = "sims"

    def attempt(self, mutation: str, rows: list[dict[str, Any]], **more: Any) -> Answer:
        title = mutation[0].upper() + mutation[1:]
        document = f"mutation($i: {title}Input!) {{ {mutation}(input: $i) {{ {RESULTS} }} }}"
        given = {"system": self.system, "rows": rows, "idempotencyKey": str(uuid4()), **more}
        return self.client.ask(document, {"i": given})

    def send(self, mutation: str, rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        payload: dict[str, Any] = self.attempt(mutation, rows, **more).data[mutation]
        return payload

    def learners(self, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
        return self.send("upsertLearners", list(rows), **more)


def outcomes(payload: dict[str, Any]) -> list[str]:
    return [row["outcome"] for row in payload["results"]]


def codes(payload: dict[str, Any]) -> list[tuple[str, ...]]:
    """Code and path below the rows, of each error."""
    return [(error["code"], *error["path"][2:]) for error in payload["userErrors"]]
