"""The recorder that all statement counts rest on."""

import psycopg
import pytest

from tests.wire_tap import Kind, WireTap, kind_of, split


def test_a_query_message_is_divided_at_its_semicolons_only() -> None:
    """A semicolon in a string, a name or a comment divides nothing."""
    assert split("""SELECT 'a;b', "c;d"; /* e;f */ SELECT 2;""") == [
        """SELECT 'a;b', "c;d\"""",
        "/* e;f */ SELECT 2",
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("BEGIN ISOLATION LEVEL READ COMMITTED", Kind.CONTROL),
        ("SET LOCAL app.capacity = 'STAFF'", Kind.CONTROL),
        ("COMMIT", Kind.CONTROL),
        ("SET app.capacity = 'STAFF'", Kind.STATEMENT),
        ("SELECT 1 / (count(*) = 1)::int FROM usher.policy_head AS h", Kind.GUARD),
        ("SELECT count(*) FROM usher.policy_head", Kind.STATEMENT),
        ("INSERT INTO usher.audit_event VALUES (1)", Kind.STATEMENT),
    ],
)
def test_control_and_guard_are_told_apart(text: str, kind: Kind) -> None:
    """Only what counts is counted, and nothing hides among the control."""
    assert kind_of(text) is kind


def test_each_protocol_is_written_down(wire_tap: WireTap) -> None:
    """Simple, extended and prepared executions are all seen, with the values they were given."""
    with psycopg.connect(wire_tap.url, autocommit=True) as connection:
        wire_tap.clear()
        connection.execute("SELECT 1; SELECT ';'")
        connection.execute("SELECT %s::text", ["once"])
        for _ in range(2):
            connection.execute("SELECT %s::int", [7], prepare=True)
    assert wire_tap.statements == ["SELECT 1", "SELECT ';'", "SELECT $1::text", "SELECT $1::int", "SELECT $1::int"]
    assert wire_tap.sent[2].values == (b"once",)
    assert wire_tap.prepared == ["SELECT $1::text", "SELECT $1::int"]


def test_each_statement_of_a_pipeline_is_written_down(wire_tap: WireTap) -> None:
    """One round trip, whatever is in it; what stands behind a failure was sent, too."""
    with psycopg.connect(wire_tap.url, autocommit=True) as connection:
        wire_tap.clear()
        with pytest.raises(psycopg.errors.DivisionByZero):
            _all_at_once(connection, ["SELECT 1", "SELECT 1 / 0", "SELECT 3"])
    assert wire_tap.statements == ["SELECT 1", "SELECT 1 / 0", "SELECT 3"]
    assert wire_tap.round_trips == 1


def _all_at_once(connection: psycopg.Connection, texts: list[str]) -> None:
    with connection.pipeline():
        for text in texts:
            connection.execute(text.encode())


def test_a_cut_line_is_an_error_at_the_client(wire_tap: WireTap) -> None:
    """Tests may break the connection under the application."""
    with psycopg.connect(wire_tap.url) as connection:
        wire_tap.cut()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
