"""The same school's work in databases of one, fifty and two hundred schools: what grows with the number of schools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop
from rich.table import Table

from tests.bench.analysis import Analysed, analysed
from tests.bench.dataset import GROWING, Say, dataset
from tests.bench.regrading import Regrading, regrading


@dataclass(frozen=True, slots=True)
class Grown:
    """`marks` are the database's, `school` the number of learners of the one that is asked about."""

    schools: int
    marks: int
    learners: int
    analyses: list[Analysed]
    regrading: Regrading

    def data(self) -> dict[str, object]:
        of = {"schools": self.schools, "marks": self.marks, "learners": self.learners}
        return {**of, "analyses": [one.data() for one in self.analyses], "regrade": self.regrading.data()}


def grown(folder: Path, say: Say) -> list[Grown]:
    """Fewest schools first; one database at a time."""
    found: list[Grown] = []
    for size in GROWING:
        with dataset(size, folder, say) as data:
            say(f"Analysing among {size.schools} schools")
            analyses = uvloop.run(analysed(data))
            regraded = uvloop.run(regrading(data))
            found.append(Grown(len(data.schools), data.marks, data.school.learners, analyses, regraded))
    return found


def table_of_growth(results: Sequence[Grown]) -> Table:
    """Medians; the ratio is of the fastest, which a busy machine moves least."""
    made = Table(title=f"Analyses of a school of {results[0].learners:,} learners, ms")
    for heading in ("analysis", "account"):
        made.add_column(heading)
    for one in results:
        made.add_column(f"{one.schools} schools\n{one.marks / 1e6:.1f} million marks", justify="right")
    made.add_column(f"{results[-1].schools} over {results[0].schools}", justify="right")
    for few, *more in zip(*(one.analyses for one in results), strict=True):
        every = (few, *more)
        assert len({(one.name, one.account) for one in every}) == 1, "the same is asked of each"
        ratio = every[-1].fastest / few.fastest
        made.add_row(few.name, few.account, *(f"{one.usual:.1f}" for one in every), f"{ratio:.2f}")
    return made


def said_of_regrading(results: Sequence[Grown]) -> str:
    few, many = results[0], results[-1]
    each = "; ".join(
        f"{one.regrading.grades:,} grades of {one.regrading.courses} courses among {one.schools} schools in "
        f"{one.regrading.seconds:.1f} s, {one.regrading.rate:,.0f}/s"
        for one in results
    )
    return f"Regrading one school: {each} ({many.schools} over {few.schools}: {few.regrading.rate / many.regrading.rate:.2f})"
