"""Rows in words: elements and relations of any number in one phrase, as `phrases` has it for one scope of a rule."""

from collections.abc import Iterable, Sequence
from types import MappingProxyType

from server.policies.phrases import WORDS, phrase
from server.policies.vocabulary import ALLOW_SCOPES, DENY_ONLY_SCOPES, JOINED, ROW_FACTS, SCOPES, atoms
from server.register.elements import ELEMENTS, GROUPS

_WHO: MappingProxyType[str, str] = MappingProxyType(
    {
        "own": "who are themselves",
        "child": "who are children they are linked to",
        "taught": "whom they teach",
        "taught_course": "whom they teach the course",
        "taught_before": "whom they taught before",
        "taught_next": "whom they will teach next",
        "pastoral": "who are in their pastoral care",
        "department": "who are of their department",
        "department_course": "who are in the courses of their department",
        "caseload": "who are on their caseload",
        "assigned": "who are assigned to them",
        "protected": "who are protected",
        "self_family": "who are of their own family",
        "left": "who have left",
        "restricted": "whose data is restricted",
        "opted_out": "who have opted out",
    }
)
_OF, _OWN = "of", "own"
# Groups that say more shortly what a list of elements says; the app's lists are no everyday words.
_SPOKEN = sorted(
    (word for word in GROUPS if not word.startswith("parent_app")), key=lambda word: (-len(GROUPS[word]), word)
)


def listed(words: Sequence[str], last: str = "and") -> str:
    """One, two and three."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def heads(elements: Iterable[str]) -> str:
    """Elements alone, such as "the marks, grades and all contact details"."""
    singles, groups = _shortest(elements)
    names = [WORDS[word] for word in singles]
    if names:
        names[0] = f"the {names[0]}"
    return listed([*names, *(f"all {WORDS[word]}" for word in groups)])


def objects(elements: Iterable[str], rows: Iterable[str]) -> str:
    """Elements on rows: "the marks and grades of learners they teach and of learners in their pastoral care".

    A row is relations joined by &, in any order; `school` is any row. KeyError for an unknown word.
    """
    singles, groups = _shortest(elements)
    by_rows: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    alone: list[str] = []
    ordered = sorted(rows, key=_place)
    for word in (*singles, *groups):
        said = [_row(word, row) for row in ordered]
        alone += [after for kind, after in said if not kind]
        for kind in (_OF, _OWN):
            shared = tuple(after for style, after in said if style == kind)
            if shared:
                by_rows.setdefault((kind, shared), []).append(word)
    spoken = [_together(kind, words, places) for (kind, places), words in by_rows.items()]
    return " and ".join([*spoken, *alone])


def rows_phrase(element: str, row: str) -> str:
    """One element on one row, such as "the photograph of learners they teach who are protected"."""
    return objects((element,), (row,))


def _together(kind: str, words: list[str], places: tuple[str, ...]) -> str:
    if kind == _OF:
        return f"{heads(words)} of {' and of '.join(places)}"
    names = listed([f"{'all ' if word in GROUPS else ''}{WORDS[word]}" for word in words])
    return " and ".join(f"their own {names}{place}" for place in places)


def _row(word: str, row: str) -> tuple[str, str]:
    """How the row is said, and what follows the element's name; the whole phrase where the element has its own."""
    held = frozenset(row.split("&")) - {"school"}
    scope = _main(held)
    said, rest = phrase(word, scope), sorted(held - atoms(scope), key=_place)
    starts = {
        _OF: f"{'all' if word in GROUPS else 'the'} {WORDS[word]} of ",
        _OWN: f"{'all of ' if word in GROUPS else ''}their own {WORDS[word]}",
    }
    kind = next((kind for kind, start in starts.items() if said.startswith(start)), "")
    text = said.removeprefix(starts[kind]) if kind else said
    who = [_WHO[one] for one in rest if one in _WHO]
    if who and kind == _OF:
        text = f"{'those' if scope == 'school' else text} {listed(who)}"
    elif who:
        text += f", as far as they are of those {listed(who)}"
    return kind, "".join((text, *(f", {ROW_FACTS[one]}" for one in rest if one in ROW_FACTS)))


def _main(held: frozenset[str]) -> str:
    """The scope token that says most of what holds; a permitting one before a denying one."""
    fitting = [scope for scope in SCOPES if scope != "school" and atoms(scope) <= held]
    return max(fitting, key=lambda scope: (len(atoms(scope)), scope not in DENY_ONLY_SCOPES), default="school")


def _place(row: str) -> tuple[int, str]:
    known = [*ALLOW_SCOPES, *DENY_ONLY_SCOPES, *JOINED]
    return (known.index(row) if row in known else len(known), row)


def _shortest(elements: Iterable[str]) -> tuple[list[str], list[str]]:
    """The elements in the register's order, and groups for those that make up whole ones. Groups may come in too."""
    left, groups = set(elements), list[str]()
    groups += [word for word in GROUPS if word in left]
    left.difference_update(groups)
    for word in _SPOKEN:
        if len(GROUPS[word]) > 1 and left.issuperset(GROUPS[word]):
            groups.append(word)
            left.difference_update(GROUPS[word])
    return [word for word in ELEMENTS if word in left], groups
