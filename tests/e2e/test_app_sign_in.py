"""People sign in to apps: the consent, the choice of hat, the code, the tokens, and what they are good for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from server.identity.people.accounts import end_account
from tests.e2e.accounts import Holder, holder
from tests.e2e.apps import CALLBACK, App, allowed, code_of, hat_of, heard, registered_app, signed_in, with_factor
from tests.e2e.live import socket
from tests.e2e.pages import Person, read
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world, small_school

WHO = "{ viewer { roles } }"
CHANGE = 'mutation { breakGlass(input: { reason: "A learner has collapsed." }) { id } }'
LOOPBACK = "http://127.0.0.1/callback"


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"apps {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def other_school(app_url: str, today: date) -> World:
    world = small_school(f"apps, elsewhere {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def pat(app_url: str, school: World) -> Holder:
    """A parent, who needs no second factor."""
    return holder(app_url, (school, "pat"))


@pytest.fixture(scope="module")
def browser(server: Server, pat: Holder) -> Person:
    """Pat's, who signed in."""
    return signed_in(server.http, pat)


@pytest.fixture(scope="module")
def app(app_url: str, server: Server) -> App:
    return registered_app(app_url, server.http)


@pytest.fixture(scope="module")
def own_app(app_url: str, server: Server) -> App:
    """The installation's own, which has an https address and one on the device."""
    return registered_app(app_url, server.http, redirects=[CALLBACK, LOOPBACK], first_party=True)


def roles(app: App, token: str) -> list[str]:
    answer = app.ask(token, WHO)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["viewer"]["roles"]


def is_refused(app: App, body: dict[str, str]) -> bool:
    """Neither of an app's tokens is worth anything."""
    refreshed = app.refreshed(body["refresh_token"])
    assert refreshed.status_code == 400
    assert refreshed.json()["error"] == "invalid_grant"
    return app.ask(body["access_token"], WHO).status_code == 401


def test_an_app_asks_and_acts(app: App, browser: Person, school: World) -> None:
    """From its request to a question under its token, which is that of RFC 9068 and names no role."""
    asked = app.asks()
    page = browser.open(asked.path)
    assert page.heading == "Sign in to A good app"
    assert "see what you may see" in page.text
    assert "for 90 days at the most" in page.text
    assert "for ten minutes" in browser.open(app.asks(scope="read").path).text
    assert "app.example" in page.text
    answer = allowed(browser, asked.path)
    assert answer[""] == CALLBACK
    assert (answer["state"], answer["iss"]) == (asked.state, app.issuer)
    body = app.redeemed(asked, answer["code"]).json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 600)
    assert body["scope"] == "offline_access read write"
    assert body["resource"] == app.resource(school.school_id)
    assert roles(app, body["access_token"]) == ["parent"]
    keys = KeySet.import_key_set(app.http.get("/oauth/jwks").json())
    token = jwt.decode(body["access_token"], keys, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    assert set(token.claims) == {
        "iss", "aud", "sub", "school", "capacity", "client_id", "jti", "iat", "exp", "scope", "sid", "auth_time",
    }  # fmt: skip
    assert UUID(token.claims["sid"])


def test_whoever_is_not_signed_in_comes_back(app: App, server: Server, pat: Holder) -> None:
    """By way of the page for signing in, to the very same request."""
    person, asked = Person(server.http), app.asks()
    page = pat.sign_in(person, asked.path)
    assert page.link("Go on") == asked.path
    assert "code" in allowed(person, asked.path)


def test_who_says_no_sends_no_code(app: App, browser: Person) -> None:
    """The app hears that access was denied, in an answer that names the issuer; so does one that may do nothing there."""
    asked = app.asks()
    answer = allowed(browser, asked.path, decision="no")
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", asked.state, app.issuer)
    assert "code" not in answer


def test_a_form_of_another_site_gives_nothing(app: App, browser: Person) -> None:
    """Neither without the page's token, nor sent from elsewhere with it."""
    asked = app.asks()
    fields = dict(browser.open(asked.path).form(having="Let it").fields) | {"decision": "yes"}
    stolen = browser.ask("POST", asked.path, fields, sec_fetch_site="cross-site")
    assert stolen.status_code == 403
    forged = browser.ask("POST", asked.path, fields | {"csrf": "x" * 43})
    assert forged.status_code == 403
    assert "location" not in stolen.headers
    assert "location" not in forged.headers


def test_the_page_can_only_lead_to_the_app(app: App, own_app: App, browser: Person) -> None:
    """Its policy lets the form's answer go there and nowhere else; nobody frames it."""
    policy = browser.ask("GET", app.asks().path).headers["content-security-policy"]
    assert "form-action 'self' https://app.example" in policy
    assert "frame-ancestors 'none'" in policy
    native = own_app.asks(redirect_uri="http://127.0.0.1:51004/callback")
    policy = browser.ask("GET", native.path).headers["content-security-policy"]
    assert "form-action 'self' http://127.0.0.1:51004" in policy


def test_one_hat_is_chosen_where_there_are_several(
    app: App, own_app: App, app_url: str, server: Server, school: World, other_school: World
) -> None:
    """Also for an app that needs no consent; `resource` leaves those of one school; the token is for the one chosen."""
    both = holder(app_url, (school, "pat"), (other_school, "teacher"), (school, "cover"))
    person = signed_in(server.http, both)
    for one in (app, own_app):
        asked = one.asks()
        page = person.open(asked.path)
        assert len([field for field in page.root.all("input") if field.get("name") == "hat"]) == 3
        nothing = person.send(page.form(having="Leave it"), decision="yes")
        assert (nothing.status, nothing.errors) == (422, {"hat": "Choose what you sign in as."})
        answer = allowed(person, asked.path, hat="School 1: parent")
        assert roles(one, one.redeemed(asked, answer["code"]).json()["access_token"]) == ["parent"]
    narrowed = person.open(app.asks(resource=app.resource(school.school_id)).path)
    assert len([field for field in narrowed.root.all("input") if field.get("name") == "hat"]) == 2
    assert "School 2" not in narrowed.text
    hat = hat_of(person.open(app.asks().path), "School 2")
    asked = app.asks(resource=app.resource(school.school_id))
    fields = {**person.open(asked.path).form(having="Let it").fields, "hat": hat, "decision": "yes"}
    assert person.ask("POST", asked.path, fields).status_code == 422


def test_who_wears_no_hat_there_only_goes_back(app: App, browser: Person, other_school: World) -> None:
    """A school where the account is nobody looks like one that isn't there."""
    texts: list[str] = []
    for school_id in (other_school.school_id, uuid4()):
        asked = app.asks(resource=app.resource(school_id))
        page = browser.open(asked.path)
        assert "nothing to do with" in page.text
        texts.append(page.text)
        answer = heard(browser.ask("POST", asked.path, {**page.form(having="Go back").fields, "decision": "no"}))
        assert answer["error"] == "access_denied"
    assert texts[0] == texts[1]


def test_an_app_of_ones_own_needs_no_consent(own_app: App, browser: Person) -> None:
    """Where its code goes to an https address; on the device any program could ask in its name, so that a page asks."""
    asked = own_app.asks()
    answer = heard(browser.ask("GET", asked.path))
    assert own_app.redeemed(asked, answer["code"]).status_code == 200
    page = browser.open(own_app.asks(redirect_uri="http://127.0.0.1:51004/callback").path)
    assert "Go on to A good app?" in page.text


def test_a_hat_that_demands_two_factors_asks_for_them_first(
    app: App, app_url: str, server: Server, school: World
) -> None:
    """Before anybody can consent; the token then says that two were shown, and is believed."""
    person = signed_in(server.http, holder(app_url, (school, "head")))
    asked = app.asks()
    leads = person.ask("GET", asked.path)
    assert (leads.status_code, leads.headers["location"].partition("?")[0]) == (303, "/account/factors")
    with_factor(app_url, person)
    body = app.redeemed(asked, code_of(allowed(person, asked.path))).json()
    keys = KeySet.import_key_set(app.http.get("/oauth/jwks").json())
    assert jwt.decode(body["access_token"], keys, algorithms=["ES256"]).claims["amr"] == ["mfa"]
    assert "head" in roles(app, body["access_token"])
    again = app.refreshed(body["refresh_token"]).json()
    assert "head" in roles(app, again["access_token"])


def test_a_token_that_reads_changes_nothing(app: App, app_url: str, server: Server, school: World) -> None:
    """`read` is what an app has that asks for nothing; another with `write` is answered by the policy alone."""
    person = signed_in(server.http, holder(app_url, (school, "teacher")))
    with_factor(app_url, person)
    reading = app.tokens(person, scope=None)
    assert reading["scope"] == "read"
    assert "refresh_token" not in reading
    answer = app.ask(reading["access_token"], CHANGE).json()
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "scope `write`" in answer["errors"][0]["message"]
    assert roles(app, reading["access_token"])
    writing = app.ask(app.tokens(person, scope="write")["access_token"], CHANGE)
    assert "scope `write`" not in writing.text


class TestRefreshing:
    def test_each_token_gives_the_next(self, app: App, browser: Person) -> None:
        """And goes on as long as it is used; a refresh may ask for less, and for nothing more than was given."""
        body = app.tokens(browser)
        for _ in range(3):
            following = app.refreshed(body["refresh_token"]).json()
            assert following["refresh_token"] != body["refresh_token"]
            body = following
        assert roles(app, body["access_token"]) == ["parent"]
        less = app.refreshed(body["refresh_token"], scope="read").json()
        assert less["scope"] == "offline_access read"
        assert app.refreshed(less["refresh_token"], scope="read admin").json()["error"] == "invalid_scope"
        assert app.refreshed(less["refresh_token"]).json()["scope"] == "offline_access read write"

    def test_a_family_is_over_however_often_it_is_refreshed(
        self, app_url: str, owner_url: str, server: Server, browser: Person
    ) -> None:
        """After 90 days for a parent: no refresh puts it off, and none is answered later."""
        app = registered_app(app_url, server.http)
        body = app.refreshed(app.tokens(browser)["refresh_token"]).json()
        lasts = "SELECT expires_at - begun_at FROM usher.token_family WHERE client_id = %s"
        over = "UPDATE usher.token_family SET expires_at = now() - interval '1 second' WHERE client_id = %s"
        with psycopg.connect(owner_url) as connection:
            assert connection.execute(lasts, [app.client_id]).fetchall() == [(timedelta(days=90),)]
            connection.execute(over, [app.client_id])
        answer = app.refreshed(body["refresh_token"])
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    def test_what_was_not_given_is_not_refreshed(self, app: App, browser: Person, school: World) -> None:
        body = app.tokens(browser, scope="read offline_access")
        assert app.refreshed(body["refresh_token"], scope="write").json()["error"] == "invalid_scope"
        elsewhere = app.refreshed(body["refresh_token"], resource=app.resource(uuid4()))
        assert elsewhere.json()["error"] == "invalid_target"
        assert app.refreshed(body["refresh_token"], resource=app.resource(school.school_id)).status_code == 200

    def test_a_used_one_ends_the_family(self, app: App, browser: Person) -> None:
        """The newest refresh token too, and every access token at once; another family of the person goes on."""
        first, other = app.tokens(browser), app.tokens(browser)
        second = app.refreshed(first["refresh_token"]).json()
        assert roles(app, second["access_token"])
        assert app.refreshed(first["refresh_token"]).json()["error"] == "invalid_grant"
        assert is_refused(app, second)
        assert app.ask(first["access_token"], WHO).status_code == 401
        assert roles(app, other["access_token"])

    def test_of_another_client_it_is_nothing(self, app: App, app_url: str, server: Server, browser: Person) -> None:
        """Nor does it end the family: a stranger could end everybody's."""
        body = app.tokens(browser)
        stranger = registered_app(app_url, server.http)
        assert stranger.refreshed(body["refresh_token"]).json()["error"] == "invalid_grant"
        assert stranger.refreshed(body["refresh_token"]).json()["error"] == "invalid_grant"
        assert app.refreshed(body["refresh_token"]).status_code == 200


class TestEnding:
    def test_signing_out_ends_what_was_begun_there(self, app: App, server: Server, pat: Holder) -> None:
        """And nothing that was begun in another browser."""
        here, there = signed_in(server.http, pat), signed_in(server.http, pat)
        mine, others = app.tokens(here), app.tokens(there)
        page = here.open("/account")
        token = next(form for form in page.root.all("form") if form.get("action") == "/sign-out").first("input")
        here.ask("POST", "/sign-out", {"csrf": token.get("value")})
        assert is_refused(app, mine)
        assert roles(app, others["access_token"])

    def test_a_code_of_a_session_that_ended_is_refused(self, app: App, server: Server, pat: Holder) -> None:
        """Though nobody had brought it yet."""
        person, asked = signed_in(server.http, pat), app.asks()
        code = code_of(allowed(person, asked.path))
        page = person.open("/account")
        token = next(form for form in page.root.all("form") if form.get("action") == "/sign-out").first("input")
        person.ask("POST", "/sign-out", {"csrf": token.get("value")})
        assert app.redeemed(asked, code).json()["error"] == "invalid_grant"

    def test_an_account_that_ends_ends_all(self, app: App, app_url: str, server: Server, school: World) -> None:
        quinn = holder(app_url, (school, "quinn"))
        body = app.tokens(signed_in(server.http, quinn))
        assert roles(app, body["access_token"])
        with psycopg.connect(app_url) as connection:
            end_account(connection, quinn.account_id, datetime.now(UTC))
        assert is_refused(app, body)

    def test_a_hat_that_ends_is_not_refreshed(self, app: App, app_url: str, server: Server, school: World) -> None:
        """Whether the person left the school, or the account may not act there any more."""
        both = holder(app_url, (school, "quinn"))
        body = app.tokens(signed_in(server.http, both))
        with psycopg.connect(app_url) as connection:
            connection.execute(
                "UPDATE usher.login_identity SET identity = %s WHERE identity = %s", [f"former-{uuid4()}", both.name]
            )
        answer = app.refreshed(body["refresh_token"])
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
        assert app.ask(body["access_token"], WHO).status_code == 401

    def test_the_person_sees_and_ends_it(self, app: App, app_url: str, server: Server, pat: Holder) -> None:
        """On a page of their own, with the consent that it rests on; the other goes on, and somebody else's is nothing."""
        person = signed_in(server.http, pat)
        body, other = app.tokens(person), app.tokens(person)
        keys = KeySet.import_key_set(app.http.get("/oauth/jwks").json())
        sid = jwt.decode(body["access_token"], keys, algorithms=["ES256"]).claims["sid"]
        page = person.open("/account/apps")
        assert page.heading == "Apps that act for you"
        assert "A good app at School 1: parent or carer" in page.text
        token = page.form().fields["csrf"]
        for which, done in ((str(uuid4()), ""), ("x", ""), (sid, "?done=ended"), (sid, "")):
            answer = person.ask("POST", "/account/apps", {"csrf": token, "end": which})
            assert answer.headers["location"] == f"/account/apps{done}"
        assert is_refused(app, body)
        assert roles(app, other["access_token"]) == ["parent"]
        with psycopg.connect(app_url) as connection:
            ended = connection.execute(
                "SELECT c.scope, c.ended_at = f.ended_at FROM usher.app_consent AS c JOIN usher.token_family AS f "
                "ON f.consent_id = c.consent_id WHERE f.family_id = %s",
                [UUID(sid)],
            ).fetchone()
        assert ended == ("offline_access read write", True)

    def test_nobody_ends_anothers(self, app: App, app_url: str, server: Server, school: World, browser: Person) -> None:
        body = app.tokens(browser)
        keys = KeySet.import_key_set(app.http.get("/oauth/jwks").json())
        sid = jwt.decode(body["access_token"], keys, algorithms=["ES256"]).claims["sid"]
        stranger = signed_in(server.http, holder(app_url, (school, "quinn")))
        page = stranger.open("/account/apps")
        assert "None at present." in page.text
        token = stranger.open("/account/password").form().fields["csrf"]
        answer = stranger.ask("POST", "/account/apps", {"csrf": token, "end": sid})
        assert answer.headers["location"] == "/account/apps"
        assert roles(app, body["access_token"]) == ["parent"]

    def test_revoking_the_refresh_token_ends_the_family(self, app: App, browser: Person) -> None:
        """RFC 7009, section 2.1; an access token alone leaves the rest."""
        body = app.tokens(browser)
        assert app.posted("/oauth/revoke", token=body["access_token"]).status_code == 200
        assert app.ask(body["access_token"], WHO).status_code == 401
        following = app.refreshed(body["refresh_token"]).json()
        assert roles(app, following["access_token"])
        assert app.posted("/oauth/revoke", token=following["refresh_token"]).status_code == 200
        assert is_refused(app, following)

    def test_an_open_stream_closes(self, app: App, browser: Person, server: Server) -> None:
        body = app.tokens(browser)
        with socket(server, Client(server.http, body["access_token"])) as live:
            live.subscribe("subscription { reportPublished { id } }")
            assert app.posted("/oauth/revoke", token=body["refresh_token"]).status_code == 200
            frame = live.receive()
            assert frame["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"

    def test_of_a_client_that_ends_all_end(self, app_url: str, server: Server, browser: Person) -> None:
        """By `usher client end`."""
        from server.cli import call

        ended = registered_app(app_url, server.http)
        body = ended.tokens(browser)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("USHER_DATABASE_URL", app_url)
            assert call(["client", "end", ended.client_id, "--yes"]) == 0
        assert ended.ask(body["access_token"], WHO).status_code == 401
        assert ended.refreshed(body["refresh_token"]).json()["error"] == "invalid_client"


class TestPushing:
    """RFC 9126."""

    def test_the_request_is_sent_beforehand(self, app: App, browser: Person) -> None:
        """The browser brings its name alone, once; what it adds counts for nothing."""
        asked = app.asks(scope="read")
        fields = dict(pair.split("=", 1) for pair in asked.path.partition("?")[2].split("&"))
        fields["redirect_uri"] = asked.redirect_uri
        answer = app.posted("/oauth/par", **fields)
        assert (answer.status_code, answer.json()["expires_in"]) == (201, 600)
        pushed = app.asks(
            request_uri=answer.json()["request_uri"], scope=EVERYTHING_MORE, redirect_uri="https://evil.example/"
        )
        heard_of = allowed(browser, pushed.path)
        assert heard_of[""] == CALLBACK
        assert heard_of["state"] == asked.state
        assert app.redeemed(asked, heard_of["code"]).json()["scope"] == "read"
        again = browser.ask("GET", pushed.path)
        assert (again.status_code, read(pushed.path, again).heading) == (400, "This app can't sign you in")

    def test_what_is_wrong_is_told_to_the_app(self, app: App, app_url: str, server: Server) -> None:
        """At once, and no browser is sent."""
        good = dict(pair.split("=", 1) for pair in app.asks().path.partition("?")[2].split("&"))
        good |= {"redirect_uri": CALLBACK, "scope": "read"}
        for changed, error in (
            ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
            ({"scope": "admin"}, "invalid_scope"),
            ({"resource": "https://elsewhere.example"}, "invalid_target"),
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"request_uri": "urn:x"}, "invalid_request"),
            ({"client_id": "another"}, "invalid_client"),
        ):
            answer = app.posted("/oauth/par", **{**good, **changed})
            assert (400 <= answer.status_code < 500, answer.json()["error"]) == (True, error), changed
        secret = registered_app(app_url, server.http, public=False)
        unproved = server.http.post("/oauth/par", data={**good, "client_id": secret.client_id})
        assert unproved.json()["error"] == "invalid_client"


EVERYTHING_MORE = "read write offline_access"
