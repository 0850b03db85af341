"""What a drill found: figures, each beside what was asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Figure:
    """`asked` is empty where nothing is: a figure to read."""

    what: str
    found: str
    asked: str = ""
    holds: bool = True


@dataclass(slots=True)
class Report:
    """Of one drill."""

    name: str
    figures: list[Figure] = field(default_factory=list[Figure])
    skipped: str = ""
    """Why it could not be done here."""

    @property
    def holds(self) -> bool:
        """Nothing fell short; a drill that asked for nothing proves nothing, unless it was skipped and says so."""
        return bool(self.skipped) or (any(one.asked for one in self.figures) and self.short == [])

    @property
    def short(self) -> list[str]:
        """A sentence for each figure that fell short."""
        return [f"{one.what}: {one.found}, asked {one.asked}" for one in self.figures if not one.holds]

    def told(self, what: str, found: object) -> None:
        self.figures.append(Figure(what, str(found)))

    def asks(self, what: str, found: object, asked: str, *, holds: bool) -> None:
        self.figures.append(Figure(what, str(found), asked, holds))

    def none_of(self, what: str, found: list[str]) -> None:
        """Nothing of that kind was found; the first few are shown."""
        shown = "; ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
        self.asks(what, shown or "none", "none", holds=not found)

    def at_most(self, what: str, seconds: float, most: float) -> None:
        self.asks(what, f"{seconds:.2f} s", f"at most {most:g} s", holds=seconds <= most)


def show(report: Report, out: Console) -> None:
    how = f"skipped: {report.skipped}" if report.skipped else "as asked" if report.holds else "FALLS SHORT"
    table = Table(title=f"{report.name}: {how}", title_justify="left")
    for heading in ("figure", "found", "asked", ""):
        table.add_column(heading, overflow="fold")
    for one in report.figures:
        table.add_row(one.what, one.found, one.asked, "" if not one.asked else "ok" if one.holds else "SHORT")
    out.print(table, markup=False)
