"""One policy case, asked over HTTP by read, list, count and node: what each way said, and what the audit kept of it."""

from dataclasses import dataclass

from tests.e2e.serving import Client, Server
from tests.policy.audit_log import AuditLog
from tests.policy.cases import Case
from tests.policy.subjects import OWNED
from tests.policy.ways import LearnerWays, Said, StaffWays, Ways
from tests.policy.ways_of_rows import OwnedWays, ReportWays
from tests.worlds import World


@dataclass(frozen=True)
class Asker:
    """Asks for one account of one school, and reads back what was kept of it."""

    world: World
    server: Server
    log: AuditLog
    case: Case

    def every_way(self) -> dict[str, Said]:
        """The case asked by each way that the element has."""
        client = self.server.client(self.world, self.case.who, self.case.capacity)
        asked = ways_of(self.case)(self.world, self.case)
        return {way: self._one(client, asked, way) for way in asked.ways()}

    def _one(self, client: Client, asked: Ways, way: str) -> Said:
        self.log.added(self.world)
        document, variables = asked.document(way)
        document = document.replace("query", f"query {way}", 1)
        answer = client.ask(document, variables, purpose=self.case.purpose, reason=self.case.reason)
        said = Said()
        if answer.codes:
            said.error = answer.codes[0]
            assert answer.body.get("data") is None, answer
        else:
            asked.understand(way, answer, said)
        lines = self.log.added(self.world)
        assert len(lines) <= 1, "an operation leaves one audit row at most"
        for line in lines:
            said.audit, said.audited_as = line.elements, line.about
        return said


def ways_of(case: Case) -> type[Ways]:
    """By where the case's element stands."""
    if case.from_ == "report":
        return ReportWays
    if case.what.startswith("staff_"):
        return StaffWays
    return OwnedWays if case.what in OWNED else LearnerWays
