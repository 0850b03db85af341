"""Independent OAuth clients, npm's `oauth4webapi` and `openid-client`, get on with the server as any vendor's would."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from tests.e2e.npm_clients import missing, told
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
