"""The columns of the marks and mark parts files. A CSV file has no sheets: faults name its rows alone."""

from __future__ import annotations

from typing import Final

from server.commands.rosters.columns import Sheet, day, one_of, text, upn, whole, year
from server.grading.marks import MarkState

_KEY: Final = (
    upn(),
    year(),
    text("Course", required=True, longest=120),
    text("Window", required=True, longest=80),
    text("Component", required=True, longest=40),
)
# Scores are read by the rules of marks, so the column takes any short text.
MARKS: Final = Sheet(
    "Marks",
    (*_KEY, one_of("State", *MarkState, required=True), text("Score", longest=20), day("Date", required=True)),
    unique=("upn", "academic_year", "course", "window", "component"),
)
PARTS: Final = Sheet(
    "Parts",
    (
        *_KEY,
        text("Question", required=True, longest=40),
        whole("Position", 1, 200, required=True),
        text("Topic", required=True, longest=80),
        text("Score", longest=20),
        text("Maximum", required=True, longest=20),
    ),
    unique=("upn", "academic_year", "course", "window", "component", "question"),
)
