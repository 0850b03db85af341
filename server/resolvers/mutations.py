"""Mutations: verb after noun, one input, a payload with what changed."""

from __future__ import annotations

from typing import Any


def build_mutation() -> Any:
    return None
