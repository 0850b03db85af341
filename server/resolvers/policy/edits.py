"""Edits as GraphQL gives them, read into those of the policies: a sentence, or its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from server.commands.input_error import InputError
from server.commands.policy.refusals import found, refused
from server.policies.book_rows import MOST_RULES
from server.policies.edits import Add, Change, Edit, Lower, Raise, Remove
from server.policies.parse import SentenceNotRead, parsed
from server.policies.rule import Rule
from server.queries.noun import Argument
from server.resolvers.mutation import Input

_RULE: Final = Input(
    "PolicyRuleInput",
    "A rule by its fields, in the words of policyWords.",
    (
        Argument("role", "String!", "The role, or group of roles, that the rule is about."),
        Argument("element", "String!", "The data element, or group of elements."),
        Argument("action", "String!", "What may be done."),
        Argument("scope", "String!", "Whose rows."),
        Argument("conditions", "[String!]", "What must hold besides."),
        Argument("duties", "[String!]", "What follows from a use."),
        Argument("effect", "String", "allow, which is meant where left out, or deny."),
    ),
)
_SAID: Final = (
    Argument("sentence", "String", "The rule in words."),
    Argument("rule", "PolicyRuleInput", "The rule by its fields, in the sentence's place."),
)
_ADD: Final = Input(
    "PolicyAddInput",
    "A new rule at the end of the book: a sentence, or its fields.",
    (Argument("id", "String", "Its name in the book; one is given where left out."), *_SAID),
)
_CHANGE: Final = Input(
    "PolicyChangeInput",
    "What a rule says from now on: a sentence, or its fields.",
    (Argument("id", "String!", "The rule's name in the book."), *_SAID),
)
_RAISE: Final = Input(
    "PolicyRaiseInput",
    "An element to be treated as special category.",
    (
        Argument("element", "String!", "The data element."),
        Argument("course", "String!", "The course whose certificate opens it."),
    ),
)
_EDIT: Final = Input(
    "PolicyEdit",
    "One change of a rule book.",
    (
        Argument("add", "PolicyAddInput", "Add a rule."),
        Argument("change", "PolicyChangeInput", "Change a rule."),
        Argument("remove", "String", "Remove the rule of this id."),
        Argument("raise", "PolicyRaiseInput", "Treat an element as special category."),
        Argument("lower", "String", "Undo the school's own raise of this element."),
    ),
    one_of=True,
)
EDIT_INPUTS: Final = (_RULE, _ADD, _CHANGE, _RAISE, _EDIT)

Read = tuple[list[Edit], tuple[InputError, ...]]


def read_edits(given: Sequence[Mapping[str, Any]]) -> Read:
    """The edits, or why the first that can't be understood is refused."""
    if len(given) > MOST_RULES:
        said = f"At most {MOST_RULES:,} edits are made at once: send fewer."
        return [], refused("TOO_MANY_EDITS", said, "edits")
    edits: list[Edit] = []
    for position, one in enumerate(given):
        try:
            edit = _edit(one)
        except SentenceNotRead as wrong:
            kind = "add" if one.get("add") else "change"
            return [], found(wrong.findings, "edits", position, kind, "sentence")
        if edit is None:
            said = "Give the rule either as sentence or as rule."
            return [], refused("SENTENCE_OR_RULE", said, "edits", position)
        edits.append(edit)
    return edits, ()


def _edit(given: Mapping[str, Any]) -> Edit | None:
    [(kind, value)] = [(kind, value) for kind, value in given.items() if value is not None]
    match kind:
        case "add":
            rule = _rule(value, value.get("id") or "")
            return None if rule is None else Add(rule)
        case "change":
            rule = _rule(value, value["id"])
            return None if rule is None else Change(rule)
        case "remove":
            return Remove(value)
        case "raise":
            return Raise(value["element"], value["course"])
        case _:
            return Lower(value)


def _rule(given: Mapping[str, Any], rule_id: str) -> Rule | None:
    said, fields = given.get("sentence"), given.get("rule")
    if (said is None) == (fields is None):
        return None
    if said is not None:
        return replace(parsed(said, rule_id), id=rule_id)
    assert fields is not None
    return Rule(
        rule_id,
        fields["role"],
        fields["element"],
        fields["action"],
        fields["scope"],
        tuple(fields.get("conditions") or ()),
        tuple(fields.get("duties") or ()),
        fields.get("effect") or "allow",
    )
