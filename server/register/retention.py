"""How long data is kept: category, clock, period. The defaults are the agreement's and the privacy notices' own.

Periods are a school's setting. Where several rows apply the shortest wins; a legal hold stops all of them.
"""

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType


class Clock(StrEnum):
    """The event from which a period runs."""

    LICENCE_ENDED = "the licence ended and its accounts are inactive"
    LEARNER_LEFT = "the learner left the school"
    LEARNER_BORN = "the learner's date of birth"
    LINK_ENDED = "the guardian's last link ended"
    STAFF_LEFT = "the member of staff left the school"
    CONTRACT_ENDED = "the contract ended or was cancelled"
    TAX_YEAR_ENDED = "the tax year ended"
    LAST_CONTACT = "the person was last in touch"
    LAST_USED = "the account was last used"
    RECORDED = "the entry was recorded"
    RECEIVED = "the data was received"
    BACKUP_TAKEN = "the backup was taken"
    NEVER = "no clock: it holds no personal data"


@dataclass(frozen=True, slots=True)
class Period:
    years: int = 0
    months: int = 0
    days: int = 0

    def after(self, start: date) -> date:
        """The day on which the period ends; the last of the month where the month is too short."""
        months = start.year * 12 + start.month - 1 + self.years * 12 + self.months
        year, month = months // 12, months % 12 + 1
        day = min(start.day, calendar.monthrange(year, month)[1])
        return date(year, month, day) + timedelta(days=self.days)

    def __str__(self) -> str:
        parts = ((self.years, "year"), (self.months, "month"), (self.days, "day"))
        return " ".join(f"{count} {unit}{'s' if count > 1 else ''}" for count, unit in parts if count)


class Controller(StrEnum):
    """Who decides about the data of a row."""

    SCHOOL = "school"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """`period` None means that the school sets it and until then this row deletes nothing.

    `overall` rows apply to all personal data of which the school is controller, besides an element's own row.
    """

    id: str
    category: str
    clock: Clock
    period: Period | None
    source: str
    controller: Controller = Controller.SCHOOL
    overall: bool = False


def _vendor(id: str, category: str, clock: Clock, period: Period, source: str) -> RetentionRule:
    return RetentionRule(id, category, clock, period, source, Controller.VENDOR)


def _overall(id: str, category: str, clock: Clock, period: Period | None, source: str) -> RetentionRule:
    return RetentionRule(id, category, clock, period, source, overall=True)


_GUIDANCE = "schools' record-keeping guidance, quoted at second hand"

_ROWS: tuple[RetentionRule, ...] = (
    _overall("licence_end", "All data of a former client", Clock.LICENCE_ENDED, Period(months=3), "R125"),
    _overall("leaver", "A learner who has left", Clock.LEARNER_LEFT, None, "R129"),
    _overall("client_database", "A former client's database", Clock.CONTRACT_ENDED, Period(months=6), "R128"),
    RetentionRule("learner_record", "Learner's record", Clock.LEARNER_BORN, Period(years=25), _GUIDANCE),
    RetentionRule("sen_record", "Special educational needs", Clock.LEARNER_BORN, Period(years=31), _GUIDANCE),
    RetentionRule("safeguarding_record", "Safeguarding", Clock.LEARNER_BORN, Period(years=25), "general knowledge"),
    RetentionRule("guardian_record", "Guardian's record", Clock.LINK_ENDED, Period(years=7), "R128, the default"),
    RetentionRule("staff_record", "Staff record", Clock.STAFF_LEFT, Period(years=7), "R128, the default"),
    RetentionRule("audit_record", "Audit log and rule books", Clock.RECORDED, Period(years=7), "R128, the default"),
    RetentionRule("school_configuration", "A client's configuration", Clock.CONTRACT_ENDED, Period(months=3), "R128"),
    _vendor("ip_and_user_id", "IP address and user id", Clock.RECORDED, Period(days=365), "R38, R128"),
    _vendor("account", "Account", Clock.LAST_USED, Period(years=7), "R128, contract data"),
    _vendor("contract", "Contract data", Clock.CONTRACT_ENDED, Period(years=7), "R128"),
    _vendor("tax", "Tax records", Clock.TAX_YEAR_ENDED, Period(years=8), "R43, R128"),
    _vendor("marketing", "Marketing and development", Clock.LAST_CONTACT, Period(years=3), "R128"),
    _vendor("rolling_backup", "Sealed rolling backup", Clock.BACKUP_TAKEN, Period(months=24), "R126"),
    _vendor("physical_backup", "Point-in-time recovery", Clock.BACKUP_TAKEN, Period(days=30), "Usher's choice"),
    _vendor("anything_else", "Anything not named here", Clock.RECEIVED, Period(years=7), "R128"),
    RetentionRule("reference_data", "Reference data", Clock.NEVER, None, "no personal data", Controller.VENDOR),
)

RETENTION: MappingProxyType[str, RetentionRule] = MappingProxyType({row.id: row for row in _ROWS})


def rules_for(retention: str) -> tuple[RetentionRule, ...]:
    """The rows of an element whose `retention` this is: its own and, for a school's data, the overall ones."""
    own = RETENTION[retention]
    if own.controller is Controller.VENDOR:
        return (own,)
    return (own, *(row for row in _ROWS if row.overall and row is not own))


def due(rules: Iterable[RetentionRule], starts: Mapping[Clock, date]) -> date | None:
    """The day on which data must go: the earliest over the rows whose clock runs and whose period is set.

    `starts` has the clocks that have begun. None: nothing is due. A legal hold is the caller's to check.
    """
    ends = [rule.period.after(starts[rule.clock]) for rule in rules if rule.period and rule.clock in starts]
    return min(ends, default=None)


def tax_year_end(day: date) -> date:
    """The 5 April that ends the United Kingdom's tax year of a day."""
    year = day.year if (day.month, day.day) <= (4, 5) else day.year + 1
    return date(year, 4, 5)
