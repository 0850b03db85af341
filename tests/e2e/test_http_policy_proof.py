"""What proves a rule book afterwards: the audit rows of its life hold digests and links, which seals commit to."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from tests.e2e.policy_desk import WHY, Desk
from tests.e2e.serving import Server
from tests.worlds import insert_world, small_school


@pytest.fixture
def desk(server: Server, app_url: str, owner_url: str, today: date) -> Desk:
    world = small_school(f"the proof of a book {uuid4()}", today)
    insert_world(app_url, world)
    return Desk(server, world, owner_url)


def test_the_audit_proves_the_book(desk: Desk) -> None:
    """Digest and link stand in what is sealed, of what was handed in, decided, published, narrowed and rolled back."""
    desk.publish(desk.approved())
    desk.do("dpo", "narrowPolicy", {"edits": [{"remove": "r113"}], "reason": WHY})
    desk.do("head", "confirmPolicy", {"version": 3})
    back = desk.do("dpo", "rollBackPolicy", {"version": 1, "reason": WHY})["submission"]
    desk.approve(back)
    desk.publish(back)
    rows = desk.rows("SELECT digest, chain FROM usher.policy_version WHERE school_id = %s ORDER BY version")
    (first, _), second, third, fourth = rows
    assert fourth[0] == first
    found = desk.rows(
        "SELECT details->>'act', details->>'digest', details->>'chain' FROM usher.audit_operation"
        " WHERE school_id = %s AND details ? 'digest' ORDER BY audit_id"
    )
    assert found == [
        ("policySubmitted", second[0], None),
        ("policyDecided", second[0], None),
        ("policyPublished", *second),
        ("policyPublished", *third),
        ("policyConfirmed", *third),
        ("policySubmitted", first, None),
        ("policyDecided", first, None),
        ("policyPublished", *fourth),
    ]
