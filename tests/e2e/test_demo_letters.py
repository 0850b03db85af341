"""/demo/letters: a demo's letters, shown to whoever sits at its machine and to nobody else."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from starlette.applications import Starlette

from server.compliance.mail import Mailer
from server.identity.issuer import Issuer
from server.identity.letters.letter import Letter, Written, write
from server.web.pages.demo_letters import demo_letter_routes
from server.web.pages.threads import PagesDesk
from tests.database import Database
from tests.database import Server as DatabaseServer
from tests.e2e.pages import Shown, read

OURS = "http://127.0.0.1:8000"
PATH = "/demo/letters"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(database_server: DatabaseServer) -> Generator[Database]:
    if not database_server.can_create:
        pytest.skip("needs an owner with CREATEDB")
    made = database_server.make()
    with psycopg.connect(made.owner_url) as connection:
        connection.execute("INSERT INTO usher.installation (name, value) VALUES ('demo', 'true')")
    yield made
    database_server.drop(made)


async def ask(database: Database, folder: Path, client: str = "127.0.0.1", **headers: str) -> httpx.Response:
    """What the page answers to somebody at that address."""
    desk = PagesDesk(database.app_url)
    desk.open()
    app = Starlette(routes=demo_letter_routes(desk, folder, Issuer(OURS)))
    transport = httpx.ASGITransport(app, client=(client, 1234))
    async with httpx.AsyncClient(transport=transport, base_url=OURS) as http:
        answer = await http.get(PATH, headers=headers)
    desk.close()
    return answer


async def post(folder: Path, letter: Letter) -> Written:
    written = write(letter)
    assert await Mailer(None, "usher@localhost", folder).post(written.to, written.subject, written.text, uuid4(), NOW)
    return written


def shown(answer: httpx.Response) -> Shown:
    assert answer.status_code == 200, answer.text
    return read(PATH, answer)


async def test_a_demo_s_letters_can_be_read_and_followed(demo: Database, tmp_path: Path) -> None:
    """Each with whom it is to, what it says, and its link; a name in it that looks like markup is text."""
    folder = tmp_path / "mail"
    values = {"page": f"{OURS}/account?x=1&y=2", "when": NOW, "browser": "<b>Netscape</b>"}
    written = await post(folder, Letter("new_browser", "pat@mail.test", values))
    page = shown(await ask(demo, folder))
    assert page.heading == "Letters of this demo"
    assert [one.text for one in page.root.all("h2")] == [written.subject]
    assert "To pat@mail.test" in page.text
    for line in written.text.split("\n\n"):
        assert " ".join(line.split()) in page.text
    links = [link.get("href") for link in page.root.first("main").all("a")]
    assert links == [f"{OURS}/account?x=1&y=2"]


async def test_only_addresses_of_ours_are_links(demo: Database, tmp_path: Path) -> None:
    """One that leads elsewhere is shown, and leads nowhere."""
    folder = tmp_path / "mail"
    await post(folder, Letter("confirm_address", "pat@mail.test", {"link": "https://usher.test/x", "until": NOW}))
    page = shown(await ask(demo, folder))
    assert "https://usher.test/x" in page.text
    assert list(page.root.first("main").all("a")) == []


async def test_the_newest_letter_stands_first_and_old_ones_go(demo: Database, tmp_path: Path) -> None:
    """Fifty are shown; without any, the page says so."""
    folder = tmp_path / "mail"
    assert "no letters yet" in shown(await ask(demo, folder)).text
    for number in range(52):
        values = {"link": f"{OURS}/{number}", "until": NOW}
        await post(folder, Letter("confirm_address", f"{number}@mail.test", values))
    page = shown(await ask(demo, folder))
    assert len(list(page.root.all("h2"))) == 50
    assert next(page.root.first("main").all("a")).get("href") == f"{OURS}/51"


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        ("192.0.2.7", {}),
        ("::2", {}),
        ("127.0.0.1", {"host": "evil.example"}),
        ("127.0.0.1", {"host": "127.0.0.1.evil.example"}),
        ("127.0.0.1", {"host": ""}),
        ("127.0.0.1", {"x-forwarded-for": "192.0.2.7"}),
        ("127.0.0.1", {"forwarded": "for=192.0.2.7"}),
    ],
)
async def test_nobody_else_sees_them(demo: Database, tmp_path: Path, client: str, headers: dict[str, str]) -> None:
    """Of another machine, under another name, or past a proxy: as if there were no such page."""
    await post(tmp_path, Letter("confirm_address", "pat@mail.test", {"link": f"{OURS}/x", "until": NOW}))
    answer = await ask(demo, tmp_path, client, **headers)
    assert answer.status_code == 404
    assert "pat@mail.test" not in answer.text


async def test_whoever_is_at_the_machine_sees_them_by_each_of_its_names(demo: Database, tmp_path: Path) -> None:
    """By its name, and over IPv6."""
    for client, host in (("127.0.0.1", "localhost:8000"), ("::1", "[::1]:8000"), ("127.0.0.1", "127.0.0.1:8000")):
        assert (await ask(demo, tmp_path, client, host=host)).status_code == 200


async def test_where_people_are_real_there_is_no_such_page(
    make_database: Callable[[], Database], tmp_path: Path
) -> None:
    """Though their letters are files, too, as long as no mail server is set."""
    await post(tmp_path, Letter("confirm_address", "pat@mail.test", {"link": f"{OURS}/x", "until": NOW}))
    answer = await ask(make_database(), tmp_path)
    assert answer.status_code == 404
    assert "pat@mail.test" not in answer.text
