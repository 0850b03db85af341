"""Who may ask about access: those who read the audit; and for a table to take away, those who export it."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from typing import Final

from server.errors import Forbidden, RateLimited
from server.queries.access.exports import exports_since
from server.queries.reach.csv_text import csv_text
from server.resolvers.inquiry import Inquirer

AUDIT: Final = "audit"
GATE: Final = frozenset({(AUDIT, "read")})
MOST_EXPORTS: Final = 60
WINDOW: Final = timedelta(hours=1)
_TAKEN: Final = f"You took {MOST_EXPORTS} tables away within an hour: use those, or ask again later."
_REFUSED: Final = "{} is not for you: ask your school's data protection officer."


def may(inquirer: Inquirer, action: str) -> bool:
    asked = inquirer.asked
    return not asked.planner.plan(asked.profile, AUDIT, action).nothing


def require(inquirer: Inquirer, action: str, field: str) -> None:
    """Raises Forbidden naming the field."""
    if not may(inquirer, action):
        raise Forbidden(_REFUSED.format(field), (field,))


async def _count(inquirer: Inquirer) -> None:
    """By the audit, which all processes share. Raises RateLimited.

    Whoever asks twice at the same moment may get one too many: one that asks twice is let in once a process.
    """
    since = inquirer.now - WINDOW
    taken = await exports_since(inquirer.connection, inquirer.school_id, inquirer.person_id, since, MOST_EXPORTS)
    if len(taken) >= MOST_EXPORTS:
        raise RateLimited(_TAKEN, max(1, math.ceil((taken[-1] - since).total_seconds())))


def exported(
    inquirer: Inquirer,
    field: str,
    heading: Sequence[str],
    rows: Callable[[], Awaitable[Iterable[Sequence[object]]]],
) -> Callable[[], Awaitable[str]]:
    """A member that is a CSV table, for those who may export the audit. The audit row then tells of an export."""

    async def table() -> str:
        require(inquirer, "export", f"{field}.csv")
        await _count(inquirer)
        inquirer.exported = True
        inquirer.log(AUDIT)
        return csv_text(heading, await rows())

    return table
