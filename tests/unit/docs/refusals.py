"""Codes that the code refuses with, read from its source: what the pages list can't fall behind it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SERVER: Final = Path(__file__).parents[3] / "server"
ACCESS: Final = (*sorted((SERVER / "commands/access").glob("*.py")), SERVER / "commands/access_summaries.py")
POLICY: Final = (*sorted((SERVER / "commands/policy").glob("*.py")), SERVER / "resolvers/policy/edits.py")
CENSUSES: Final = (SERVER / "commands/censuses.py",)
GRADINGS: Final = (SERVER / "commands/windows/grading.py",)
SCALES: Final = (SERVER / "commands/windows/scales.py",)
_WINDOWS: Final = sorted((SERVER / "commands/windows").glob("*.py"))
WINDOWS: Final = tuple(path for path in _WINDOWS if path not in (*GRADINGS, *SCALES))
_REFUSING: Final = ("refused", "_refused", "InputError")
# Of books that are read from a file or a stored version: no edit and no draft meets them.
_ELSEWHERE: Final = {"SHORT_ROW", "UNREADABLE", "CHANGED_MODEL"}
# Words of a book, of a sentence and of an example; their codes are put together.
_KINDS: Final = (
    *("role", "element", "action", "scope", "condition", "duty", "effect", "object"),
    *("course", "rule", "capacity", "fact", "relation"),
)


def refusals(files: tuple[Path, ...]) -> set[str]:
    """The first argument of each call that refuses, and the codes of what a state or an unknown row is told."""
    return {text for file in files for text in _codes(ast.parse(file.read_text(encoding="utf-8")))}


def findings() -> set[str]:
    """Codes of what is wrong with rules, sentences and examples, in capitals."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in sorted((SERVER / "policies").glob("*.py"))]
    words = {text for tree in trees for text in _words(tree)} | {f"unknown_{kind}" for kind in _KINDS}
    return {word.upper() for word in words} - _ELSEWHERE


def _codes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(code)), *_]) if name in _REFUSING:
                yield code
            case ast.Call(func=ast.Name(id="Finding"), args=[_, ast.Constant(value=str(code)), _]):
                yield code.upper()
            case ast.Tuple(elts=[ast.Constant(value=str(code)), ast.Constant(value=str(said))]) if said.endswith("."):
                if code.isupper():
                    yield code
            case _:
                pass


def _words(tree: ast.Module) -> Iterator[str]:
    """Of `Finding(place, code, sentence)`, and of the shorter ways to one, whose codes stand before their sentence."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="Finding"), args=[_, ast.Constant(value=str(code)), _]):
                yield code
            case ast.Call(func=ast.Name(id="_refuse"), args=[*_, ast.Constant(value=str(code)), _]):
                yield code
            case ast.Yield(value=ast.Tuple(elts=[ast.Constant(value=str(code)), _])) if "_" in code:
                yield code
            case ast.Assign(targets=[ast.Name(id="code")], value=value):
                yield from _constants(value)
            case _:
                pass


def _constants(value: ast.expr) -> Iterator[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
