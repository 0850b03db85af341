"""One policy case, asked over HTTP by read, list, count and node: what each way said, and what the audit kept of it."""

from dataclasses import dataclass
from typing import LiteralString

import psycopg

from tests.e2e.serving import Client, Server
from tests.policy.cases import Case
from tests.policy.subjects import OWNED
from tests.policy.ways import LearnerWays, Said, StaffWays, Ways
from tests.policy.ways_of_rows import OwnedWays, ReportWays
from tests.worlds import World

_AUDIT: LiteralString = (
    "SELECT kind, person_id, capacity, policy_version, purpose, reason, elements FROM usher.audit_operation"
    " WHERE school_id = %s AND operation_name = %s"
)


@dataclass
class Asker:
    """Asks for one account of one school; `audit_url` reads back what was kept."""

    world: World
    server: Server
    audit_url: str
    case: Case
    name: str

    def every_way(self) -> dict[str, Said]:
        """The case asked by each way that the element has."""
        client = self.server.client(self.world, self.case.who, self.case.capacity)
        asked = ways_of(self.case)(self.world, self.case)
        return {way: self._one(client, asked, way) for way in asked.ways()}

    def _one(self, client: Client, asked: "Ways", way: str) -> Said:
        name = f"{self.name}{way}"
        document, variables = asked.document(way)
        answer = client.ask(
            document.replace("query", f"query {name}", 1), variables, purpose=self.case.purpose, reason=self.case.reason
        )
        said = Said()
        if answer.codes:
            said.error = answer.codes[0]
            assert answer.body.get("data") is None, answer
        else:
            asked.understand(way, answer, said)
        self._audited(name, said)
        return said

    def _audited(self, name: str, said: Said) -> None:
        with psycopg.connect(self.audit_url) as connection:
            rows = connection.execute(_AUDIT, [self.world.school_id, name]).fetchall()
        assert len(rows) <= 1, "an operation leaves one audit row at most"
        if not rows:
            return
        *about, elements = rows[0]
        handles = {str(key): handle for handle, key in self.world.ids.items()}
        said.audit = {element: {handles[key] for key in keys} for element, keys in elements.items()}
        said.audited_as = dict(
            zip(("kind", "person_id", "capacity", "policy_version", "purpose", "reason"), about, strict=True)
        )


def ways_of(case: Case) -> type[Ways]:
    """By where the case's element stands."""
    if case.from_ == "report":
        return ReportWays
    if case.what.startswith("staff_"):
        return StaffWays
    return OwnedWays if case.what in OWNED else LearnerWays
