"""A specification and boundaries as they are stored: canonical JSON, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from server.grading.boundaries import BoundarySet
from server.grading.contents import boundaries_from_content, specification_from_content
from server.grading.specification import Specification


@dataclass(frozen=True, slots=True)
class Contents:
    """Canonical JSON of server.grading.contents."""

    specification: str
    boundaries: str


@lru_cache(maxsize=512)
def read_specification(content: str) -> Specification:
    return specification_from_content(content)


@lru_cache(maxsize=512)
def read_boundaries(content: str) -> BoundarySet:
    return boundaries_from_content(content)
