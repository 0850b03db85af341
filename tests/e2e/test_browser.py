"""GraphiQL in a real browser: our own files, no other origin, the demo queries in tabs, and a query that runs."""

import json
import os
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from server.web.graphiql_page import demo_queries
from tests.unit.web.conftest import Served, serving
from tests.unit.web.fakes import TOKEN

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium isn't installed: apt install chromium")

_WATCH = "addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective + e.blockedURI))"


@dataclass(slots=True)
class Visit:
    """A page, with what it asked for and complained of."""

    page: Page
    origins: set[str] = field(default_factory=set[str])
    complaints: list[str] = field(default_factory=list[str])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    with serving(tmp_path_factory.mktemp("browser") / "log") as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=sandbox)
        yield browser
        browser.close()


@pytest.fixture
def visit(served: Served, browser: Browser) -> Generator[Visit]:
    """GraphiQL, opened and drawn, in a browser that was never here before."""
    context = browser.new_context()
    visit = Visit(context.new_page())
    visit.page.add_init_script(_WATCH)
    visit.page.on("request", lambda request: visit.origins.add(_origin(request.url)))
    visit.page.on("console", lambda line: visit.complaints.append(line.text) if line.type == "error" else None)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.goto(served.url)
    visit.page.wait_for_selector(".graphiql-container")
    yield visit
    context.close()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme != "data" else "data"


def _write(page: Page, editor: str, text: str) -> None:
    """Replace the text of one of GraphiQL's editors, as somebody who pastes does."""
    page.locator(f"{editor} .CodeMirror:visible").first.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def _new_tab(page: Page) -> None:
    """An empty tab with the token: the demo tabs would go on asking for their operation by its name."""
    page.get_by_role("button", name="Add tab").click()
    _write(page, ".graphiql-editor-tool", json.dumps({"Authorization": f"Bearer {TOKEN}"}))


def _ask_hello(page: Page) -> None:
    _write(page, ".graphiql-query-editor", "{ hello }")
    page.get_by_role("button", name="Execute query").click()
    expect(page.locator(".result-window")).to_contain_text("Hello you")


def test_every_demo_query_has_a_tab(visit: Visit) -> None:
    """Named by its operation, in the order of the files."""
    expected = [document.split("query ")[1].split()[0].split("(")[0] for _, document in demo_queries()]
    tabs = visit.page.get_by_role("tab")
    expect(tabs).to_have_count(len(expected))
    assert [text.strip() for text in tabs.all_inner_texts()] == expected
    tabs.nth(1).click()
    expect(visit.page.locator(".graphiql-query-editor .CodeMirror-code")).to_contain_text("query")


def test_a_query_runs_with_the_token_of_the_header_editor(visit: Visit) -> None:
    """The answer stands in the result pane."""
    _new_tab(visit.page)
    _write(visit.page, ".graphiql-query-editor", '{ hello(name: "GraphiQL") }')
    visit.page.get_by_role("button", name="Execute query").click()
    expect(visit.page.locator(".result-window")).to_contain_text("Hello GraphiQL")


def test_the_documentation_is_read_by_introspection(visit: Visit) -> None:
    """The standard introspection query passes the limits; the explorer shows the root type."""
    _new_tab(visit.page)
    _ask_hello(visit.page)  # by then GraphiQL has taken the token over
    visit.page.get_by_role("button", name="Re-fetch GraphQL schema").click()
    visit.page.get_by_role("button", name="Show Documentation Explorer").click()
    expect(visit.page.locator(".graphiql-doc-explorer")).to_contain_text("Query")


def test_no_request_leaves_the_origin(visit: Visit, served: Served) -> None:
    """Neither fonts nor scripts nor pictures come from elsewhere, and the policy had nothing to block."""
    _new_tab(visit.page)
    _ask_hello(visit.page)
    visit.page.get_by_role("button", name="Show History").click()
    assert visit.origins <= {served.url, "data"}
    # The first introspection has no token yet, which the browser reports; nothing else is complained of.
    assert [line for line in visit.complaints if "401 (Unauthorized)" not in line] == []


def test_the_policy_blocks_what_is_not_ours(visit: Visit) -> None:
    """Proof that the watcher above sees: an inline script and a picture from elsewhere are refused and noticed."""
    visit.page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s);"
        "const i = new Image(); i.src = 'http://127.0.0.1:9/x.png'; document.body.append(i) }"
    )
    visit.page.wait_for_timeout(100)
    assert visit.page.evaluate("window.ran") is None
    assert len([line for line in visit.complaints if line.startswith("CSP ")]) == 2


def test_nothing_stays_in_the_browser(visit: Visit) -> None:
    """A shared computer keeps neither the token nor a query, which may name a pupil."""
    _new_tab(visit.page)
    _ask_hello(visit.page)
    visit.page.wait_for_timeout(700)  # left to itself, GraphiQL stores everything half a second after a change
    assert visit.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
