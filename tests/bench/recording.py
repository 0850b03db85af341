"""recordMarks over HTTP: batches of thirty marks, each lane a teacher with a class of a course of its own."""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

from server.identity.keys import token_key
from server.identity.tokens import MAXIMUM_LIFETIME, TokenIssuer
from tests.bench import processor_time
from tests.bench.dataset import Dataset
from tests.bench.http_client import Connection, request_bytes
from tests.bench.load import Measured, drive
from tests.bench.operations import current
from tests.bench.usher_server import UsherServer

LANES, BATCH = 8, 30
_DOCUMENT = """\
mutation Record($input: RecordMarksInput!) {
  recordMarks(input: $input) { batch marks { id version } grades { id value version } userErrors { code } }
}"""


# One class a course that is graded, with its teacher, the newest assessment of a window in which everything was sat, so
# that each mark moves a grade, and up to thirty learners whom nothing protects.
_CLASSES = f"""\
SELECT DISTINCT ON (c.course_id) t.staff_id, a.assessment_id, a.maximum, a.step,
  ARRAY(SELECT e.learner_id FROM usher.enrolment e WHERE e.school_id = c.school_id AND e.class_id = c.class_id
    AND {current("e")} AND NOT EXISTS (SELECT FROM usher.learner_flag f WHERE f.school_id = e.school_id
      AND f.learner_id = e.learner_id) AND NOT EXISTS (SELECT FROM usher.guardian_link g
      WHERE g.school_id = e.school_id AND g.learner_id = e.learner_id AND g.guardian_id = t.staff_id)
    ORDER BY 1 LIMIT %(batch)s)
FROM usher.class c
JOIN usher.course k ON k.school_id = c.school_id AND k.course_id = c.course_id AND k.specification_id IS NOT NULL
JOIN usher.teaching_assignment t ON t.school_id = c.school_id AND t.class_id = c.class_id AND {current("t")}
JOIN usher.role_assignment r ON r.school_id = c.school_id AND r.person_id = t.staff_id AND r.role = 'class_teacher'
  AND {current("r")}
JOIN usher.assessment_class s ON s.school_id = c.school_id AND s.class_id = c.class_id
JOIN usher.assessment a ON a.school_id = c.school_id AND a.assessment_id = s.assessment_id
WHERE c.school_id = %(school)s AND a.held_on <= current_date AND NOT EXISTS (SELECT FROM usher.assessment o
  WHERE o.school_id = a.school_id AND o.course_id = a.course_id AND o.window_id = a.window_id AND o.held_on > current_date)
  AND (SELECT count(*) FROM usher.enrolment e
  WHERE e.school_id = c.school_id AND e.class_id = c.class_id AND {current("e")}) >= %(batch)s
ORDER BY c.course_id, a.held_on DESC"""


@dataclass(frozen=True, slots=True)
class Desk:
    """One teacher's class and paper."""

    token: str
    assessment: UUID
    maximum: Decimal
    step: Decimal
    learners: list[UUID]
    staff: UUID

    def request(self, number: int) -> bytes:
        """A batch whose scores are new each time."""
        draw = random.Random(f"{self.assessment}/{number}")
        steps = int(self.maximum / self.step)
        marks = [
            {
                "learner": f"lrn_{learner.hex}",
                "assessment": f"asm_{self.assessment.hex}",
                "score": str(draw.randint(0, steps) * self.step),
                "reason": "Measured",
            }
            for learner in self.learners
        ]
        given = {"input": {"marks": marks, "idempotencyKey": str(uuid4())}}
        return request_bytes(_DOCUMENT, given, self.token)


async def recording(data: Dataset, server: UsherServer, seconds: float, rounds: int) -> Measured:
    """Batches per second, and how long each took. Every batch must be written whole."""
    several = desks(data)
    connections = [Connection(server.port) for _ in several]
    numbers = itertools.count()

    async def ask(lane: int) -> None:
        body: Any = json.loads(await connections[lane].ask(several[lane].request(next(numbers))))
        assert body.get("data"), f"a batch was refused: {str(body)[:300]}"
        payload: Any = body["data"]["recordMarks"]
        assert not payload["userErrors"], f"a batch was refused: {str(body)[:300]}"
        assert len(payload["marks"]) == BATCH, "a batch was not written whole"

    def cpu() -> tuple[float, float]:
        return processor_time.of_process(server.pid), processor_time.of_database(_data_folder(data))

    measured = Measured("recordMarks")
    for number in range(rounds + 1):
        one = await drive(ask, len(several), seconds, cpu)
        if number:
            measured.rounds.append(one)
    for connection in connections:
        connection.close()
    return measured


def _data_folder(data: Dataset) -> Path:
    return data.cluster.files.data


def desks(data: Dataset) -> list[Desk]:
    """At most LANES, each of another teacher."""
    issuer = TokenIssuer(token_key(data.home / "keys"))
    with psycopg.connect(data.owner_url) as connection:
        asked = {"school": data.school.school_id, "batch": BATCH}
        rows = connection.execute(_CLASSES.encode(), asked).fetchall()
    taken: dict[UUID, Desk] = {}
    for staff, assessment, maximum, step, learners in rows:
        if len(learners) < BATCH:
            continue
        token = issuer.issue(data.school.school_id, staff, "STAFF", MAXIMUM_LIFETIME, factor=True)
        taken.setdefault(staff, Desk(token, assessment, maximum, step, learners, staff))
    return list(taken.values())[:LANES]
