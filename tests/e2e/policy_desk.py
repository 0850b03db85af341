"""The officer's and the approver's desks over HTTP: each step of a rule book's life as one call."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg

from tests.e2e.row_counts import snapshot
from tests.e2e.serving import Answer, Client, Server
from tests.worlds import World

Given = dict[str, Any]

_DRAFT = "draft { id title state baseVersion revision findings { rule code sentence } }"
_SUBMISSION = "submission { id state kind baseVersion reason widensSpecial specialReason summary version publishAt }"
_VERSION = "version { version kind state reason specialReason chainHolds overdue confirmedAt }"
_EXAMPLE = "example { id fixed name }"
RETURNS = {
    "editPolicyDraft": _DRAFT,
    "submitPolicy": _SUBMISSION,
    "approvePolicy": _SUBMISSION,
    "rejectPolicy": _SUBMISSION,
    "withdrawPolicy": f"{_DRAFT} {_SUBMISSION}",
    "publishPolicy": f"{_SUBMISSION} {_VERSION}",
    "rollBackPolicy": _SUBMISSION,
    "narrowPolicy": _VERSION,
    "confirmPolicy": _VERSION,
    "addPolicyExample": _EXAMPLE,
    "removePolicyExample": _EXAMPLE,
}
WHY = "The agreement of 1 September says so"
WHY_SPECIAL = "Agreed with the governors on 3 November 2026"
LESS = {"remove": "r116"}
"""Class teachers no longer read the gender of learners they teach."""


def document(mutation: str) -> str:
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    returned = f"{RETURNS[mutation]} userErrors {{ code message path }}"
    return f"mutation M($i: {kind}!) {{ {mutation}(input: $i) {{ {returned} }} }}"


@dataclass(frozen=True)
class Desk:
    """One school. `do` and its shorthands expect success, `refusals` and `codes` a refusal."""

    server: Server
    world: World
    owner_url: str

    def client(self, handle: str) -> Client:
        return self.server.client(self.world, handle)

    def ask(self, handle: str, query: str, variables: Given | None = None) -> Any:
        return self.client(handle).ask(query, variables or {}).data

    def try_(self, handle: str, mutation: str, given: Given) -> Answer:
        return self.client(handle).ask(document(mutation), {"i": given})

    def do(self, handle: str, mutation: str, given: Given) -> Any:
        payload = self.try_(handle, mutation, given).data[mutation]
        assert payload["userErrors"] == []
        return payload

    def refusals(self, handle: str, mutation: str, given: Given) -> list[Given]:
        """The userErrors, where nothing else came back."""
        payload = self.try_(handle, mutation, given).data[mutation]
        errors = payload.pop("userErrors")
        assert set(payload.values()) == {None}
        assert all(error["message"].endswith((".", "?", ")")) or ":" in error["message"] for error in errors)
        return errors

    def codes(self, handle: str, mutation: str, given: Given) -> list[str]:
        return [error["code"] for error in self.refusals(handle, mutation, given)]

    def draft(self, *edits: Given, handle: str = "dpo", **more: Any) -> Given:
        return self.do(handle, "editPolicyDraft", {"edits": list(edits or (LESS,)), **more})["draft"]

    def submit(self, draft: Given, handle: str = "dpo", **more: Any) -> Given:
        given = {"draft": draft["id"], "expectedRevision": draft["revision"], "reason": WHY, **more}
        return self.do(handle, "submitPolicy", given)["submission"]

    def submitted(self, *edits: Given, **more: Any) -> Given:
        return self.submit(self.draft(*edits), **more)

    def approve(self, submission: Given, handle: str = "head") -> Given:
        return self.do(handle, "approvePolicy", {"submission": submission["id"]})["submission"]

    def approved(self, *edits: Given, **more: Any) -> Given:
        return self.approve(self.submitted(*edits, **more))

    def publish(self, submission: Given, handle: str = "dpo", **more: Any) -> Given:
        return self.do(handle, "publishPolicy", {"submission": submission["id"], **more})

    def state(self, submission: Given) -> str:
        query = "query($id: ID!) { policySubmission(id: $id) { state } }"
        return self.ask("dpo", query, {"id": submission["id"]})["policySubmission"]["state"]

    def in_force(self) -> int:
        return self.ask("dpo", "{ policyVersion { version } }")["policyVersion"]["version"]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """A query of the test's own, as the owner; its parameter is the school."""
        with psycopg.connect(self.owner_url) as connection:
            return connection.execute(query.encode(), [self.world.school_id]).fetchall()

    def events(self) -> list[str]:
        """Those about the rules, in order."""
        query = "SELECT kind FROM usher.outbox_event WHERE school_id = %s AND kind LIKE 'policy%%' ORDER BY sequence"
        found = self.rows(query)
        return [kind for (kind,) in found]


@contextmanager
def nothing_changes(desk: Desk) -> Generator[None]:
    """Every row of the school is as it was; nothing was audited as done, no event was sent."""
    before = snapshot(desk.owner_url, desk.world)
    yield
    assert snapshot(desk.owner_url, desk.world) == before


def give(desk: Desk, handle: str, role: str) -> None:
    """One role more, and the profile that goes with it, as an administrator would."""
    world = desk.world
    with psycopg.connect(desk.owner_url) as connection:
        connection.execute(
            "INSERT INTO usher.role_assignment (school_id, role_assignment_id, person_id, role, source, valid_from)"
            " VALUES (%s, %s, %s, %s, 'manual', %s)",
            [world.school_id, uuid4(), world.ids[handle], role, world.days(-1)],
        )
        connection.execute(
            "UPDATE usher.access_profile SET profile_version = profile_version + 1"
            " WHERE school_id = %s AND person_id = %s AND capacity = 'STAFF'",
            [world.school_id, world.ids[handle]],
        )
