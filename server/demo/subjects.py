"""What the demo schools teach, and the published qualifications that their older year groups are graded by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Paper:
    """A component: its code in the specification, raw maximum and step."""

    code: str
    name: str
    maximum: str
    step: str = "1"


@dataclass(frozen=True, slots=True)
class Course:
    """`tier` H or F divides a year's sets by attainment; None takes them all. `block` is an option to choose from."""

    subject: str
    short: str
    department: str
    specification: str | None
    series: str | None
    papers: tuple[Paper, ...]
    tier: str | None = None
    block: str | None = None

    def title(self, year_group: int) -> str:
        tier = {"H": " (Higher)", "F": " (Foundation)", None: ""}[self.tier]
        return f"Year {year_group} {self.subject}{tier}"


def _papers(*papers: tuple[str, int]) -> tuple[Paper, ...]:
    return tuple(Paper(code, f"Paper {number}", str(top)) for number, (code, top) in enumerate(papers, start=1))


def _gcse(
    subject: str,
    short: str,
    department: str,
    specification: str,
    series: str,
    *papers: tuple[str, int],
    tier: str | None = None,
    block: str | None = None,
) -> Course:
    return Course(subject, short, department, specification, series, _papers(*papers), tier, block)


KEY_STAGE_4: Final = (
    _gcse(
        "Mathematics", "Ma", "Mathematics", "AQA:8300:H", "June 2025",
        ("8300/1H", 80), ("8300/2H", 80), ("8300/3H", 80), tier="H",
    ),
    _gcse(
        "Mathematics", "Ma", "Mathematics", "AQA:8300:F", "June 2025",
        ("8300/1F", 80), ("8300/2F", 80), ("8300/3F", 80), tier="F",
    ),
    _gcse("English Language", "En", "English", "AQA:8700:U", "June 2025", ("8700/1", 80), ("8700/2", 80)),
    _gcse("English Literature", "El", "English", "AQA:8702:U", "June 2025", ("8702/1", 64), ("8702/2", 96)),
    _gcse("Biology", "Bi", "Science", "AQA:8461:H", "June 2025", ("8461/1H", 100), ("8461/2H", 100), tier="H"),
    _gcse("Biology", "Bi", "Science", "AQA:8461:F", "June 2025", ("8461/1F", 100), ("8461/2F", 100), tier="F"),
    _gcse("Chemistry", "Ch", "Science", "AQA:8462:H", "June 2025", ("8462/1H", 100), ("8462/2H", 100), tier="H"),
    _gcse("Chemistry", "Ch", "Science", "AQA:8462:F", "June 2025", ("8462/1F", 100), ("8462/2F", 100), tier="F"),
    _gcse("History", "Hi", "Humanities", "AQA:8145:U", "June 2025", ("8145/1", 84), ("8145/2", 84), block="A"),
    _gcse("Computer Science", "Cs", "Computing", "AQA:8525:U", "June 2025", ("8525/1", 90), ("8525/2", 90), block="A"),
    _gcse("Business", "Bu", "Business", "OCR:J204:U", "June 2024", ("J204/01", 80), ("J204/02", 80), block="B"),
    _gcse(
        "Citizenship Studies", "Cz", "Humanities", "OCR:J270:U", "June 2024",
        ("J270/01", 50), ("J270/02", 100), ("J270/03", 50), block="B",
    ),
    _gcse(
        "Ancient History", "Ah", "Humanities", "OCR:J198:U", "June 2024",
        ("J198/01", 105), ("J198/02-08", 105), block="B",
    ),
)  # fmt: skip


def _own(subject: str, short: str, department: str, top: int = 40, step: str = "1") -> Course:
    """A course of the school's own: two tests a window, and no published boundaries to grade by."""
    papers = (Paper("Knowledge", "Knowledge test", str(top), step), Paper("Skills", "Skills task", "30", step))
    return Course(subject, short, department, None, None, papers)


KEY_STAGE_3: Final = (
    _own("Mathematics", "Ma", "Mathematics", 50),
    _own("English", "En", "English"),
    _own("Science", "Sc", "Science", 60),
    _own("History", "Hi", "Humanities"),
    _own("Geography", "Ge", "Humanities"),
    _own("French", "Fr", "Languages"),
    _own("Computing", "Co", "Computing"),
    # The one department that gives half marks.
    _own("Art", "Ar", "Creative", 20, "0.5"),
    _own("Music", "Mu", "Creative", 20, "0.5"),
)

SET_BY_ATTAINMENT: Final = frozenset({"Ma", "Bi", "Ch", "Sc"})

TOPICS: Final = ("Number", "Algebra", "Ratio", "Geometry", "Probability", "Statistics")


def courses_of(year_group: int) -> tuple[Course, ...]:
    return KEY_STAGE_4 if year_group >= 9 else KEY_STAGE_3
