"""The pages in a real browser: without JavaScript, by keyboard alone, small, large, light and dark; and passkeys."""

from __future__ import annotations

import os
from collections.abc import Generator
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, expect, sync_playwright
from pyotp.totp import TOTP

from tests.e2e.accounts import PASSWORD, Holder, holder
from tests.e2e.apps import registered_app
from tests.e2e.serving import Server, serving
from tests.e2e.test_pages_malformed import PATHS
from tests.worlds import World, insert_world, small_school

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium isn't installed: apt install chromium")
LOOKING: Final = (Path(__file__).parent / "looking.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def home(bare_app_url: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """A server that is known by a name, as passkeys want it."""
    with serving(bare_app_url, tmp_path_factory.mktemp("pages"), host="localhost") as servers:
        yield servers[0]


@pytest.fixture(scope="module")
def at_home(home: Server) -> str:
    """Its address by name; that by number is another origin."""
    return f"http://localhost:{urlsplit(home.url).port}"


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
    _enter(page, pat)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    found = {cookie.get("name"): cookie for cookie in context.cookies()}
    assert found.keys() == {"__Host-usher", "__Host-usher-browser"}
    for cookie in found.values():
        kept = [cookie.get(word) for word in ("secure", "httpOnly", "sameSite", "path")]
        assert kept == [True, True, "Lax", "/"]
    assert found["__Host-usher"].get("expires") == -1


def test_an_app_gets_its_answer_through_forms(context: BrowserContext, app_url: str, home: Server, pat: Holder) -> None:
    """The policy of our pages lets their forms lead to the app that is asked about; after signing in, and from consent."""
    app = registered_app(app_url, home.http, redirects=[f"{home.url}/callback"])
    page = context.new_page()
    refused = app.asks(response_type="token").path
    page.goto(f"/sign-in?next={quote(refused)}")
    page.get_by_label("User name").fill(pat.name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{home.url}/callback?*error=*")
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(app.asks().path)
    assert page.evaluate(LOOKING) == []
    page.get_by_role("button", name="Let it act for me").click()
    page.wait_for_url(f"{home.url}/callback?*code=*")


def test_every_page_can_be_seen_and_touched(browser: Browser, at_home: str, pat: Holder) -> None:
    """Contrast in light and dark, sizes of targets, and a screen of 320 pixels, which is one of 1280 at 400 %.

    And nothing comes from elsewhere on any of them: no request, nothing inline, nothing for the policy to block.
    """
    context = browser.new_context(base_url=at_home, viewport={"width": 320, "height": 640})
    page = context.new_page()
    asked, blocked = _watched(page)
    seen: list[str] = []
    for title in _walk(page, pat):
        expect(page).to_have_title(f"{title} – Usher")
        assert page.evaluate(_INLINE) == [], title  # before the look, which sets styles itself
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate(LOOKING) == [], (title, scheme)
        seen.append(title)
    for path in PATHS:
        if not path.startswith("/pages/"):
            page.goto(path)
            assert page.evaluate(_INLINE) == [], path
    page.goto("/")
    page.wait_for_selector(".graphiql-container")
    elsewhere = asked - {at_home, "data:"}
    page.goto("/account")
    page.evaluate("() => { const i = new Image(); i.src = 'http://127.0.0.1:9/x.png'; document.body.append(i) }")
    expect(page.locator("body")).to_have_attribute("data-blocked", "img-src")  # the control: the watcher sees
    context.close()
    assert len(set(seen)) >= 20
    assert elsewhere == set()
    assert [one for one in blocked if "127.0.0.1:9" not in one] == []
    assert len(blocked) == 1


_INLINE: Final = """() => [...document.querySelectorAll("script:not([src]), style, [style], iframe, object, embed, base")]
  .map(one => one.outerHTML).concat([...document.querySelectorAll("*")].flatMap(one => [...one.attributes])
  .filter(one => one.name.startsWith("on")).map(one => one.name))"""
_WATCH: Final = """addEventListener("securitypolicyviolation", e => {
  console.error("CSP " + e.effectiveDirective + " " + e.blockedURI); document.body.dataset.blocked = e.effectiveDirective })"""


def _watched(page: Page) -> tuple[set[str], list[str]]:
    """Origins that are asked, and what the policy of a page blocks, from now on; each document has a policy."""
    asked: set[str] = set()
    blocked: list[str] = []

    def answered(response: Response) -> None:
        if response.request.is_navigation_request() and response.status != 303:
            assert response.headers["content-security-policy"].startswith("default-src 'none'"), response.url

    def requested(request: Request) -> None:
        parts = urlsplit(request.url)
        asked.add("data:" if parts.scheme == "data" else f"{parts.scheme}://{parts.netloc}")

    page.add_init_script(_WATCH)
    page.on("request", requested)
    page.on("response", answered)
    page.on("console", lambda line: blocked.append(line.text) if line.text.startswith("CSP ") else None)
    return asked, blocked


def test_what_can_not_be_seen_or_touched_is_noticed(browser: Browser, at_home: str) -> None:
    """Proof that the look at the pages sees: pale letters, small links, something wide, a faint field."""
    context = browser.new_context(base_url=at_home, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto("/sign-in")
    page.evaluate(
        """() => {
        document.querySelector("h1").style.color = "#888888";
        document.querySelector("p a").style.cssText = "display: inline-block; min-height: 0; line-height: 1";
        document.querySelector("input[type=password]").style.borderColor = "#eeeeee";
        document.querySelector("main p").style.width = "400px";
        }"""
    )
    found = " ".join(page.evaluate(LOOKING))
    context.close()
    for criterion in ("1.4.3", "1.4.10", "1.4.11", "1.4.12", "2.5.8"):
        assert criterion in found, found


def _walk(page: Page, pat: Holder) -> Generator[str]:
    """Stops at each page there is for people with an account, and at most of their errors; tells its title."""
    yield from _strangers_walk(page)
    _enter(page, pat)
    yield "Your account"
    yield from _opened(page, "/account/nowhere", "Page not found")
    yield from _opened(page, "/account/password", "Change your password")
    yield from _sent(page, "Change the password", "Error: Change your password")
    yield from _opened(page, "/account/email", "Change your e-mail address")
    yield from _sent(page, "Send the letter", "Error: Change your e-mail address")
    yield from _opened(page, "/account/factors", "Second step at sign-in")
    yield from _opened(page, "/account/passkey", "Add a passkey")
    yield from _opened(page, "/account/app", "Set up an authenticator app")
    yield from _sent(page, "Set it up", "Error: Set up an authenticator app")
    secret = page.locator("#key").inner_text().replace(" ", "")
    page.get_by_label("Code from the app").fill(TOTP(secret).now())
    yield from _sent(page, "Set it up", "Your recovery codes")
    yield from _opened(page, "/account/factors?done=app", "Second step at sign-in")
    yield from _opened(page, "/account/recovery-codes", "Make new recovery codes")
    yield from _opened(page, "/account/remove?factor=app", "Remove the authenticator app?")
    yield from _opened(page, "/account?done=sessions", "Your account")
    page.locator("header").get_by_role("button", name="Sign out").click()
    expect(page).to_have_title("Sign in – Usher")
    _enter(page, pat)
    yield "Second step of signing in"
    yield from _sent(page, "Go on", "Error: Second step of signing in")
    yield from _opened(page, "/sign-in/recovery", "Use a recovery code")
    yield from _sent(page, "Go on", "Error: Use a recovery code")


def _strangers_walk(page: Page) -> Generator[str]:
    yield from _opened(page, "/sign-in", "Sign in")
    yield from _sent(page, "Sign in", "Error: Sign in")
    yield from _opened(page, "/sign-in/passkey", "Sign in with a passkey")
    yield from _opened(page, "/reset?token=x", "This link can't be used any more")
    yield from _opened(page, "/forgotten", "Forgotten password")
    yield from _sent(page, "Send the letter", "Error: Forgotten password")
    page.get_by_label("User name").fill("nobody")
    yield from _sent(page, "Send the letter", "Look at your e-mail")


def _opened(page: Page, path: str, title: str) -> Generator[str]:
    page.goto(path)
    yield title


def _sent(page: Page, button: str, title: str) -> Generator[str]:
    page.get_by_role("main").get_by_role("button", name=button).click()
    yield title


def _enter(page: Page, pat: Holder) -> None:
    page.goto("/sign-in")
    page.get_by_label("User name").fill(pat.name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_passkey_is_made_and_signs_in(browser: Browser, at_home: str, pat: Holder) -> None:
    """As a second step, and alone; a device that has none says so, and the page offers another way."""
    context = browser.new_context(base_url=at_home)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    device: Any = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = kind | {"isUserVerified": True, "automaticPresenceSimulation": True}
    authenticator = device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    _enter(page, pat)
    page.goto("/account/passkey")
    page.get_by_label("What you call it").fill("my device")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    expect(page.get_by_text("my device", exact=True)).to_be_visible()
    page.goto("/account/passkey")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_text("has a passkey of this account already")).to_be_visible()
    page.locator("header").get_by_role("button", name="Sign out").click()
    _enter(page, pat)
    expect(page).to_have_title("Second step of signing in – Usher")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    page.locator("header").get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in with a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    page.locator("header").get_by_role("button", name="Sign out").click()
    device.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": authenticator["authenticatorId"]})
    without = options | {"hasResidentKey": False}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": without})
    page.goto("/sign-in/passkey")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("cancelled or took too long")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in with a password")).to_be_visible()
    context.close()
    assert complaints == []
