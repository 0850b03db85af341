"""The files of a pack's folder, as bytes. What is too large is told by its size, before anything is read."""

from __future__ import annotations

import stat
from pathlib import Path

from server.grading.findings import Finding, error
from server.grading.pack_cases import CASES_FILE
from server.grading.pack_checks import LINEAR_FILE
from server.grading.pack_csv import SUBJECT_CSV

PACK_FILES = (
    LINEAR_FILE,
    SUBJECT_CSV,
    "linear_components.csv",
    "ums_units.json",
    "ums_units.csv",
    "ums_cashins.json",
    "ums_thresholds.csv",
    "points_thresholds.csv",
    "btec2016_unit_points.csv",
    "attainment8_estimates.csv",
    "dfe_ks4_points_2019.csv",
    "ucas_tariff.csv",
    "measure_subjects.csv",
    CASES_FILE,
)
CHECKED_FOLDERS = ("", "specifications", "series")
"""Where the TOML files that people check may lie."""

_MIB = 1024 * 1024
_LARGEST_FILE = 16 * _MIB
_LARGEST_FOLDER = 32 * _MIB
"""Every figure that the boards have published in a decade takes less; what is parsed takes ten times as much memory."""
_LARGEST_CHECKED_FILE = _MIB // 8
_MOST_CHECKED_FILES = 5000


def read_folder(folder: Path, findings: list[Finding]) -> dict[str, bytes]:
    """By name relative to the folder; every fault is added to `findings`."""
    sizes: dict[str, int] = {}
    for name in (*PACK_FILES, *_checked_files(folder, findings)):
        size = _size(folder / name, name, findings)
        if size is not None:
            sizes[name] = size
    if sum(sizes.values()) > _LARGEST_FOLDER:
        message = f"The files are larger than {_size_text(_LARGEST_FOLDER)} together."
        findings.append(error("FILE_TOO_LARGE", ".", "folder", message))
        return {}
    contents: dict[str, bytes] = {}
    for name, size in sizes.items():
        try:
            with (folder / name).open("rb") as file:
                contents[name] = file.read(size)
        except OSError:
            findings.append(_unreadable(name))
    if not contents and not findings:
        findings.append(error("NO_PACK", ".", "folder", "The folder is missing, or holds no file of a boundary pack."))
    return contents


def _size(path: Path, name: str, findings: list[Finding]) -> int | None:
    """In bytes; None for a file that isn't there, or is refused."""
    most = _LARGEST_CHECKED_FILE if name.endswith(".toml") else _LARGEST_FILE
    try:
        facts = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError):
        findings.append(_unreadable(name))
        return None
    if not stat.S_ISREG(facts.st_mode):
        findings.append(_unreadable(name))
        return None
    if facts.st_size > most:
        message = f"The file is larger than {_size_text(most)}."
        findings.append(error("FILE_TOO_LARGE", name, "file", message))
        return None
    return facts.st_size


def _size_text(size: int) -> str:
    return f"{size // _MIB} MiB" if size >= _MIB else f"{size // 1024} KiB"


def _unreadable(name: str) -> Finding:
    return error("UNREADABLE_FILE", name, "file", "The file can't be read.")


def _checked_files(folder: Path, findings: list[Finding]) -> list[str]:
    """Names of the TOML files."""
    found: list[str] = []
    for place in CHECKED_FOLDERS:
        try:
            names = sorted(path.name for path in (folder / place).glob("*.toml"))
        except (OSError, ValueError):
            continue
        found += [f"{place}/{name}" if place else name for name in names]
    if len(found) > _MOST_CHECKED_FILES:
        message = f"There are more than {_MOST_CHECKED_FILES} TOML files."
        findings.append(error("FILE_TOO_LARGE", ".", "folder", message))
        return []
    return found
