"""Parts of an operation whose time somebody may want to see: marked where the work is done, told where traces are.

Without a tracer a mark costs a look at one variable.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Final, Literal, Protocol, TypeAlias

Name: TypeAlias = Literal["request", "document", "operation", "plan", "compile", "statement", "commit"]


class Noted(Protocol):
    """A span that is under way."""

    def note(self, name: str, value: str | int | bool) -> None:
        """An attribute; it stands in the list of server/web/tracing.py."""
        ...


class Tracer(Protocol):
    def span(self, name: Name) -> AbstractContextManager[Noted]: ...


class _Nothing:
    def __enter__(self) -> Noted:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def note(self, name: str, value: str | int | bool) -> None: ...


_NOTHING: Final = _Nothing()
_TRACER: Final[ContextVar[Tracer | None]] = ContextVar("usher_tracer", default=None)


def span(name: Name) -> AbstractContextManager[Noted]:
    """A span for the block, inside the one that is under way; nothing where nobody traces."""
    tracer = _TRACER.get()
    return _NOTHING if tracer is None else tracer.span(name)


@contextmanager
def traced_by(tracer: Tracer) -> Generator[None]:
    """Spans of the block are told to `tracer`, and those of tasks that it starts."""
    token = _TRACER.set(tracer)
    try:
        yield
    finally:
        _TRACER.reset(token)
