"""The README's story of an officer, run step by step as it is printed: commands with their output, questions with answers.

    ```console
    $ .venv/bin/usher policy --as dpo ...      a command; what follows it, until the next `$`, is all that it prints
    ```

Ids, times and links of the chain differ from run to run: each stands for the one that came in its place, and later
commands are given that one. Questions are `graphql` and `json` blocks, as elsewhere in the README.
"""

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from tests.e2e.examples import Asker, Block, Example, blocks, examples

SECTION: Final = "## For data protection officers\n"
USHER: Final = ".venv/bin/usher"
_ID: Final = re.compile(r"\b(?:pdr|psb|stf|lrn)_[0-9a-f]{32}\b")
_PASSING: Final = (
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?Z?\b"), "<time>"),
    (re.compile(r"\b[0-9a-f]{12} holds\b"), "<link> holds"),
    (re.compile(r"\blast \d+ recorded operations, \d+ would\b"), "last <n> recorded operations, <n> would"),
)
# Arguments of usher -> all that it printed.
Run = Callable[[list[str]], str]


@dataclass(frozen=True, slots=True)
class Command:
    arguments: list[str]
    printed: str


def parted(readme: str) -> tuple[str, str]:
    """The README without the story, and the story."""
    before, found, rest = readme.partition(f"\n{SECTION}")
    assert found, "the README has no chapter for officers"
    story, following, after = rest.partition("\n## ")
    return before + "\n" + following + after, story


def steps(story: str) -> Iterator[Command | Example]:
    """In order; a question begins with its operation and goes on with each of its answers."""
    asked: Block | None = None
    for block in blocks(story):
        if block.language == "console":
            yield from _commands(block.text)
        elif block.language == "graphql":
            asked = block
        elif block.language == "json":
            assert asked is not None
            yield from examples(f"```graphql\n{asked.text}```\n{block.above}```json\n{block.text}```\n")


def _commands(text: str) -> Iterator[Command]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, *printed = part.replace("\\\n", " ").split("\n")
        words = shlex.split(line)
        assert words[0] == USHER, words
        yield Command(words[1:], "\n".join(printed))


@dataclass(slots=True)
class Story:
    """`exact` is False in another school year, whose demo has other people: then what is printed may differ."""

    run: Run
    asker: Asker
    exact: bool
    told: int = 0
    _names: dict[str, str] = field(default_factory=dict[str, str])

    def tell(self, story: str) -> None:
        for step in steps(story):
            if isinstance(step, Example):
                self.asker.check(step)
            else:
                self._do(step)
            self.told += 1

    def _do(self, command: Command) -> None:
        printed = self.run([self._names.get(word, word) for word in command.arguments])
        for shown, found in zip(_ID.findall(command.printed), _ID.findall(printed), strict=False):
            self._names.setdefault(shown, found)
        if self.exact:
            assert _plain(printed, {}) == _plain(command.printed, self._names), (
                f"{command.arguments} printed:\n{printed}"
            )


def _plain(text: str, names: dict[str, str]) -> str:
    """Blanks at the ends of lines and empty lines say nothing."""
    for shown, found in names.items():
        text = text.replace(shown, found)
    for pattern, word in _PASSING:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())
