"""A sentence read back into its rule: the inverse of `sentence`, for every rule of the vocabulary."""

import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import NoReturn, TypeVar

from server.policies.phrases import WORDS, phrase
from server.policies.rule import Finding, Rule, RuleBookInvalid
from server.policies.sentence import USES
from server.policies.vocabulary import ACTIONS, CONDITIONS, DUTIES, ROLE_PHRASES, SCOPES
from server.policies.words import place

# The longest rule of the vocabulary, with every condition and duty, takes some 1,700.
LONGEST_SENTENCE = 2_000
Value = TypeVar("Value")
# What was said, in small letters -> the word it stands for, and how it is written.
Known = Mapping[str, tuple[Value, str]]
_SHOWN = 60
# Control characters, direction marks and other invisible ones, private use, surrogates, line and paragraph marks.
_UNSPEAKABLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_VERB = re.compile(r" may (not )?", re.IGNORECASE)
_IF = re.compile(r", if(?: |$)", re.IGNORECASE)
_AND = re.compile(r" and ", re.IGNORECASE)
_STOPS = re.compile(r" *([,;]) *")


class SentenceNotRead(RuleBookInvalid):
    """`findings` holds one entry: its code says which part was not understood, its sentence what is nearest to it."""

    opening = "not understood"


def parsed(text: str, rule_id: str = "") -> Rule:
    """The rule that `text` says; capitals, blanks and the final stop are as the writer likes.

    Raises SentenceNotRead.
    """
    _refuse_unspeakable(text, rule_id)
    plain = _plain(text)
    verb = _VERB.search(plain)
    if verb is None:
        _refuse(
            rule_id,
            "no_verb",
            'say who "may" or "may not" do what, as in: Tutors may read the photograph of learners in their pastoral care',
        )
    effect = "deny" if verb[1] else "allow"
    role = _one("role", plain[: verb.start()], _roles(), rule_id)
    said, semicolon, duties = plain[verb.end() :].partition(";")
    action, said = _action(said, rule_id)
    named, *conditions = _IF.split(said, maxsplit=1)
    element, scope = _one("object", named, _objects(), rule_id)
    return Rule(
        rule_id,
        role,
        element,
        action,
        scope,
        _several("condition", conditions[0], _conditions(), rule_id) if conditions else (),
        _several("duty", duties, _duties(action), rule_id) if semicolon else (),
        effect,
    )


def _refuse_unspeakable(text: str, rule_id: str) -> None:
    if len(text) > LONGEST_SENTENCE:
        _refuse(
            rule_id, "too_long", f"a sentence holds at most {LONGEST_SENTENCE} characters: this one has {len(text)}"
        )
    if text.isprintable():
        return
    for position, letter in enumerate(text, start=1):
        if unicodedata.category(letter) in _UNSPEAKABLE:
            where = f"the character at place {position} (U+{ord(letter):04X}) can't be seen or is a line break"
            _refuse(rule_id, "unspeakable", f"{where}: write the sentence on one line in plain letters")


def _plain(text: str) -> str:
    """One blank between words, none before a comma, straight apostrophes, no final stop; the capitals stay."""
    words = " ".join(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())
    return _STOPS.sub(r"\1 ", words).rstrip(" .")


def _key(said: str) -> str:
    return said.strip().casefold()


def _action(said: str, rule_id: str) -> tuple[str, str]:
    """The action, and what follows it."""
    lowered = f"{said.casefold()} "
    for verb, (action, _) in _actions().items():
        if lowered.startswith(f"{verb} "):
            return action, said[len(verb) + 1 :]
    _unknown("action", said.split(" ", 1)[0], _actions(), rule_id)


def _one(kind: str, said: str, known: Known[Value], rule_id: str) -> Value:
    found = known.get(_key(said))
    if found is None:
        _unknown(kind, said, known, rule_id)
    return found[0]


def _several(kind: str, said: str, known: Known[str], rule_id: str) -> tuple[str, ...]:
    """Words joined by "and", where a word may itself hold an "and": the longest that is known is taken first."""
    pieces = _AND.split(said)
    words: list[str] = []
    start = 0
    while start < len(pieces):
        for end in range(len(pieces), start, -1):
            found = known.get(_key(" and ".join(pieces[start:end])))
            if found is not None:
                words.append(found[0])
                start = end
                break
        else:
            _unknown(kind, pieces[start], known, rule_id)
    return tuple(words)


def _unknown(kind: str, said: str, known: Mapping[str, tuple[object, str]], rule_id: str) -> NoReturn:
    said = said.strip()
    shown = said if len(said) <= _SHOWN else f"{said[:_SHOWN]}..."
    nearest = get_close_matches(_key(said[:200]), known, n=3, cutoff=0.5)
    meant = " or ".join(f'"{known[key][1]}"' for key in nearest)
    remedy = f"did you mean {meant}?" if meant else _FORMS[kind]
    _refuse(rule_id, f"unknown_{kind}", f'{_NAMES[kind]} "{shown}" is not known: {remedy}')


def _refuse(rule_id: str, code: str, sentence: str) -> NoReturn:
    raise SentenceNotRead([Finding(place(rule_id) if rule_id else "sentence", code, sentence)])


_NAMES = {
    "role": "the role",
    "action": "the action",
    "object": "what is seen and of whom,",
    "condition": "the condition",
    "duty": "the duty",
}
_FORMS = {
    "role": 'begin with a role, such as "Tutors may ..."',
    "action": f"write {', '.join(ACTIONS.values())}",
    "object": 'write what and of whom, such as "the marks of learners they teach"',
    "condition": 'write a condition, such as "they give a reason"',
    "duty": 'write a duty, such as "every read is logged"',
}


def _keyed(phrases: Mapping[str, str]) -> Known[str]:
    return {_key(_plain(spoken)): (word, spoken) for word, spoken in phrases.items()}


@cache
def _roles() -> Known[str]:
    return _keyed(ROLE_PHRASES)


@cache
def _actions() -> Known[str]:
    return _keyed(ACTIONS)


@cache
def _objects() -> Known[tuple[str, str]]:
    pairs = ((element, scope) for element in WORDS for scope in SCOPES)
    return {_key(_plain(phrase(*pair))): (pair, phrase(*pair)) for pair in pairs}


@cache
def _conditions() -> Known[str]:
    return _keyed(CONDITIONS)


@cache
def _duties(action: str) -> Known[str]:
    return _keyed({word: spoken.format(use=USES[action]) for word, spoken in DUTIES.items()})
