"""Independent OAuth clients, npm's `oauth4webapi` and `openid-client`, get on with the server as any vendor's would."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.e2e.accounts import holder
from tests.e2e.apps import CALLBACK, EVERYTHING, App, registered_app, signed_in
from tests.e2e.npm_clients import conversed, missing, told
from tests.e2e.pages import Person, read
from tests.e2e.programs import registered, scopes_of
from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school


@pytest.fixture(scope="module", autouse=True)
def clients() -> None:
    lacking = missing()
    if lacking is not None:
        pytest.skip(f"no JavaScript clients: {lacking}")


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"oauth clients {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.mark.parametrize("library", ["oauth4webapi", "openid-client"])
@pytest.mark.parametrize("by_key", [False, True], ids=["secret", "key"])
def test_a_program_discovers_asks_and_ends(
    library: str, by_key: bool, app_url: str, server: Server, school: World
) -> None:
    """Discovery, token, question, introspection and revocation; after it the token is worth nothing."""
    program = registered(app_url, server.http, school, by_key=by_key)
    proof = {"jwk": program.key.as_dict(private=True)} if by_key else {"secret": program.secret}
    asked = {"library": library, "issuer": program.issuer, "clientId": program.client_id}
    found = told("program.mjs", asked | proof | {"resource": program.resource(school.school_id)})
    assert (found["token_type"], found["expires_in"]) == ("bearer", 600)
    assert set(found["scope"].split()) == scopes_of(school)
    (answer, looked), (ended, nothing) = found["before"], found["after"]
    assert answer["status"] == 200
    assert answer["body"]["data"]["learners"]["nodes"][0]["givenName"]
    assert (looked["active"], looked["client_id"]) == (True, program.client_id)
    assert ended["status"] == 401
    assert nothing == {"active": False}


@pytest.fixture(scope="module")
def pat(app_url: str, server: Server, school: World) -> Person:
    """A parent's browser, in which they signed in."""
    return signed_in(server.http, holder(app_url, (school, "pat")))


def browse(person: Person, address: str) -> str:
    """Where the browser is sent once the person has let the app."""
    parts = urlsplit(address)
    path = f"{parts.path}?{parts.query}"
    form = read(path, person.ask("GET", path)).form(having="Let it")
    return person.ask("POST", path, {**form.fields, "decision": "yes"}).headers["location"]


def asking(app: App, library: str) -> dict[str, object]:
    return {
        "library": library, "issuer": app.issuer, "clientId": app.client_id, "secret": app.secret,
        "redirectUri": CALLBACK, "scope": EVERYTHING,
    }  # fmt: skip


@pytest.mark.parametrize("library", ["oauth4webapi", "openid-client"])
@pytest.mark.parametrize(
    ("public", "pushed", "bound"),
    [(True, False, False), (True, True, True), (False, True, False), (False, False, True)],
    ids=["public", "public-pushed-bound", "secret-pushed", "secret-bound"],
)
def test_an_app_signs_somebody_in(
    library: str, public: bool, pushed: bool, bound: bool, app_url: str, server: Server, school: World, pat: Person
) -> None:
    """Code with PKCE, refresh, question, introspection and revocation; pushed beforehand, and bound to a key (DPoP)."""
    app = registered_app(app_url, server.http, public=public)
    more = {"pushed": pushed, "bound": bound}
    found = conversed("app.mjs", asking(app, library) | more, lambda url: browse(pat, url))
    assert (found["token_type"], found["expires_in"]) == ("dpop" if bound else "bearer", 600)
    assert found["scope"] == "offline_access read write"
    assert found["resource"] == app.resource(school.school_id)
    assert found["rotated"] is True
    (answer, looked), (ended, nothing) = found["before"], found["after"]
    assert answer["body"]["data"]["viewer"]["roles"] == ["parent"]
    assert ended["status"] == 401
    if not public:
        assert (looked["active"], looked["client_id"]) == (True, app.client_id)
        assert nothing == {"active": False}


@pytest.mark.parametrize("library", ["oauth4webapi", "openid-client"])
def test_a_mix_up_is_noticed(library: str, app_url: str, server: Server, pat: Person) -> None:
    """RFC 9207: an answer that another server gave names another issuer, and one that names none is not taken."""
    app = registered_app(app_url, server.http)
    wrong = {"wrongIssuer": "https://elsewhere.example"}
    found = conversed("app.mjs", asking(app, library) | wrong, lambda url: browse(pat, url))
    assert "iss" in found["refused"] or "unexpected" in found["refused"] or "invalid response" in found["refused"], (
        found
    )
    without = conversed(
        "app.mjs", asking(app, library), lambda url: browse(pat, url).partition("&iss=")[0]
    )  # fmt: skip
    assert "refused" in without


@pytest.mark.parametrize("library", ["oauth4webapi", "openid-client"])
def test_a_no_is_understood(library: str, app_url: str, server: Server, pat: Person) -> None:
    """The app is told by the code of RFC 6749."""
    app = registered_app(app_url, server.http)

    def refuse(address: str) -> str:
        parts = urlsplit(address)
        path = f"{parts.path}?{parts.query}"
        form = read(path, pat.ask("GET", path)).form(having="Leave it")
        return pat.ask("POST", path, {**form.fields, "decision": "no"}).headers["location"]

    assert conversed("app.mjs", asking(app, library), refuse) == {"refused": "access_denied"}
