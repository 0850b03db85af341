"""docs/cookies.md names every cookie that the server can set, with its lifetime."""

import re
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Final

from starlette.responses import Response

from server.identity.people.browsers import REMEMBERED
from server.identity.people.sessions import IDLE, LONGEST
from server.web.pages.cookies import BROWSER, VISITOR, give, give_browser

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = (ROOT / "docs" / "cookies.md").read_text(encoding="utf-8")
ROWS: Final = {row[0]: row[2] for row in re.findall(r"^\| `([^`]+)` \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)}


def test_the_list_is_what_is_set() -> None:
    """By name; each as the page says that all of them are."""
    response = Response()
    give(response, "a")
    give_browser(response, "b")
    found = {
        name: morsel for line in response.headers.getlist("set-cookie") for name, morsel in SimpleCookie(line).items()
    }
    assert found.keys() == ROWS.keys() == {VISITOR, BROWSER}
    for morsel in found.values():
        assert (morsel["secure"], morsel["httponly"], morsel["samesite"]) == (True, True, "lax")
        assert (morsel["path"], morsel["domain"]) == ("/", "")


def test_lifetimes_are_those_of_the_code() -> None:
    """Of the browser and at the server."""
    response = Response()
    give(response, "a")
    give_browser(response, "b")
    visitor, browser = response.headers.getlist("set-cookie")
    assert "max-age" not in visitor.lower()
    assert "expires" not in visitor.lower()
    assert f"Max-Age={int(REMEMBERED.total_seconds())};" in browser
    assert f"{REMEMBERED.days} days" in ROWS[BROWSER]
    assert f"{IDLE.seconds // 60} minutes" in ROWS[VISITOR]
    assert f"{LONGEST.seconds // 3600} hours" in ROWS[VISITOR]


def test_nothing_else_sets_a_cookie() -> None:
    """One file does; no script writes to the browser."""
    setting = re.compile(
        r"set_cookie|set-cookie|delete_cookie|document\.cookie|localStorage|sessionStorage|indexedDB", re.IGNORECASE
    )
    files = [*(ROOT / "server").rglob("*.py"), *(ROOT / "server").rglob("*.js"), *(ROOT / "server").rglob("*.html")]
    found = [path for path in files if ".min." not in path.name and setting.search(path.read_text(encoding="utf-8"))]
    assert [path.relative_to(ROOT).as_posix() for path in found] == ["server/web/pages/cookies.py"]
