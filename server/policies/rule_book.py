"""A rule book: rules and groups as rows, with one canonical text and its hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from server.policies.book_rows import read_content, read_csv
from server.policies.raising import raised_findings
from server.policies.rule import Pair, Rule, RuleBookInvalid
from server.policies.words import word_findings

__all__ = ["Rule", "RuleBook", "RuleBookInvalid"]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """`role_groups` are (role, group) pairs, `element_groups` (element, group) pairs.

    `raised` are (element, course) pairs: elements that the school treats as special category though the register does
    not, and the course whose certificate opens them. A book built by hand may hold any words, so that a draft can be
    looked at; `checked` refuses unknown ones.
    """

    rules: tuple[Rule, ...]
    role_groups: tuple[Pair, ...] = ()
    element_groups: tuple[Pair, ...] = ()
    raised: tuple[Pair, ...] = ()

    def content(self) -> str:
        """Canonical JSON: rules in their order, keys sorted, ASCII, no blanks; `raised` only where something is."""
        parts: dict[str, Any] = {
            "rules": [{name: getattr(rule, name) for name in Rule.__slots__} for rule in self.rules],
            "role_groups": self.role_groups,
            "element_groups": self.element_groups,
        }
        if self.raised:
            parts["raised"] = self.raised
        return json.dumps(parts, sort_keys=True, separators=(",", ":"))

    def digest(self) -> str:
        """sha256 of the content, hexadecimal."""
        return hashlib.sha256(self.content().encode()).hexdigest()

    def checked(self) -> RuleBook:
        """This book; RuleBookInvalid names every unknown word, doubled id, foreign group row and foreign raise."""
        findings = word_findings(self.rules, self.role_groups, self.element_groups) + raised_findings(self.raised)
        if findings:
            raise RuleBookInvalid(findings)
        return self

    @classmethod
    def from_content(cls, text: str) -> RuleBook:
        """The book of a stored version; RuleBookInvalid unless all of it is understood."""
        return cls(*read_content(text)).checked()

    @classmethod
    def from_csv(cls, text: str) -> RuleBook:
        """The book of a file in Casbin's CSV form, with `#` comments; RuleBookInvalid names line and remedy."""
        return cls(*read_csv(text)).checked()
