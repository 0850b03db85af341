"""docs/files.md: what the sheets of a roster and the files of marks hold, from the declarations that read them."""

from collections.abc import Iterator, Sequence

from server.commands.rosters.columns import Column, Kind, Sheet
from server.exchange.marks_layout import MARKS, PARTS
from server.exchange.roster_layout import roster_sheets
from server.register.code_sets import CODE_SETS

_BEGIN = """\
# Files

Printed from the declarations that read the files; a test compares it with them. Do not edit it by hand.

What `usher import roster`, `usher import marks` and `usher import mark-parts` read. `usher demo files DIR` writes whole examples of
each. Check a file first, which is what the commands do without `--commit`: every row that is wrong is named, with its column and
what to do.

The first row has the headings, in any order and in capitals or not; columns of other names are left alone. A column must be there,
though its cells may be empty where "needed" doesn't say yes; one that "may be left out" leaves what is stored as it is.

| what a cell holds | how it is written |
| --- | --- |
| text | at most so many characters; numbers such as 00123 only in cells formatted as text |
| a date | a cell of type date, 2026-09-01 or 01/09/2026 |
| a number | plain digits with a point; at most two decimals |
| a code, codes | of the set of that title in `docs/data-map.md`; several are divided by semicolons |
| one of, some of | these words; several are divided by semicolons |
| UPN | 13 characters with the right check letter |

A row of a sheet is known by the columns named under it: two rows that agree in all of them are refused."""
_ROSTER = """\
One workbook (XLSX) with these sheets, in any order; sheets of other names are left alone. The same file again changes nothing.
Dated rows that the file no longer has end on the day of the import, unless their sheet is missing or holds a refused row."""
_MARKS = "A CSV file in UTF-8, divided by commas or semicolons."


def files_page() -> str:
    parts = [_BEGIN, "## Roster", _ROSTER]
    for sheet in roster_sheets():
        parts += [f"### {sheet.name}", *_sheet(sheet, "" if sheet.required else "The sheet may be left out.")]
    for title, sheet in (("Marks", MARKS), ("Marks by question", PARTS)):
        parts += [f"## {title}", *_sheet(sheet, _MARKS)]
    return "\n\n".join(parts) + "\n"


def _sheet(sheet: Sheet, note: str) -> Iterator[str]:
    headings = {column.name: column.heading for column in sheet.columns}
    known = (
        f"A row is known by {_listed([headings[name] for name in sheet.unique])}."
        if sheet.unique
        else "It has one row."
    )
    yield f"{note} {known}".strip()
    lines = ["| column | what it holds | needed |", "| --- | --- | --- |"]
    yield "\n".join(
        [*lines, *(f"| {column.heading} | {_holds(column)} | {_needed(column)} |" for column in sheet.columns)]
    )


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _needed(column: Column) -> str:
    if column.required:
        return "yes"
    return "the column may be left out" if column.optional else ""


def _holds(column: Column) -> str:
    several = column.kind in (Kind.CODES, Kind.WORDS)
    if column.code_set is not None:
        return f"{'codes' if several else 'a code'} of “{CODE_SETS[column.code_set].title}”"
    if column.words:
        return f"{'some of' if several else 'one of'} {', '.join(f'`{word}`' for word in column.words)}"
    match column.kind:
        case Kind.WHOLE | Kind.DECIMAL:
            return f"{column.kind.value} from {column.low} to {column.high}"
        case Kind.DATE | Kind.UPN:
            return column.kind.value
        case Kind.WORDS:
            return f"texts of at most {column.longest} characters, divided by semicolons"
        case _:
            return f"text of at most {column.longest} characters"
