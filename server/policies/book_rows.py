"""The rows of a book from text: a stored version's JSON, or a file in Casbin's CSV form."""

import json
from collections.abc import Iterator
from typing import Any, cast

from server.policies.rule import Finding, Pair, Rule, RuleBookInvalid

# Rules, role groups, element groups, raised elements.
Parts = tuple[tuple[Rule, ...], tuple[Pair, ...], tuple[Pair, ...], tuple[Pair, ...]]

_TEXT_FIELDS = ("id", "role", "element", "action", "scope", "effect")
_LIST_FIELDS = ("conditions", "duties")
_PAIR_FIELDS = ("role_groups", "element_groups", "raised")
MOST_RULES = 2_000
# More than any book of that many rules takes, each with every condition and duty once.
_LONGEST_TEXT = 3_000_000
TOO_MANY = Finding("book", "too_many_rules", f"a book holds at most {MOST_RULES:,} rules: merge or remove some")
_TOO_LONG = Finding("book", "too_long", f"the text of a book holds at most {_LONGEST_TEXT:,} characters")


def read_content(text: str) -> Parts:
    """Parts of a book from `RuleBook.content()`; the words themselves are checked elsewhere."""
    _refuse_long(text)
    try:
        raw: Any = json.loads(text)
        body = _body(raw)
        rules = tuple(_rule(row) for row in _list(body["rules"]))
        roles, elements, raised = (tuple(_pair(row) for row in _list(body.get(key, []))) for key in _PAIR_FIELDS)
        return rules, roles, elements, raised
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        sentence = "the stored text is no rule book: publish the version anew"
        raise RuleBookInvalid([Finding("content", "unreadable", sentence)]) from error


def read_csv(text: str) -> Parts:
    """Parts of a book from a file: `p` rows of nine cells, `g`, `g2` and `raise` rows of three, `#` comments."""
    _refuse_long(text)
    findings: list[Finding] = []
    rules: list[Rule] = []
    groups: dict[str, list[Pair]] = {"g": [], "g2": [], "raise": []}
    for number, cells in _lines(text):
        if cells[0] == "p" and len(cells) == 9:
            rules.append(_rule_of_cells(cells[1:]))
        elif cells[0] in groups and len(cells) == 3:
            groups[cells[0]].append((cells[1], cells[2]))
        else:
            sentence = (
                "a rule has 9 cells and starts with p, a group row has 3 and starts with g or g2, as has one with raise"
            )
            findings.append(Finding(f"line {number}", "short_row", f"{sentence}; this row has {len(cells)}"))
    if len(rules) > MOST_RULES:
        raise RuleBookInvalid([TOO_MANY])
    if findings:
        raise RuleBookInvalid(findings)
    return tuple(rules), tuple(groups["g"]), tuple(groups["g2"]), tuple(groups["raise"])


def _refuse_long(text: str) -> None:
    if len(text) > _LONGEST_TEXT:
        raise RuleBookInvalid([_TOO_LONG])


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, [cell.strip(" \t\r") for cell in line.split(",")]


def _rule_of_cells(cells: list[str]) -> Rule:
    rule_id, role, element, action, scope, conditions, duties, effect = cells
    return Rule(rule_id, role, element, action, scope, _words(conditions), _words(duties), effect)


def _words(cell: str) -> tuple[str, ...]:
    return () if cell == "-" else tuple(cell.split("+"))


def _body(raw: Any) -> dict[str, Any]:
    """`raised` stands only where something is raised, so that each book has one text."""
    if isinstance(raw, dict) and "raised" not in raw:
        return _only(raw, {"rules", "role_groups", "element_groups"})
    body = _only(raw, {"rules", *_PAIR_FIELDS})
    if not body["raised"]:
        raise ValueError
    return body


def _rule(raw: Any) -> Rule:
    row = _only(raw, {*_TEXT_FIELDS, *_LIST_FIELDS})
    texts = {key: _text(row[key]) for key in _TEXT_FIELDS}
    lists = {key: tuple(_text(word) for word in _list(row[key])) for key in _LIST_FIELDS}
    return Rule(
        texts["id"], texts["role"], texts["element"], texts["action"], texts["scope"],
        lists["conditions"], lists["duties"], texts["effect"],
    )  # fmt: skip


def _pair(raw: Any) -> Pair:
    first, second = _list(raw)
    return _text(first), _text(second)


def _only(raw: Any, keys: set[str]) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise TypeError
    row = cast(dict[str, Any], raw)
    if set(row) != keys:
        raise KeyError
    return row


def _list(raw: Any) -> list[Any]:
    if not isinstance(raw, list):
        raise TypeError
    rows = cast(list[Any], raw)
    if len(rows) > MOST_RULES:
        raise RuleBookInvalid([TOO_MANY])
    return rows


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw
