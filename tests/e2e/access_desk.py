"""A school whose access changes: two workers under one clock that a test sets, and accounts that ask either."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.routing import Route

from server.database.pool import Pool
from server.identity.tokens import TokenIssuer, TokenVerifier
from server.resolvers.execution import Execution
from server.web.endpoint import GraphQLEndpoint
from tests.e2e.serving import capacity_of
from tests.signing import OneKey
from tests.worlds import World

NAMES = "{ learners { nodes { givenName } } }"
CAPABILITIES = "{ viewer { capabilities } }"


@dataclass
class AccessDesk:
    """`now` is the clock of both workers, and starts as the database's, by which walls look."""

    world: World
    pool: Pool
    owner_url: str
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.key = ECKey.generate_key("P-256")
        self.key.ensure_kid()
        self.workers = [self._worker(), self._worker()]

    def _worker(self) -> Starlette:
        execution = Execution(self.pool, bytes(32), clock=lambda: self.now)
        return Starlette(routes=[Route("/graphql", GraphQLEndpoint(execution, TokenVerifier(OneKey(self.key))))])

    async def ask(
        self,
        handle: str,
        document: str,
        worker: int = 0,
        *,
        by_program: str | None = None,
        factor: bool = True,
        capacity: str | None = None,
        **variables: Any,
    ) -> dict[str, Any]:
        """The whole response. `factor`: whether they signed in with two."""
        token = TokenIssuer(self.key).issue(
            self.world.school_id,
            self.world.ids[handle],
            capacity or capacity_of(self.world, handle),
            600,
            by_program,
            factor=factor,
        )
        transport = httpx.ASGITransport(app=self.workers[worker])
        async with httpx.AsyncClient(transport=transport, base_url="http://usher") as http:
            response = await http.post(
                "/graphql",
                json={"query": document, "variables": variables},
                headers={"Authorization": f"Bearer {token}"},
            )
        body: dict[str, Any] = response.json()
        assert "INTERNAL_ERROR" not in codes(body), body
        return body

    async def do(self, handle: str, mutation: str, *, by_program: str | None = None, **given: Any) -> dict[str, Any]:
        """The payload of a mutation that takes the input `given`; of a session its times too. Any error fails."""
        body = await self.attempt(handle, mutation, by_program=by_program, **given)
        assert "errors" not in body, body
        payload: dict[str, Any] = body["data"][mutation]
        return payload

    async def attempt(
        self, handle: str, mutation: str, *, by_program: str | None = None, **given: Any
    ) -> dict[str, Any]:
        """The whole response."""
        times = " startsAt endsAt" if mutation in SESSIONS else ""
        title = mutation[0].upper() + mutation[1:]
        document = (
            f"mutation($input: {title}Input!) {{ {mutation}(input: $input) "
            f"{{ id{times} userErrors {{ code path }} }} }}"
        )
        return await self.ask(handle, document, by_program=by_program, input=given)

    async def refused(self, handle: str, mutation: str, **given: Any) -> list[str]:
        """The codes of the payload's errors, with a proof that nothing changed."""
        before = self.rows_of(*WATCHED)
        payload = await self.do(handle, mutation, **given)
        assert payload["id"] is None
        assert self.rows_of(*WATCHED) == before
        return [error["code"] for error in payload["userErrors"]]

    async def forbidden(self, handle: str, mutation: str, **given: Any) -> None:
        """The whole operation is refused, and nothing changed."""
        before = self.rows_of(*WATCHED)
        body = await self.attempt(handle, mutation, **given)
        assert codes(body) == ["FORBIDDEN"], body
        assert self.rows_of(*WATCHED) == before

    async def names(self, handle: str, worker: int = 0) -> set[str]:
        """Whom the account sees by name; nobody, where the operation is refused."""
        body = await self.ask(handle, NAMES, worker)
        if "errors" in body:
            return set()
        return {row["givenName"] for row in body["data"]["learners"]["nodes"]}

    async def capabilities(self, handle: str, worker: int = 0) -> set[str]:
        body = await self.ask(handle, CAPABILITIES, worker)
        return set(body["data"]["viewer"]["capabilities"])

    def id(self, handle: str, prefix: str = "per") -> str:
        return f"{prefix}_{self.world.ids[handle].hex}"

    def link(self, guardian: str, learner: str) -> str:
        """The id of the newest such link."""
        [(key,)] = self.rows(
            "SELECT link_id FROM usher.guardian_link WHERE school_id = %s AND guardian_id = %s AND learner_id = %s"
            " ORDER BY valid_from DESC LIMIT 1",
            self.world.ids[guardian],
            self.world.ids[learner],
        )
        return f"gdn_{key.hex}"

    def role(self, handle: str, role: str) -> str:
        """The id of the role that the account holds."""
        [(key,)] = self.rows(
            "SELECT role_assignment_id FROM usher.role_assignment WHERE school_id = %s AND person_id = %s AND role = %s",
            self.world.ids[handle],
            role,
        )
        return f"rla_{key.hex}"

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """A query of the test's own, as the owner; its first parameter is the school."""
        with psycopg.connect(self.owner_url) as connection:
            return connection.execute(query.encode(), [self.world.school_id, *values]).fetchall()

    def rows_of(self, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
        with psycopg.connect(self.owner_url) as connection:
            return {
                table: connection.execute(
                    f"SELECT t::text FROM usher.{table} AS t WHERE t.school_id = %s ORDER BY 1".encode(),
                    [self.world.school_id],
                ).fetchall()
                for table in tables
            }

    def version(self, handle: str) -> list[int]:
        """The profile versions of the person, by capacity."""
        return [
            row[0]
            for row in self.rows(
                "SELECT profile_version FROM usher.access_profile WHERE school_id = %s AND person_id = %s ORDER BY capacity",
                self.world.ids[handle],
            )
        ]

    def told(self, kind: str) -> set[UUID]:
        """To whom such notices were posted."""
        rows = self.rows(
            "SELECT person_id FROM usher.notice WHERE school_id = %s AND kind = %s AND posted_at >= %s",
            kind,
            self.now - timedelta(minutes=1),
        )
        return {row[0] for row in rows}

    def day(self, count: int = 0) -> str:
        return (self.now.date() + timedelta(days=count)).isoformat()


SESSIONS = ("approveSupportAccess", "endSupportAccess", "breakGlass", "endBreakGlass")
WATCHED = (
    "access_profile", "app_activation", "app_activation_end", "audit_operation", "break_glass", "break_glass_end",
    "client_grant", "guardian_link", "invitation", "invitation_end", "link_restriction", "link_restriction_end",
    "notice", "outbox_event", "role_assignment", "supervision", "support_decision", "support_end",
    "support_request", "teaching_assignment", "training_certificate",
)  # fmt: skip


def codes(body: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in body.get("errors", [])]
