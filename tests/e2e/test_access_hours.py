"""A rule for working hours opens and closes with them, and changes nothing for a school that has none."""

from datetime import UTC, date, datetime, time, timedelta

from server.policies.rule import Rule
from server.policies.shipped import starting_book
from tests.e2e.access_desk import AccessDesk
from tests.e2e.publishing import publish, with_rules

GENDERS = "{ learners { nodes { gender } } }"
AT_WORK = Rule("t001", "attendance_officer", "gender", "read", "school", ("hours",), ("log",), "allow")


async def _shown(desk: AccessDesk, worker: int = 0) -> int:
    body = await desk.ask("attendance", GENDERS, worker)
    return sum(row["gender"] is not None for row in body["data"]["learners"]["nodes"])


def _next_monday(today: date, hour: int) -> datetime:
    """In winter or summer alike, an hour that no change of the clock moves over an edge."""
    return datetime.combine(today + timedelta(days=7 - today.weekday()), time(hour), UTC)


async def test_hours_open_and_close(desk: AccessDesk, owner_url: str, today: date) -> None:
    """Monday at noon, not at night, and not on the Sunday before; the audit row of the read says so."""
    desk.now = noon = _next_monday(today, 12)
    assert await _shown(desk) == 0
    publish(owner_url, desk.world, with_rules(starting_book(), [AT_WORK]))
    for worker in (0, 1):
        assert await _shown(desk, worker) == 8
    for moment in (_next_monday(today, 22), noon - timedelta(days=1), _next_monday(today, 3)):
        desk.now = moment
        assert await _shown(desk) == 0
    desk.now = noon
    assert await _shown(desk) == 8
    facts = desk.rows(
        "SELECT DISTINCT facts FROM usher.audit_operation WHERE school_id = %s AND occurred_at = %s", noon
    )
    assert facts == [(["hours"],)]
    assert await desk.capabilities("attendance") == set()


async def test_without_such_a_rule_the_hour_is_no_fact(desk: AccessDesk, today: date) -> None:
    """Nothing is planned anew when the school opens and closes: the audit knows no hour."""
    desk.now = _next_monday(today, 12)
    await desk.ask("senco", "{ learners { nodes { sen { needs } } } }")
    facts = desk.rows(
        "SELECT DISTINCT facts FROM usher.audit_operation WHERE school_id = %s AND occurred_at = %s", desk.now
    )
    assert facts == [(["trained:sen"],)]
