"""`usher doctor`: each condition that should fail is made, found, and told with its remedy; a sound deployment passes."""

import asyncio
import json
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import psycopg
import pytest
from pydantic import SecretStr

from server.cli import call
from server.cli.checkup import contents, machine
from server.cli.checkup.environment import environment_findings
from server.cli.checkup.finding import Finding, State
from server.cli.checkup.machine import machine_findings
from server.cli.checkup.server import server_findings
from server.cli.databases import Addresses
from server.commands.jobs.backlog import Backlog
from server.commands.jobs.listed import JOBS
from server.compliance.sealing import seal_all
from server.database.examined import ServerFacts
from server.identity.keys import TOKEN_FILE, token_key
from server.migrations.standing import FILE, standing
from server.settings import Settings
from tests.database import Database
from tests.publishing import found_version
from tools.walls import written

YEAR = datetime.now(UTC).year + 1
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOUND = ServerFacts(180001, "usher_app", 200, (), 0.1, pooled=False, complaints=())
_IDENTITY = (
    "INSERT INTO usher.login_identity (identity, school_id, person_id, capacity, school_name) "
    "VALUES (%s, %s, %s, 'STAFF', 'Northfield')"
)


class Doctor:
    """The command, with the environment of a deployment."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        for name in [name for name in os.environ if name.startswith("USHER_")]:
            monkeypatch.delenv(name)
        self.set(USHER_HOME=str(home))
        token_key(home / "keys")

    def set(self, **environment: str) -> None:
        for name, value in environment.items():
            self._monkeypatch.setenv(name, value)

    def __call__(self) -> dict[str, list[dict[str, Any]]]:
        """Findings by check; the exit status follows from them."""
        self._capsys.readouterr()
        status = call(["doctor", "--json"])
        said = json.loads(self._capsys.readouterr().out)
        found: dict[str, list[dict[str, Any]]] = {}
        for one in said["findings"]:
            found.setdefault(one["check"], []).append(one)
        failed = [one for one in said["findings"] if one["state"] == "fail"]
        assert status == bool(failed) == (not said["ok"])
        assert all(one["remedy"] for one in said["findings"] if one["state"] != "ok")
        return found

    def failed(self) -> dict[str, str]:
        return {name: one["says"] for name, all_ in self().items() for one in all_ if one["state"] == "fail"}


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Doctor:
    return Doctor(monkeypatch, capsys, tmp_path)


def states(found: list[Finding]) -> dict[str, State]:
    return {one.check: one.state for one in found}


def test_walls_grants_and_versions_that_somebody_changed_are_named(
    doctor: Doctor, make_database: Callable[[], Database]
) -> None:
    """Each by its table, its role and what should be; mended again, nothing of it is told any more."""
    database = make_database()
    doctor.set(USHER_DATABASE_URL=database.app_url, **_auditor(database))
    assert doctor.failed() == {"jobs": "No job was done lately."}
    damages = [
        ("walls", "DROP POLICY addressee_wall ON usher.notice", "Notice lacks its wall addressee_wall"),
        ("walls", "ALTER TABLE usher.mark NO FORCE ROW LEVEL SECURITY", "Mark has no row-level security"),
        ("walls", "CREATE POLICY gate ON usher.staff TO usher_app USING (true)", "has a wall gate"),
        ("walls", "ALTER POLICY tenant ON usher.guardian USING (true)", "another wall tenant"),
        ("walls", f"DROP POLICY tenant ON usher.attendance_{YEAR}", f"The partition attendance_{YEAR}"),
        ("grants", "GRANT TRUNCATE ON usher.mark TO usher_app", "Usher_app may TRUNCATE mark"),
        ("grants", "GRANT SELECT ON usher.person TO PUBLIC", "PUBLIC may SELECT person"),
        ("grants", "REVOKE INSERT ON usher.mark FROM usher_app", "Usher_app may not INSERT mark"),
        ("grants", "GRANT UPDATE (root) ON usher.audit_seal TO usher_audit", "Usher_audit may UPDATE root audit_seal"),
        ("partitions", f"DROP TABLE usher.attendance_{YEAR}", f"attendance_{YEAR}"),
        ("migrations", "UPDATE usher.alembic_version SET version_num = '0001'", "version 0001"),
    ]
    for check, statement, said in damages:
        _as_owner(database, statement, check, said)
    _as_owner(database, "DROP SCHEMA usher CASCADE", "migrations", "no tables")


def _as_owner(database: Database, statement: str, check: str, said: str) -> None:
    """In a transaction that is rolled back, look at it as the doctor does."""

    async def look() -> list[Finding]:
        async with await psycopg.AsyncConnection.connect(database.owner_url) as connection:
            await connection.execute(statement.encode())
            found = await contents.table_findings(connection, datetime.now(UTC))
            await connection.rollback()
            return found

    [finding] = [one for one in asyncio.run(look()) if one.check == check]
    assert (finding.state, said in finding.says) == (State.FAIL, True), finding
    assert finding.remedy


def _auditor(database: Database) -> dict[str, str]:
    return {} if database.audit_url is None else {"USHER_AUDIT_DATABASE_URL": database.audit_url}


def test_the_list_of_walls_is_that_of_a_new_database(database: Database) -> None:
    """`python -m tools.walls` was run after the last migration."""

    async def look() -> dict[str, Any]:
        async with await psycopg.AsyncConnection.connect(database.app_url, autocommit=True) as connection:
            return await standing(connection)

    found = asyncio.run(look())
    committed = json.loads(FILE.read_text(encoding="utf-8"))
    if found["postgresql"] != committed["postgresql"]:
        pytest.skip(f"the list is of PostgreSQL {committed['postgresql']}")
    assert written(found) == FILE.read_text(encoding="utf-8"), "run `python -m tools.walls`"


def test_a_sound_deployment_has_nothing_that_fails(
    doctor: Doctor, make_database: Callable[[], Database], tmp_path: Path
) -> None:
    """And a broken rule book, a cut chain and late letters are found in it."""
    database, school = make_database(), uuid4()
    doctor.set(USHER_DATABASE_URL=database.app_url, **_auditor(database))
    with psycopg.connect(database.owner_url) as connection:
        for job in JOBS:
            connection.execute(
                "INSERT INTO usher.job (name, started_at, finished_at) VALUES (%s, now(), now())", [job.name]
            )
    assert doctor.failed() == {}
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(_IDENTITY, ["a", school, uuid4()])
        found_version(connection, school, '{"element_groups":[],"role_groups":[],"rules":[]}')
        connection.execute(
            "INSERT INTO usher.letter (letter_id, kind, recipient_digest, sealed, queued_at, attempts) "
            "VALUES (%s, 'reset', 'd', 's', now() - interval '3 hours', 1)",
            [uuid4()],
        )
    found = doctor()
    assert found["rule books"][0]["says"].startswith("1 in force")
    assert (found["letters"][0]["state"], "1 letters wait" in found["letters"][0]["says"]) == ("warn", True)
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(_IDENTITY, ["b", broken := uuid4(), uuid4()])
        found_version(connection, broken, "{broken", "d")
    assert "1 of 2 rule books" in doctor.failed()["rule books"]
    heads = tmp_path / "audit"
    heads.mkdir()
    head = {"school": str(school), "sequence": 7, "digest": "d" * 64}
    (heads / f"{school}.jsonl").write_text(json.dumps(head) + "\n", encoding="utf-8")
    if database.audit_url is not None:
        assert "doesn't hold the seal" in doctor.failed()["audit chain"]
    (heads / f"{school}.jsonl").write_text("{", encoding="utf-8")
    if database.audit_url is not None:
        assert "can't be read" in doctor.failed()["audit chain"]


def test_a_kept_head_that_is_in_the_chain_is_sound(doctor: Doctor, database: Database) -> None:
    """Whatever others sealed meanwhile."""
    if database.audit_url is None:
        pytest.skip("needs the address of usher_audit")
    url = database.audit_url

    async def sealed() -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await seal_all(connection, datetime.now(UTC))

    asyncio.run(sealed())
    doctor.set(USHER_DATABASE_URL=database.app_url, USHER_AUDIT_DATABASE_URL=url)
    assert call(["audit", "seal"]) == 0
    assert "audit chain" not in doctor.failed()


def test_roles_that_are_too_mighty_are_refused(doctor: Doctor, database: Database) -> None:
    """The owner's address in another's place."""
    doctor.set(USHER_DATABASE_URL=database.owner_url, USHER_AUDIT_DATABASE_URL=database.app_url)
    failed = doctor.failed()
    assert "owns tables" in failed["role"]
    assert "signs in as usher_app" in failed["audit role"]
    doctor.set(USHER_AUDIT_DATABASE_URL="postgresql://usher_audit@127.0.0.1:1/usher")
    assert "doesn't answer" in doctor.failed()["audit role"]


def test_a_database_that_is_away_leaves_the_rest(doctor: Doctor) -> None:
    """What is beside it is told all the same, in lines for people too."""
    doctor.set(USHER_DATABASE_URL="postgresql://usher_app:hunter2@127.0.0.1:1/usher")
    found = doctor()
    assert found["database"][0]["state"] == "fail"
    assert {"python", "keys", "disk", "issuer"} <= set(found)
    assert "hunter2" not in str(found)
    doctor.set(USHER_DATABASE_URL="")
    assert "There is no database in" in doctor.failed()["database"]


def test_lines_are_for_people(doctor: Doctor, capsys: pytest.CaptureFixture[str]) -> None:
    """The state first; a remedy behind what is wrong; how many at the end."""
    assert call(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert all(line.split()[0] in ("ok", "warn", "fail") for line in lines[:-1])
    assert lines[-1].endswith("warnings.")


@pytest.mark.parametrize(
    ("facts", "check", "state", "said"),
    [
        (replace(SOUND, version=140005), "postgresql", State.FAIL, "14.5"),
        (replace(SOUND, user="somebody"), "role", State.FAIL, "signs in as somebody"),
        (replace(SOUND, complaints=("has BYPASSRLS",)), "role", State.FAIL, "has BYPASSRLS"),
        (replace(SOUND, skew=-40.0), "clock", State.FAIL, "40.0 s behind"),
        (replace(SOUND, skew=3.0), "clock", State.WARN, "3.0 s ahead"),
        (replace(SOUND, pooled=True), "connections", State.WARN, "pooler"),
        (replace(SOUND, most_connections=20), "connections", State.FAIL, "takes 20"),
        (replace(SOUND, extensions=("citus",)), "extensions", State.WARN, "Citus"),
    ],
)
async def test_what_a_server_may_be(
    monkeypatch: pytest.MonkeyPatch, facts: ServerFacts, check: str, state: State, said: str
) -> None:
    """Versions, roles, clocks and poolers that no test can have."""

    async def told(_: object) -> ServerFacts:
        return facts

    monkeypatch.setattr("server.cli.checkup.server.server_facts", told)
    connection = cast("Any", None)
    found = await server_findings(Settings(), Addresses("postgresql://x", None), connection)
    [finding] = [one for one in found if one.check == check]
    assert (finding.state, said in finding.says) == (state, True), finding
    others = {one.check for one in found if one.state is State.FAIL} - {check}
    assert others == set()


async def test_a_sound_server_is_sound(database: Database) -> None:
    """The one that these tests have."""
    async with await psycopg.AsyncConnection.connect(database.app_url, autocommit=True) as connection:
        found = await server_findings(Settings(), Addresses(database.app_url, None, database.audit_url), connection)
    assert {one.check for one in found if one.state is not State.OK} <= {"audit role", "connections"}


SETTINGS: list[tuple[dict[str, Any], str, State]] = [
    ({"usher_issuer": "http://usher.example"}, "issuer", State.FAIL),
    ({"usher_host": "0.0.0.0"}, "issuer", State.FAIL),
    ({}, "issuer", State.WARN),
    ({"usher_issuer": "https://usher.example"}, "issuer", State.OK),
    ({"usher_owner_database_url": SecretStr("postgresql://o")}, "settings", State.FAIL),
    ({"usher_pool_min": 20}, "settings", State.FAIL),
    ({"usher_issuer": "https://u.example", "usher_origins": ("http://u.example",)}, "settings", State.WARN),
    ({"usher_metrics_port": 8000}, "settings", State.FAIL),
    ({"usher_metrics_port": 9100, "usher_metrics_host": "0.0.0.0"}, "settings", State.WARN),
    ({"usher_metrics_port": 9100}, "settings", State.OK),
    ({}, "mail", State.WARN),
    ({"usher_smtp_url": SecretStr("smtp://127.0.0.1:1")}, "mail", State.FAIL),
]


@pytest.mark.parametrize(("given", "check", "state"), SETTINGS)
def test_settings_that_contradict(given: dict[str, Any], check: str, state: State) -> None:
    """One another, or the way in which the server is reached."""
    found = environment_findings(Settings(**given))
    assert states(found)[check] is state, found


def test_a_mail_server_that_answers_is_asked(tmp_path: Path) -> None:
    """It says hello, and the sender's address is looked at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_smtp, args=(listener, 2), daemon=True).start()
        url = SecretStr(f"smtp://127.0.0.1:{listener.getsockname()[1]}")
        plain = environment_findings(Settings(usher_smtp_url=url))
        named = environment_findings(Settings(usher_smtp_url=url, usher_mail_from="usher@school.example"))
    assert states(plain)["mail"] is State.WARN
    assert states(named)["mail"] is State.OK


def _smtp(listener: socket.socket, visits: int) -> None:
    for _ in range(visits):
        channel, _ = listener.accept()
        with channel, channel.makefile("rwb", buffering=0) as lines:
            lines.write(b"220 here\r\n")
            for line in lines:
                ends = line.upper().startswith(b"QUIT")
                lines.write(b"221 bye\r\n" if ends else b"250 fine\r\n")
                if ends:
                    break


def test_keys_folders_and_disks(tmp_path: Path) -> None:
    """Missing, open to others, old; and a disk that is nearly full."""
    home = tmp_path / "home"
    settings, plenty = Settings(usher_home=home), (100 * 2**30, 50 * 2**30)
    assert {one.check for one in machine_findings(settings, disk=plenty) if one.state is State.FAIL} == {"home", "keys"}
    token_key(home / "keys")
    key = home / "keys" / TOKEN_FILE
    sound = states(machine_findings(settings, disk=plenty))
    assert {check for check, state in sound.items() if state is State.FAIL} == set()
    later = datetime.now(UTC) + timedelta(days=400)
    assert states(machine_findings(settings, now=later.timestamp(), disk=plenty))["keys"] is State.WARN
    key.chmod(0o640)
    assert states(machine_findings(settings, disk=plenty))["keys"] is State.FAIL
    key.chmod(0o600)
    home.chmod(0o777)
    assert states(machine_findings(settings, disk=plenty))["home"] is State.FAIL
    home.chmod(0o700)
    assert states(machine_findings(settings, disk=(100 * 2**30, 2**29)))["disk"] is State.FAIL
    assert states(machine_findings(settings, disk=(100 * 2**30, 6 * 2**30)))["disk"] is State.WARN


def test_libraries_are_those_of_the_lock(tmp_path: Path) -> None:
    """Another version is told; and an older Python."""
    lock = tmp_path / "requirements.lock"
    lock.write_text("starlette==0.1 \\\n", encoding="utf-8")
    assert "starlette" in machine._libraries(lock).says  # pyright: ignore[reportPrivateUsage]
    assert machine._libraries(machine._LOCK).state is State.OK  # pyright: ignore[reportPrivateUsage]
    assert machine._python((3, 10, 2)).state is State.FAIL  # pyright: ignore[reportPrivateUsage]


def test_jobs_that_are_late_are_named() -> None:
    """One of them is a warning, none at all is a failure."""
    addresses = Addresses("a", None, "b")
    done = {job.name: NOW for job in JOBS}
    late = Backlog({**done, "seal_audit": NOW - timedelta(hours=1)}, 0, None)
    found = [
        next(contents._jobs(waits, addresses, NOW))  # pyright: ignore[reportPrivateUsage]
        for waits in (Backlog(done, 0, None), late, Backlog({}, 0, None))
    ]
    assert [one.state for one in found] == [State.OK, State.WARN, State.FAIL]
    assert "seal_audit" in found[1].says
