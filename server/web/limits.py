"""How deep, wide and repetitive a document may be, measured in time linear in its length.

Each fragment is measured once, however often and however deeply others spread it: what it adds to an operation is then
a multiplication. So 60 fragments that each spread the next one twice cost 60 measurements, not 2^60.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from server.errors import LimitExceeded


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one document may hold. Everything but `definitions` and `fragments` counts fragments each time they
    are spread."""

    depth: int = 16
    fields: int = 1000
    aliases: int = 100
    directives: int = 100
    root_fields: int = 25
    definitions: int = 100
    fragments: int = 80
    spreads: int = 500
    nesting: int = 64


STANDARD: Final = Limits()
# Introspection is deep by nature (types of types of types), and its size is bounded by `fields`.
_SHALLOW: Final = frozenset({"__schema", "__type"})
# Strings and comments. Possessive, and an open end matches too (the parser stops there), so that no text is read twice.
_IGNORED: Final = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*+(?:""")?|"(?:[^"\\\n]|\\.)*+"?|#[^\n\r]*+', re.DOTALL)
_BRACKET: Final = re.compile(r"[{}\[\]()]")


@dataclass(frozen=True, slots=True)
class _Measure:
    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0
    spreads: int = 0

    def beside(self, other: "_Measure") -> "_Measure":
        """Both in one selection set."""
        return _Measure(
            max(self.depth, other.depth),
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.root_fields + other.root_fields,
            self.spreads + other.spreads,
        )


_NOTHING: Final = _Measure()
_SPREAD: Final = _Measure(spreads=1)
_Known = dict[str, _Measure]


def check_source(document: str, limits: Limits = STANDARD) -> None:
    """Refuse a text that is nested too deeply to be parsed safely. Raises LimitExceeded.

    The parser recurses; this doesn't. Strings and comments are left out once there are enough brackets to matter.
    """
    if document.count("{") + document.count("[") + document.count("(") <= limits.nesting:
        return
    depth = 0
    for bracket in _BRACKET.finditer(_IGNORED.sub(" ", document)):
        depth += 1 if bracket.group() in "{[(" else -1
        if depth > limits.nesting:
            raise LimitExceeded(f"The document is nested more than {limits.nesting} levels deep.")


def check_limits(document: DocumentNode, limits: Limits = STANDARD) -> None:
    """Raises LimitExceeded, naming the limit. Cycles and unknown fragments count nothing: validation refuses them."""
    if len(document.definitions) > limits.definitions:
        raise _exceeded("definitions", limits.definitions)
    if sum(isinstance(node, FragmentDefinitionNode) for node in document.definitions) > limits.fragments:
        raise _exceeded("fragments", limits.fragments)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    known: _Known = {}
    for name in _innermost_first(fragments):
        node = fragments[name]
        known[name] = _with_directives(_set(node.selection_set, known), node)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            _compare(_with_directives(_set(node.selection_set, known), node), limits)


def _compare(measure: _Measure, limits: Limits) -> None:
    for name in ("depth", "fields", "aliases", "directives", "root_fields", "spreads"):
        most: int = getattr(limits, name)
        if getattr(measure, name) > most:
            raise _exceeded(name.replace("_", " "), most)


def _exceeded(what: str, most: int) -> LimitExceeded:
    if what == "depth":
        return LimitExceeded(f"The document is deeper than {most} levels. Ask in several operations.")
    return LimitExceeded(f"The document has more than {most} {what}, fragments counted. Ask in several operations.")


def _set(selections: SelectionSetNode, known: _Known) -> _Measure:
    """The sum of one selection set; recursion follows the text's nesting only, never fragments."""
    total = _NOTHING
    for selection in selections.selections:
        total = total.beside(_with_directives(_selection(selection, known), selection))
    return total


def _selection(node: SelectionNode, known: _Known) -> _Measure:
    if isinstance(node, FieldNode):
        inner = _NOTHING if node.selection_set is None else _set(node.selection_set, known)
        depth = 1 if node.name.value in _SHALLOW else inner.depth + 1
        return _Measure(
            depth, inner.fields + 1, inner.aliases + (node.alias is not None), inner.directives, 1, inner.spreads
        )
    if isinstance(node, FragmentSpreadNode):
        return known.get(node.name.value, _NOTHING).beside(_SPREAD)
    inline: SelectionSetNode | None = getattr(node, "selection_set", None)
    return _NOTHING if inline is None else _set(inline, known)


def _with_directives(
    measure: _Measure, node: SelectionNode | OperationDefinitionNode | FragmentDefinitionNode
) -> _Measure:
    return measure.beside(_Measure(directives=len(node.directives))) if node.directives else measure


def _innermost_first(fragments: dict[str, FragmentDefinitionNode]) -> list[str]:
    """Every fragment after those it spreads, as far as there is no cycle. Without recursion: chains may be long."""
    spreads = {name: list(_spreads(node.selection_set)) for name, node in fragments.items()}
    order: list[str] = []
    seen: set[str] = set()
    for first in fragments:
        waiting = [(first, False)]
        while waiting:
            name, done = waiting.pop()
            if done:
                order.append(name)
            elif name not in seen and name in spreads:
                seen.add(name)
                waiting.append((name, True))
                waiting.extend((spread, False) for spread in spreads[name])
    return order


def _spreads(selections: SelectionSetNode) -> Iterator[str]:
    waiting = [selections]
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FragmentSpreadNode):
                yield selection.name.value
            else:
                inner: SelectionSetNode | None = getattr(selection, "selection_set", None)
                if inner is not None:
                    waiting.append(inner)
