"""recordMarks as a client sends it: marks of a small school, by handles."""

from typing import Any
from uuid import uuid4

from tests.e2e.serving import Answer, Client
from tests.worlds import World

PAPER = "maths-10 paper 1"
RECORD = """mutation($input: RecordMarksInput!) { recordMarks(input: $input) {
  replayed wouldWrite marks { id } grades { id } conflicting { id version } userErrors { code message path } } }"""
Mark = dict[str, Any]


def mark(world: World, learner: str = "ann", paper: str = PAPER, **more: Any) -> Mark:
    return {
        "learner": f"lrn_{world.ids[learner].hex}",
        "assessment": f"asm_{world.ids[paper].hex}",
        "score": "1",
    } | more


def record(client: Client, *marks: Mark, **more: Any) -> Answer:
    return client.ask(RECORD, {"input": {"marks": list(marks), "idempotencyKey": f"k{uuid4()}"} | more})
