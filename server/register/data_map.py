"""The data map: what personal data there is, why, under which training, how long it stays and where it is stored."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from server.register.code_sets import CODE_SETS, CODES
from server.register.element import Element
from server.register.elements import ELEMENTS, GROUPS
from server.register.existence import EXISTENCE, Existence
from server.register.purposes import ACTIVITIES, Activity
from server.register.retention import RETENTION, RetentionRule

# Columns that hold no fact about a person: what joins rows, and how and when a row came to be.
KEY, RECORD = "key", "record"

Columns = Mapping[str, Mapping[str, str]]


def data_map(columns: Columns) -> str:
    """Markdown of docs/data-map.md from table -> column -> element.

    A column may also name a group, where another column of the row tells which of its elements it holds, or `key` or
    `record`. Raises ValueError that names the table and column of any other word.
    """
    stored = _stored(columns)
    return "\n\n".join(
        (
            "# Data map",
            "Printed from the register and the tables; a test compares it with them. Do not edit it by hand.",
            *_section("Elements", _elements()),
            *_section("Handling", _handling()),
            *_section("Groups", _table(("Group", "Elements"), ((name, ", ".join(GROUPS[name])) for name in GROUPS))),
            *_section("Which rows exist", _table(("Noun", "Exists where the caller may read", "Path"), _existence())),
            *_section("Where each element is stored", _table(("Element", "Columns"), _places(stored))),
            *_section("Retention", _retention()),
            *_section("Processing activities", _activities()),
            *_section("Code sets", _table(("Code set", "Element", "Codes"), _code_sets())),
        )
    ) + "\n"  # fmt: skip


def _stored(columns: Columns) -> dict[str, list[str]]:
    places: dict[str, list[str]] = {name: [] for name in ELEMENTS}
    for table in sorted(columns):
        for column, word in columns[table].items():
            for name in _named(table, column, word):
                places[name].append(f"`{table}.{column}`")
    return places


def _named(table: str, column: str, word: str) -> Sequence[str]:
    if word in (KEY, RECORD):
        return ()
    if word in ELEMENTS:
        return (word,)
    if word in GROUPS:
        return GROUPS[word]
    raise ValueError(f"{table}.{column} names {word!r}, which the register lacks: declare it or name another element")


def _section(title: str, body: str) -> tuple[str, str]:
    return f"## {title}", body


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|") or "–"


def _elements() -> str:
    heads = ("Element", "Title", "Purpose", "Lawful basis", "Article 9", "Sensitivity", "Training", "Kept", "Asked by")
    return _table(heads, (_element(row) for row in ELEMENTS.values()))


def _element(row: Element) -> Sequence[str]:
    sensitivity = row.sensitivity.name.lower().replace("_", " ")
    basis, retention, sources = row.lawful_basis.value, row.retention, ", ".join(row.sources)
    return (
        f"`{row.name}`", row.title, row.purpose, basis, row.article9 or "", sensitivity, row.training or "",
        retention, sources,
    )  # fmt: skip


def _handling() -> str:
    return _table(
        ("Element", "What it is", "Handling note"),
        ((f"`{row.name}`", row.description, row.handling) for row in ELEMENTS.values()),
    )


def _existence() -> Iterator[Sequence[str]]:
    for row in EXISTENCE.values():
        yield row.noun, _condition(row), row.path


def _condition(row: Existence) -> str:
    element = f"`{row.element}`" if row.element else "per line"
    return f"{element}, and the {row.owner} exists" if row.owner else element


def _places(stored: Mapping[str, Sequence[str]]) -> Iterator[Sequence[str]]:
    for name, places in stored.items():
        yield f"`{name}`", ", ".join(places)


def _retention() -> str:
    return _table(
        ("Row", "Category", "Controller", "Clock", "Period", "Source"), (_kept(row) for row in RETENTION.values())
    )


def _kept(row: RetentionRule) -> Sequence[str]:
    period = str(row.period) if row.period else "set by the school" if row.overall else ""
    overall = "; applies to all of a school's data" if row.overall else ""
    return row.id, row.category + overall, row.controller.value, row.clock.value, period, row.source


def _activities() -> str:
    heads = ("Activity", "Role", "Basis", "Elements", "Recipients", "Kept", "Policy document needed")
    return _table(heads, (_activity(row) for row in ACTIVITIES.values()))


def _activity(row: Activity) -> Sequence[str]:
    bases, document = ", ".join(row.bases), "yes" if row.needs_policy_document else "no"
    return (
        row.title, row.role.value, bases, ", ".join(row.words), ", ".join(row.recipients), ", ".join(row.retention),
        document,
    )  # fmt: skip


def _code_sets() -> Iterator[Sequence[str]]:
    for row in CODE_SETS.values():
        codes = (code for code in CODES if code.set == row.name)
        yield row.title, f"`{row.element}`", ", ".join(f"{code.code} {code.label}" for code in codes)
