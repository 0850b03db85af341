"""Who may ask about access: those who read the audit; and for a table to take away, those who export it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

from server.errors import Forbidden
from server.queries.reach.csv_text import csv_text
from server.resolvers.inquiry import Inquirer

AUDIT: Final = "audit"
GATE: Final = frozenset({(AUDIT, "read")})
_REFUSED: Final = "{} is not for you: ask your school's data protection officer."


def may(inquirer: Inquirer, action: str) -> bool:
    asked = inquirer.asked
    return not asked.planner.plan(asked.profile, AUDIT, action).nothing


def require(inquirer: Inquirer, action: str, field: str) -> None:
    """Raises Forbidden naming the field."""
    if not may(inquirer, action):
        raise Forbidden(_REFUSED.format(field), (field,))


def exported(
    inquirer: Inquirer,
    field: str,
    heading: Sequence[str],
    rows: Callable[[], Awaitable[Iterable[Sequence[object]]]],
) -> Callable[[], Awaitable[str]]:
    """A member that is a CSV table, for those who may export the audit. The audit row then tells of an export."""

    async def table() -> str:
        require(inquirer, "export", f"{field}.csv")
        inquirer.exported = True
        inquirer.log(AUDIT)
        return csv_text(heading, await rows())

    return table
