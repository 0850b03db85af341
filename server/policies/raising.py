"""Raised sensitivity: elements that a school treats as special category though the register does not.

A raise only ever takes away: staff need the named certificate, and reads and exports are logged. Whatever the register
says of an element stays in force beside it.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from server.policies.profile import Profile
from server.policies.rule import Finding, Pair
from server.policies.vocabulary import COURSE_TITLES, COURSES, Capacity
from server.policies.words import shown
from server.register.elements import ELEMENTS, GROUPS

PLACE = "raise"
_GUARDED_USES = frozenset({"read", "count", "export"})
_DUTIES = MappingProxyType({"read": frozenset({"log"}), "export": frozenset({"log"})})
_NO_DUTY: frozenset[str] = frozenset()


class Raising:
    """What a book's raised elements ask of a profile, beside both gates."""

    def __init__(self, raised: Iterable[Pair]) -> None:
        self._courses: Mapping[str, str] = dict(raised)

    def shuts(self, profile: Profile, element: str, action: str) -> bool:
        """True where the profile lacks the certificate; other capacities than staff hold none, the ceiling decides."""
        course = self._courses.get(element)
        if course is None or action not in _GUARDED_USES or profile.capacity != Capacity.STAFF:
            return False
        return f"trained:{course}" not in profile.facts

    def duties(self, element: str, action: str) -> frozenset[str]:
        return _DUTIES.get(action, _NO_DUTY) if element in self._courses else _NO_DUTY

    def course(self, element: str) -> str | None:
        """The course that the school's own raise names; None for an element that it did not raise."""
        return self._courses.get(element)


def raised_findings(raised: Iterable[Pair]) -> list[Finding]:
    """Words that no raise can be made of, and an element raised twice. A book with one decides nothing."""
    findings: list[Finding] = []
    seen: set[str] = set()
    for element, course in raised:
        findings += _words(element, course)
        if element in seen:
            findings.append(Finding(PLACE, "doubled_raise", f"{shown(element)} is raised twice: keep one"))
        seen.add(element)
    return findings


def raised_sentence(element: str, course: str) -> str:
    """What the raise does, in words. KeyError for an element outside the register."""
    return (
        f"{ELEMENTS[element].title}: treated as special category data. Staff read, count and export this only while"
        f" their {_title(course)} training is in date; every read and export is logged."
    )


def lowered_sentence(element: str, course: str) -> str:
    """What undoing the raise does, in words."""
    lowered = f"{ELEMENTS[element].title}: no longer treated as special category data"
    return f"{lowered}. The rules open this without {_title(course)} training."


def _title(course: str) -> str:
    return COURSE_TITLES.get(course, course)


def _words(element: str, course: str) -> Iterator[Finding]:
    if element in GROUPS:
        yield Finding(PLACE, "raised_group", f"{element} is a group: raise each of its elements by itself")
    elif element not in ELEMENTS:
        yield Finding(PLACE, "unknown_element", f"element {shown(element)} is not in the vocabulary")
    if course not in COURSES:
        choice = ", ".join(sorted(COURSES))
        yield Finding(PLACE, "unknown_course", f"course {shown(course)} is not in the vocabulary: use {choice}")
