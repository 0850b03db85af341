"""recordMarks as a client sends it: marks of a small school, by handles."""

from typing import Any
from uuid import uuid4

from tests.e2e.serving import Answer, Client
from tests.worlds import World

PAPER = "maths-10 paper 1"
RECORD = """mutation($input: RecordMarksInput!) { recordMarks(input: $input) {
  batch replayed wouldWrite marks { id } grades { id } conflicting { id version } userErrors { code message path } } }"""
Mark = dict[str, Any]


def mark(world: World, learner: str = "ann", paper: str = PAPER, **more: Any) -> Mark:
    return {
        "learner": f"lrn_{world.ids[learner].hex}",
        "assessment": f"asm_{world.ids[paper].hex}",
        "score": "1",
    } | more


def record(client: Client, *marks: Mark, **more: Any) -> Answer:
    return client.ask(RECORD, {"input": {"marks": list(marks), "idempotencyKey": f"k{uuid4()}"} | more})


_SECOND = """mutation($input: %sInput!) { %s(input: $input) {
  %s replayed wouldWrite marks { id version } conflicting { id version } userErrors { code path } } }"""
_UNDO = """mutation($input: UndoMarksInput!) { undoMarks(input: $input) {
  batch replayed wouldWrite marks { id version state score } grades { value version } staying { id version } next
  userErrors { code path } } }"""
HISTORY = """query($id: ID!) { node(id: $id) { ... on Mark { state score version history {
  version state score reason capacity batch agreed recordedBy { familyName } markers { familyName }
  moderations { score reason moderatedBy { familyName } } } } } }"""


def mark_id(world: World, learner: str = "ann", component: str = "1", course: str = "maths-10") -> str:
    return f"mrk_{world.year}_{world.ids[f'mark {learner} {course} {component}'].hex}"


def second(world: World, score: str, version: int = 1, learner: str = "ann", **more: Any) -> Mark:
    """A second marker's score of a mark, or the agreed one."""
    given = {"mark": mark_id(world, learner), "expectedVersion": version, "score": score, "reason": "Read again."}
    return given | more


def moderate(client: Client, *marks: Mark, **more: Any) -> Answer:
    given = {"marks": list(marks), "idempotencyKey": f"k{uuid4()}"} | more
    return client.ask(_SECOND % ("ModerateMarks", "moderateMarks", ""), {"input": given})


def agree(client: Client, *marks: Mark, **more: Any) -> Answer:
    given = {"marks": list(marks), "idempotencyKey": f"k{uuid4()}"} | more
    return client.ask(_SECOND % ("AgreeMarks", "agreeMarks", "batch grades { value version }"), {"input": given})


def undo(client: Client, batch: str, **more: Any) -> Answer:
    return client.ask(_UNDO, {"input": {"batch": batch, "idempotencyKey": f"k{uuid4()}"} | more})


def history(client: Client, mark: str) -> list[dict[str, Any]]:
    """Newest first."""
    return client.ask(HISTORY, {"id": mark}).data["node"]["history"]
