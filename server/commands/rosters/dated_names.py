"""Names as dated: a changed one begins today, and the former one ends today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

NAMES: Final = ("given_name", "family_name", "preferred_name")


@dataclass(slots=True)
class NameChanges:
    """Rows of learner_name: new ones, those of today that are put right, and those that end."""

    begins: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    again: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    ends: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def first(self, learner_id: UUID, name: Mapping[str, Any], begins: date) -> None:
        self.begins.append({"learner_id": learner_id, **_of(name), "valid_from": begins, "valid_to": None})

    def another(self, learner_id: UUID, name: Mapping[str, Any], since: date | None, today: date) -> None:
        """`since`: when the name that counts until now began."""
        if since is not None and since >= today:
            self.again.append({"learner_id": learner_id, **_of(name), "valid_from": since})
            return
        if since is not None:
            self.ends.append({"learner_id": learner_id, "valid_from": since, "valid_to": today})
        self.first(learner_id, name, today)


def _of(name: Mapping[str, Any]) -> dict[str, Any]:
    return {column: name.get(column) for column in NAMES}
