"""Log lines of declared fields only: no line can carry a pupil's name, because no field for it exists.

Lines are JSON on standard error. Text of exceptions, of documents and of other libraries' arguments is never written:
a defect is logged as the type of the exception and the places it passed. `sentence` is for an UsherError's message, which
names no person by the rule of server/errors.py.
"""

import json
import logging
import secrets
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Final, TextIO

import structlog

from server.settings import LogLevel

DECLARED: Final = frozenset(
    {
        "event", "level", "timestamp", "logger",
        "reference", "route", "status", "code", "duration_ms",
        "error", "sentence", "sqlstate", "constraint", "frames",
        "check", "worker", "port", "version", "attempt", "job", "count",
    }
)  # fmt: skip
_FRAMES: Final = 16
# Codes that somebody gets who may not what they ask, or asks too much.
_NOTED: Final = frozenset({
    "UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN_ARGUMENT", "SECOND_FACTOR_REQUIRED", "DOCUMENT_NOT_REGISTERED", "LIMIT_EXCEEDED",
    "RATE_LIMITED", "BAD_CURSOR",
})  # fmt: skip
_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure_logs(level: LogLevel, stream: TextIO | None = None) -> None:
    """Send this process's log lines, structlog's and the standard library's, to `stream` (standard error)."""
    target = stream or sys.stderr
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            declared_only,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(target),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(TemplateFormatter())
    logging.basicConfig(level=max(_LEVELS[level], logging.WARNING), handlers=[handler], force=True)


def declared_only(_logger: Any, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every field that isn't in DECLARED."""
    return {name: value for name, value in fields.items() if name in DECLARED}


class TemplateFormatter(logging.Formatter):
    """Other libraries' lines: their template without its arguments, their exception without its text."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "event": record.msg if isinstance(record.msg, str) and record.args else "a library's message",
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if record.exc_info and record.exc_info[1]:
            fields |= _described(record.exc_info[1])
        return json.dumps(fields)


def log_defect(error: BaseException, route: str) -> str:
    """Log an unforeseen exception without its text; the reference that the caller is told."""
    reference = secrets.token_hex(6)
    structlog.get_logger().error("defect", reference=reference, route=route, **_described(error))
    return reference


def log_refusal(code: str, route: str) -> None:
    """A line for each that is refused by right or for asking too much; what is only malformed, or well, has none."""
    if code in _NOTED:
        structlog.get_logger().info("refused", code=code, route=route)


def _described(error: BaseException) -> dict[str, Any]:
    described: dict[str, Any] = {"error": type(error).__name__, "frames": _frames(error)}
    for name in ("sqlstate", "constraint"):
        value = getattr(error, name, None)
        if value and isinstance(value, str):
            described[name] = value
    return described


def _frames(error: BaseException) -> list[str]:
    """Where it happened, innermost last: `folder/file.py:line function`."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return [f"{'/'.join(PurePath(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}" for frame in frames]
