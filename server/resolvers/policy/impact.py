"""A book's impact as a value."""

from __future__ import annotations

from typing import Any

from server.commands.policy.judging import Compared
from server.policies.impact import Change
from server.policies.wording_changes import told


def impact_value(compared: Compared) -> dict[str, Any]:
    return {
        "sentences": [one.sentence for one in compared.told],
        "changes": lambda: _changes(compared),
        "widens": compared.widens,
        "widensSpecial": compared.widens_special,
    }


async def _changes(compared: Compared) -> list[dict[str, Any]]:
    return [_change(one) for one in compared.changes]


def _change(one: Change) -> dict[str, Any]:
    return {
        "sentence": " ".join(said.sentence for said in told((one,))),
        "capacity": one.capacity.value,
        "roles": list(dict.fromkeys(role for several in one.holders for role in several)),
        "element": one.element,
        "action": one.action,
        "conditions": list(one.conditions),
        "gained": list(one.gained),
        "lost": list(one.lost),
        "dutiesGained": list(one.duties_gained),
        "dutiesLost": list(one.duties_lost),
        "special": one.special,
    }
