"""Tables to take away are counted by the audit: so many an hour, whichever process is asked."""

from datetime import timedelta

import psycopg
import pytest

from server.resolvers.access import gate
from tests.e2e.access_desk import AccessDesk, codes

TABLE = "query($l: ID!) { whoCanSee(learner: $l, element: NAME) { total csv } }"
LOOK = "query($l: ID!) { whoCanSee(learner: $l, element: NAME) { total } }"
_ROWS = "SELECT count(*) FROM usher.audit_operation WHERE school_id = %s"


async def test_so_many_tables_an_hour(desk: AccessDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two are given out, by either process; the third is refused and says when, and looking goes on."""
    monkeypatch.setattr(gate, "MOST_EXPORTS", 2)
    learner = f"lrn_{desk.world.ids['ann'].hex}"
    assert codes(await desk.ask("dpo", TABLE, 0, l=learner)) == []
    desk.now += timedelta(minutes=10)
    assert codes(await desk.ask("dpo", TABLE, 1, l=learner)) == []
    desk.now += timedelta(minutes=20)
    with psycopg.connect(desk.owner_url, autocommit=True) as connection:
        before = connection.execute(_ROWS, [desk.world.school_id]).fetchone()
        for worker in (0, 1):
            refused = await desk.ask("dpo", TABLE, worker, l=learner)
            assert codes(refused) == ["RATE_LIMITED"]
            assert "data" not in refused
            assert refused["errors"][0]["extensions"]["retryAfter"] == 30 * 60
        assert connection.execute(_ROWS, [desk.world.school_id]).fetchone() == before
    assert codes(await desk.ask("dpo", LOOK, l=learner)) == []
    desk.now += timedelta(minutes=30)
    assert codes(await desk.ask("dpo", TABLE, l=learner)) == []
