"""Windows as clients lock and open them: by handles of a small school."""

from typing import Any
from uuid import uuid4

from tests.e2e.serving import Answer, Client
from tests.worlds import World

STEPS = ("lockWindow", "moderateWindow", "reopenWindow")
_STEP = """mutation($input: %sInput!) { %s(input: $input) {
  windows { name steps { state step reason takenBy { familyName } course { name } } }
  courses { name assessments { component windowState windowStep steps { step state } } }
  replayed wouldWrite userErrors { code message path } } }"""


def document(name: str) -> str:
    return _STEP % (name[0].upper() + name[1:], name)


def step(client: Client, world: World, name: str, handle: str | None = "maths-10", **more: Any) -> Answer:
    """Of a course in autumn, with a reason; `more` are members of the input as they are sent."""
    given: dict[str, Any] = {
        "window": f"win_{world.ids['autumn'].hex}",
        "reason": "Because.",
        "idempotencyKey": f"k{uuid4()}",
    }
    if handle is not None:
        given["course"] = f"crs_{world.ids[handle].hex}"
    return client.ask(document(name), {"input": given | more})


def errors(answer: Answer) -> list[tuple[str, list[str]]]:
    """Codes and paths of the one mutation's userErrors."""
    [payload] = answer.data.values()
    return [(error["code"], error["path"]) for error in payload["userErrors"]]


def took(answer: Answer) -> list[str]:
    """The courses that took the step, of an answer without errors."""
    [payload] = answer.data.values()
    assert payload["userErrors"] == [], payload
    return [course["name"] for course in payload["courses"]]
