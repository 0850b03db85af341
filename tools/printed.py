"""Prints what leaves into committed files, so that each change of it is seen: `python -m tools.printed [--check]`."""

import difflib
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from server.register.data_map import data_map
from server.resolvers.schema import printed
from server.tables import metadata
from tools.files_page import files_page
from tools.metrics_page import metrics_page

ROOT = Path(__file__).parents[1]
_SHOWN = 40


def data_map_text() -> str:
    """docs/data-map.md: the register, and where the tables hold each of its elements."""
    tables = metadata.tables.values()
    return data_map({table.name: {column.name: column.info["element"] for column in table.columns} for table in tables})


PRINTED: dict[str, Callable[[], str]] = {
    "schema.graphql": printed,
    "docs/data-map.md": data_map_text,
    "docs/files.md": files_page,
    "docs/metrics.md": metrics_page,
}


def differences() -> list[str]:
    """Lines of a unified diff from the committed files to what the code prints now; none if they agree."""
    lines: list[str] = []
    for name, make in PRINTED.items():
        path = ROOT / name
        committed = path.read_text(encoding="utf-8") if path.exists() else ""
        pair = committed.splitlines(), make().splitlines()
        lines += difflib.unified_diff(*pair, f"{name} as committed", f"{name} as printed", lineterm="", n=1)
    return lines


def write() -> None:
    for name, make in PRINTED.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(), encoding="utf-8")
        sys.stdout.write(f"Printed {name}\n")


def main(arguments: list[str]) -> int:
    if arguments != ["--check"]:
        write()
        return 0
    found = differences()
    if found:
        sys.stderr.write("\n".join(islice(found, _SHOWN)) + "\nRun `make schema` and commit what it prints.\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
