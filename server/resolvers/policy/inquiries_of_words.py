"""policyWords: the closed lists that rules are written in, for whoever edits them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from server.policies.phrases import WORDS
from server.policies.vocabulary import ACTIONS, CONDITIONS, DUTIES, ROLE_PHRASES, SCOPES
from server.queries.kinds import kind
from server.resolvers.inquiry import Inquirer, Inquiry

_WORD: Final = kind(
    "PolicyWord",
    "A word that a rule may use.",
    ("word", "String!", "As rules write it."),
    ("phrase", "String!", "As sentences say it."),
)
_LISTS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "roles": ("Roles, and groups of roles.", ROLE_PHRASES),
    "elements": ("Data elements, and groups of them.", WORDS),
    "actions": ("What may be done.", ACTIONS),
    "scopes": ("Whose rows.", SCOPES),
    "conditions": ("What must hold besides.", CONDITIONS),
    "duties": ("What follows from a use.", {word: said.format(use="use") for word, said in DUTIES.items()}),
}
_WORDS: Final = kind(
    "PolicyWords",
    "The words of rule books. A rule with any other word is refused.",
    *((name, "[PolicyWord!]!", said) for name, (said, _) in _LISTS.items()),
)


async def _words(_: dict[str, Any], __: Inquirer) -> dict[str, Any]:
    return {
        name: [{"word": word, "phrase": phrase} for word, phrase in words.items()]
        for name, (_, words) in _LISTS.items()
    }


POLICY_WORDS: Final = Inquiry(
    "policyWords",
    "PolicyWords!",
    "The words that rules are written in.",
    (),
    frozenset({("policy", "read")}),
    _words,
    (_WORD, _WORDS),
)
