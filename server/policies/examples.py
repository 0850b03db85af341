"""Examples: questions to a rule book whose answer is known beforehand, each a sentence that an officer can read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from server.policies.explanation import cited
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.rule import Finding, RuleBookInvalid
from server.policies.vocabulary import (
    ACTIONS,
    ALLOW_SCOPES,
    CONDITIONS,
    DENY_ONLY_SCOPES,
    ROLES,
    ROW_FACTS,
    Capacity,
)
from server.policies.wording_examples import example_sentence
from server.policies.words import shown
from server.register.elements import ELEMENTS

RELATIONS = frozenset({*ALLOW_SCOPES, *DENY_ONLY_SCOPES, *ROW_FACTS})
LONGEST_NAME = 120
_SAYS = {"must": True, "must not": False}


class ExampleInvalid(RuleBookInvalid):
    """`findings` names each word that the vocabulary doesn't have."""

    opening = "the example can't be used"


@dataclass(frozen=True, slots=True)
class Example:
    """Somebody who holds all `roles` and for whom all `facts` hold, and a row of which all `relations` hold.

    `visible`: whether they must be able to use the element of that row, or must not. `relations` are plain ones, such
    as ("child", "published"); none is any row of the school. May hold any words: `checked` refuses unknown ones.
    """

    name: str
    capacity: str
    roles: tuple[str, ...]
    facts: tuple[str, ...]
    relations: tuple[str, ...]
    element: str
    action: str
    visible: bool

    @property
    def sentence(self) -> str:
        """ "An untrained class teacher must not see the special needs of learners they teach."

        KeyError or ValueError for an unknown word.
        """
        return example_sentence(
            Capacity(self.capacity), self.roles, self.facts, self.relations, self.element, self.action, self.visible
        )

    def findings(self) -> list[Finding]:
        """Each word outside the vocabulary, in sentences."""
        return [Finding(shown(self.name), code, sentence) for code, sentence in self._unknown()]

    def checked(self) -> Example:
        """This example. Raises ExampleInvalid."""
        findings = self.findings()
        if findings:
            raise ExampleInvalid(findings)
        return self

    def profile(self) -> Profile:
        return Profile(Capacity(self.capacity), frozenset(self.roles), frozenset(self.facts))

    def _unknown(self) -> Iterator[tuple[str, str]]:
        if not self.name.strip() or len(self.name) > LONGEST_NAME or not self.name.isprintable():
            yield "bad_name", f"give the example a name of 1 to {LONGEST_NAME} printable characters"
        if self.capacity not in Capacity.__members__:
            yield "unknown_capacity", f"capacity {shown(self.capacity)}: use {', '.join(Capacity)}"
        for role in self.roles:
            if ROLES.get(role) != self.capacity:
                yield "unknown_role", f"role {shown(role)} is no role of the capacity {shown(self.capacity)}"
        words = (
            *(("fact", word, word in CONDITIONS) for word in self.facts),
            *(("relation", word, word in RELATIONS) for word in self.relations),
            ("element", self.element, self.element in ELEMENTS),
            ("action", self.action, self.action in ACTIONS),
        )
        for kind, word, known in words:
            if not known:
                yield f"unknown_{kind}", f"{kind} {shown(word)} is not in the vocabulary"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`sentence` says what the example asks and what the books answer, with the rules that decide."""

    example: Example
    holds: bool
    sentence: str


def run(planner: Planner, examples: Iterable[Example]) -> tuple[Outcome, ...]:
    """What comes of each, in their order. An example of unknown words fails: it proves nothing."""
    return tuple(_outcome(planner, example) for example in examples)


@cache
def starting_examples() -> tuple[Example, ...]:
    """policies/examples.csv: the fixed set from the agreement. Raises ExampleInvalid."""
    path = Path(__file__).resolve().parents[2] / "policies" / "examples.csv"
    return tuple(_of_lines(path.read_text(encoding="utf-8")))


def _outcome(planner: Planner, example: Example) -> Outcome:
    findings = example.findings()
    if findings:
        return Outcome(example, False, f"{shown(example.name)}: {findings[0].sentence}.")
    found = cited(planner, example.profile(), example.element, example.action, frozenset(example.relations))
    return Outcome(example, found.decision == example.visible, f"{example.sentence} {found.sentence}")


def _of_lines(text: str) -> Iterator[Example]:
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            name, says, capacity, roles, facts, relations, element, action = (cell.strip() for cell in line.split(","))
            held, known, related = _words(roles), _words(facts), _words(relations)
            yield Example(name, capacity, held, known, related, element, action, _SAYS[says]).checked()


def _words(cell: str) -> tuple[str, ...]:
    return () if cell == "-" else tuple(cell.split("+"))
