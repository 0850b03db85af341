"""Values that arguments take: of a world, of another school, and of nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.oracle.answering import TABLES
from tests.oracle.rows import Rows
from tests.oracle.values import IDS, global_id
from tests.properties.reads.choosing import Choosing
from tests.worlds import World

NOBODY = "0190" + "0" * 24 + "dead"
CODES = {
    "yearGroup": ("10", "11", "9", "R"),
    "gender": ("F", "M"),
    "senProvision": ("N", "K", "E"),
    "pupilPremium": ("D", "F", "X"),
    "ethnicity": ("WBRI", "REFU"),
    "lookedAfter": ("Y", "N"),
    "freeSchoolMeals": ("Y", "N"),
    "subject": ("Mathematics", "English"),
    "state": ("SCORED", "ABSENT", "PENDING"),
}
LETTERS = {"Learner": ("a", "sa", "Same", "é", "o'h", "-", ""), "Staff": ("ch", "z", "Å"), "Class": ("10", "mA", "/e")}
DECIMALS = ("0", "0.5", "33.3", "90", "61.50", "80", "-1")


@dataclass(frozen=True)
class Names:
    """What a document about `world` can name."""

    world: World
    rows: Rows
    other: Rows

    def id_of(self, choosing: Choosing, type_name: str) -> str:
        """Mostly a row's of this school; else another school's, or nobody's."""
        known = self._ids(self.rows, type_name)
        if known and not choosing.once_in(8):
            return choosing.one(known)
        if choosing.once_in(2):
            return choosing.one(self._ids(self.other, type_name) or known)
        prefix, _, yearly = IDS[type_name]
        return f"{prefix}_{self.world.year}_{NOBODY}" if yearly else f"{prefix}_{NOBODY}"

    def any_id(self, choosing: Choosing) -> str:
        return self.id_of(choosing, choosing.one(list(IDS)))

    def number_of(self, choosing: Choosing, column: str) -> str:
        """A UPN or an MIS id; now and then another school's."""
        rows = self.other if choosing.once_in(8) else self.rows
        return choosing.one([row[column] for row in rows.all("learner") if row[column] is not None])

    def day(self, choosing: Choosing) -> str:
        days = (0, 0, -1, 1, -12, -61, -62, -90, -100, -300, 30, 60)
        return self.world.days(choosing.one(days)).isoformat()

    def operand(self, choosing: Choosing, type_name: str, field: str, operation: str, kind: str) -> Any:
        """The operand of one operation of a filter field, by the kind of its filter."""
        match kind:
            case "CodeFilter":
                codes = CODES[field]
                return choosing.some(codes, 0, 2) if operation == "in" else choosing.one(codes)
            case "TextFilter" | "LabelFilter":
                return choosing.one(LETTERS[type_name])
            case "IntFilter":
                years = (self.world.year, self.world.year - 1)
                return choosing.some(years, 0, 2) if operation == "in" else choosing.one(years)
            case "DateFilter":
                return choosing.one(("2011-12-31", "2012-02-29", self.world.days(0).isoformat()))
            case "DateTimeFilter":
                return choosing.one(
                    ("2020-01-01T00:00:00Z", self.world.morning.isoformat(), "2099-01-01T00:00:00+02:00")
                )
            case "InClassFilter":
                return self.id_of(choosing, "Class")
            case _:
                return choosing.one(DECIMALS)

    @staticmethod
    def _ids(rows: Rows, type_name: str) -> list[str]:
        return [global_id(type_name, row) for row in rows.all(TABLES[type_name])[:12]]
