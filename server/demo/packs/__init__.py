"""Boundary packs shipped with Usher: real published figures, each with the source it was read from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def pack_folder(name: str = "published") -> Path:
    """The folder of a shipped pack, in the format that SOURCES.md describes."""
    return Path(str(files(__name__).joinpath(name)))
