"""The pages in a real browser: without JavaScript, by keyboard alone, small, large, light and dark; and passkeys."""

from __future__ import annotations

import os
from collections.abc import Generator
from datetime import date
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.accounts import PASSWORD, Holder, holder
from tests.e2e.serving import serving
from tests.worlds import World, insert_world, small_school

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium isn't installed: apt install chromium")
LOOKING: Final = (Path(__file__).parent / "looking.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def at_home(bare_app_url: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The address of a server that is known by a name, as passkeys want it."""
    with serving(bare_app_url, tmp_path_factory.mktemp("pages"), host="localhost") as servers:
        yield f"http://localhost:{urlsplit(servers[0].url).port}"


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=sandbox)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"pages in a browser {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture
def context(browser: Browser, at_home: str) -> Generator[BrowserContext]:
    """A browser that was never here, without JavaScript."""
    context = browser.new_context(java_script_enabled=False, base_url=at_home)
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def pat(app_url: str, school: World) -> Holder:
    return holder(app_url, (school, "pat"))


def _type(page: Page, *words: str) -> None:
    """Each into the next field, as a keyboard does; Enter at the end."""
    for word in words:
        page.keyboard.press("Tab")
        page.keyboard.insert_text(word)
    page.keyboard.press("Enter")


def test_the_keyboard_alone_signs_in_and_out(context: BrowserContext, pat: Holder) -> None:
    """Without JavaScript: errors take the focus and lead to their field, and the focus goes through the page in order."""
    page = context.new_page()
    page.goto("/account")
    expect(page).to_have_title("Sign in – Usher")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    _type(page, pat.name, "")
    expect(page).to_have_title("Error: Sign in – Usher")
    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.insert_text(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    for name in ("Skip to the content", pat.name):
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name=name)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("header").get_by_role("button", name="Sign out")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_title("Sign in – Usher")
    page.goto("/account")
    expect(page).to_have_title("Sign in – Usher")


def test_the_cookie_is_kept_from_scripts_and_other_sites(context: BrowserContext, pat: Holder) -> None:
    """As the browser itself understood it."""
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("User name").fill(pat.name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    found = {cookie.get("name"): cookie for cookie in context.cookies()}
    assert found.keys() == {"__Host-usher", "__Host-usher-browser"}
    for cookie in found.values():
        kept = [cookie.get(word) for word in ("secure", "httpOnly", "sameSite", "path")]
        assert kept == [True, True, "Lax", "/"]
    assert found["__Host-usher"].get("expires") == -1


Scheme = Literal["light", "dark"]
PATHS: Final = ("/sign-in", "/account", "/account/password", "/account/nowhere")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_seen_and_touched(browser: Browser, at_home: str, pat: Holder, scheme: Scheme) -> None:
    """Contrast, sizes of targets, and a screen of 320 pixels, which is one of 1280 at 400 %: with errors, too."""
    context = browser.new_context(color_scheme=scheme, base_url=at_home, viewport={"width": 320, "height": 640})
    try:
        page = context.new_page()
        found: dict[str, list[str]] = {}
        page.goto("/sign-in")
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_title("Error: Sign in – Usher")
        found["errors"] = page.evaluate(LOOKING)
        page.get_by_label("User name").fill(pat.name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        for path in PATHS:
            page.goto(path)
            found[path] = page.evaluate(LOOKING)
        assert {path: faults for path, faults in found.items() if faults} == {}
    finally:
        context.close()
