"""A plan as a condition of a statement: which rows a writer may change."""

from server.queries.passing import passes

__all__ = ["passes"]
