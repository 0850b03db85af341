"""Log lines: declared fields, and nobody's name."""

import io
import json
import logging
from typing import Any

import structlog

from server.web.logs import DECLARED, configure_logs, log_defect

CANARY = "Zebedee Canary"


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_undeclared_fields_are_dropped() -> None:
    """A field that nobody declared never reaches a line, whatever it is called."""
    stream = io.StringIO()
    configure_logs("info", stream)
    structlog.get_logger().info("served", route="/graphql", status=200, pupil=CANARY, document=CANARY, upn=CANARY)
    (line,) = lines(stream)
    assert line.keys() == {"event", "level", "timestamp", "route", "status"}
    assert CANARY not in stream.getvalue()


def test_no_declared_field_is_made_for_personal_data() -> None:
    """The list is short enough to be read: no person, no school, no document, no message."""
    assert not DECLARED & {"person", "person_id", "school_id", "document", "variables", "message", "query", "exception"}


def test_a_defect_is_described_without_its_text() -> None:
    """Type, places and PostgreSQL's code; neither the text nor a cause's text."""
    stream = io.StringIO()
    configure_logs("error", stream)

    class Broken(Exception):
        sqlstate = "23505"

    try:
        try:
            raise ValueError(CANARY)
        except ValueError as cause:
            raise Broken(CANARY) from cause
    except Broken as error:
        reference = log_defect(error, "/graphql")
    (line,) = lines(stream)
    assert (line["reference"], line["error"], line["sqlstate"]) == (reference, "Broken", "23505")
    assert line["frames"][-1].startswith("web/test_logs.py:")
    assert CANARY not in stream.getvalue()


def test_lines_of_libraries_lose_their_arguments() -> None:
    """uvicorn's and psycopg's lines keep their template and their exception's type."""
    stream = io.StringIO()
    configure_logs("info", stream)
    logging.getLogger("psycopg.pool").warning("error connecting: %s", CANARY)
    logging.getLogger("uvicorn.error").error(f"Exception: {CANARY}")
    try:
        raise KeyError(CANARY)
    except KeyError:
        logging.getLogger("asyncio").exception("Task %s failed", CANARY)
    first, second, third = lines(stream)
    assert (first["event"], first["logger"]) == ("error connecting: %s", "psycopg.pool")
    assert second["event"] == "a library's message"
    assert (third["error"], third["event"]) == ("KeyError", "Task %s failed")
    assert CANARY not in stream.getvalue()


def test_lines_below_the_level_are_not_written() -> None:
    """At `warning`, an `info` line is no line."""
    stream = io.StringIO()
    configure_logs("warning", stream)
    structlog.get_logger().info("served")
    logging.getLogger("uvicorn.error").info("Started %s", 1)
    assert stream.getvalue() == ""
