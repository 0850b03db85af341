"""Examples of the documents: GraphQL blocks, and the JSON that each is answered with as the account named above it.

    ```graphql ... ```            the operation
    As `senco`, with `{"score": "45"}`:
    ```json ... ```               the whole answer

An operation without any answer is asked as `teacher`. From its answer come the variables that later ones don't show:
`learner`, `assessment`, `course` and `window` are its first ids of that kind, `version` its first version, `after` the
end of its first page.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

ROOT: Final = Path(__file__).parents[2]
DOCUMENTS: Final = ("README.md", "docs/queries.md", "docs/policy.md")
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ACCOUNT: Final = re.compile(r"As `([a-z-]+)`")
_VARIABLES: Final = re.compile(r"with `(\{.*?\})`")
_YEAR: Final = re.compile(r"school year that began in September (\d{4})")

Ask = Callable[[str, str, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Block:
    """`above` is the text between the block before it and this one."""

    language: str
    text: str
    above: str


@dataclass(frozen=True, slots=True)
class Example:
    """`answer` is None where the document shows none."""

    operation: str
    account: str
    variables: dict[str, Any]
    answer: dict[str, Any] | None


@dataclass(slots=True)
class Asker:
    """Asks the examples of one document after the other, and keeps what later ones refer to."""

    ask: Ask
    exact: bool
    asked: int = 0
    _known: dict[str, Any] = field(default_factory=dict[str, Any])

    def check(self, example: Example) -> None:
        """Fails unless the answer is the one shown; in another school year, unless it has its shape."""
        wanted = [name for name in re.findall(r"\$(\w+):", example.operation) if name not in example.variables]
        if not self.exact and not set(wanted) <= set(self._known):
            return  # about a learner whom another year's demo doesn't have
        found = {name: self._known[name] for name in wanted}
        answer = self.ask(example.account, example.operation, found | example.variables)
        answer.pop("extensions", None)  # what it cost, which pages leave out
        self.asked += 1
        if example.answer is None:
            assert "errors" not in answer, answer
            self._known |= mentioned(answer)
        elif self.exact:
            assert answer == example.answer, json.dumps(answer, ensure_ascii=False)
        else:
            assert fits(answer, example.answer), json.dumps(answer, ensure_ascii=False)


def read(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def school_year() -> int:
    """The year whose demo the README's answers come from."""
    found = _YEAR.search(read("README.md"))
    assert found is not None
    return int(found[1])


def blocks(text: str) -> Iterator[Block]:
    end = 0
    for found in _BLOCK.finditer(text):
        yield Block(found[1], found[2], text[end : found.start()])
        end = found.end()


def examples(text: str) -> list[Example]:
    """Every operation with each of its answers, in order of the text."""
    made: list[Example] = []
    operation: str | None = None
    answered = True
    for block in blocks(text):
        if block.language == "json" and operation is not None:
            account, variables = _ACCOUNT.findall(block.above), _VARIABLES.search(block.above)
            assert account, f"the answer says as whom: {block.text[:60]}"
            given: dict[str, Any] = json.loads(variables[1] if variables else "{}")
            made.append(Example(operation, account[-1], given, json.loads(block.text)))
            answered = True
            continue
        if operation is not None and not answered:
            made.append(Example(operation, "teacher", {}, None))
        operation, answered = (block.text, False) if block.language == "graphql" else (None, True)
    if operation is not None and not answered:
        made.append(Example(operation, "teacher", {}, None))
    return made


def mentioned(answer: Any) -> dict[str, Any]:
    """The first learner, assessment, course, window, version and end of a page in an answer."""
    kinds = {"lrn_": "learner", "asm_": "assessment", "crs_": "course", "win_": "window"}
    called = {"version": "version", "endCursor": "after"}
    found: dict[str, Any] = {}
    for name, value in _leaves(answer):
        if name in called:
            found.setdefault(called[name], value)
        if name == "id" and str(value)[:4] in kinds:
            found.setdefault(kinds[str(value)[:4]], value)
    return found


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in cast("dict[str, Any]", value).items():
            yield from _leaves(inner, key)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from _leaves(inner, name)
    else:
        yield name, value


def fits(answer: Any, shown: Any) -> bool:
    """Whether an answer has the shape of another: the same fields, values of the same kind, null anywhere."""
    if answer is None or shown is None:
        return True
    if isinstance(shown, dict) and isinstance(answer, dict):
        left, right = cast("dict[str, Any]", answer), cast("dict[str, Any]", shown)
        return left.keys() == right.keys() and all(fits(left[key], right[key]) for key in right)
    if isinstance(shown, list) and isinstance(answer, list):
        rows = cast("list[Any]", shown)
        return not rows or all(any(fits(row, like) for like in rows) for row in cast("list[Any]", answer))
    return type(answer) is type(cast("object", shown))
