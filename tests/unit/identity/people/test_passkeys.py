"""Passkeys: made, shown, counted, and refused when anything about them is another's."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from webauthn.helpers import bytes_to_base64url

from server.database.blocking_pool import BlockingConnection as Connection
from server.errors import BadUserInput, Unauthenticated
from server.identity.people.accounts import Account, end_account, make_account
from server.identity.people.factors import factors_of
from server.identity.people.outcomes import FactorDue, Wrong
from server.identity.people.passkeys import add_passkey, authentication_options, end_passkey, registration_options
from server.identity.people.premises import Premises
from server.identity.people.sessions import Session, begin_session, find_unfinished
from server.identity.people.sign_in import show_passkey, sign_in, sign_in_with_passkey
from tests.authenticator import Authenticator
from tests.unit.identity.people.conftest import HOME, ISSUER, MINUTE, NOW, PASSWORD, entered, kinds, session_of

ORIGIN = ISSUER.url
MALFORMED = [
    "", "{}", "[]", "null", "7", "\x00", '{"response": {}}', '{"response": 7}', '{"response": {"clientDataJSON": "eyJ9"}}',
    '{"response": {"clientDataJSON": "é"}}', "[" * 100_000, '{"id": "' + "x" * 100_000 + '"}',
    '{"id": "a", "response": {"clientDataJSON": "' + bytes_to_base64url(b'{"challenge": 7}') + '"}}',
    '{"id": "\\u0000", "response": {"clientDataJSON": "' + bytes_to_base64url(b'{"challenge": "AA"}') + '"}}',
    '{"id": "a", "response": {"clientDataJSON": "' + bytes_to_base64url(b"[" * 10_000) + '"}}',
]  # fmt: skip


def registered(
    connection: Connection, premises: Premises, session: Session, one: Authenticator, name: str = "Phone"
) -> str:
    """The text of the session's cookie afterwards."""
    options = registration_options(connection, premises, session, NOW)
    return add_passkey(connection, premises, session, one.make(options), name, NOW)


@pytest.fixture
def phone() -> Authenticator:
    return Authenticator(ORIGIN)


def test_a_passkey_is_made_and_shown(
    connection: Connection, premises: Premises, ann: Account, session: Session, phone: Authenticator
) -> None:
    """As the second factor, and by itself, without a name; its making is a factor, and its owner is told."""
    cookie = registered(connection, premises, session, phone, "  My  phone ")
    assert session_of(connection, cookie).factor_at == NOW
    assert [key.name for key in factors_of(connection, ann.account_id).passkeys] == ["My phone"]
    assert kinds(connection, ann) == ["factor_changed"]
    step = sign_in(connection, premises, ann.identity, PASSWORD, HOME, NOW)
    assert isinstance(step, FactorDue)
    unfinished = find_unfinished(connection, step.cookie, NOW)
    assert unfinished is not None
    options = authentication_options(connection, premises, unfinished, NOW)
    second = entered(show_passkey(connection, premises, unfinished, phone.show(options), HOME, NOW))
    assert session_of(connection, second.cookie).session_id == unfinished.session_id
    alone = phone.show(authentication_options(connection, premises, None, NOW))
    third = entered(sign_in_with_passkey(connection, premises, alone, HOME, NOW))
    assert third.account == ann
    assert session_of(connection, third.cookie).factor_at == NOW


def test_options_name_this_installation_and_demand_verification(
    connection: Connection, premises: Premises, session: Session, phone: Authenticator
) -> None:
    """The relying party is the issuer's host, whatever a request calls it; those that are there aren't made again."""
    registered(connection, premises, session, phone)
    options = json.loads(registration_options(connection, premises, session, NOW))
    assert options["rp"]["id"] == "usher.test"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    known = [bytes_to_base64url(phone.credential_id)]
    assert [one["id"] for one in options["excludeCredentials"]] == known
    asked = json.loads(authentication_options(connection, premises, session, NOW))
    assert (asked["rpId"], asked["userVerification"]) == ("usher.test", "required")
    assert [one["id"] for one in asked["allowCredentials"]] == known
    assert json.loads(authentication_options(connection, premises, None, NOW))["allowCredentials"] == []


@pytest.mark.parametrize("case", ["origin", "type", "cross", "unverified", "challenge", "expired", "other account"])
def test_a_wrong_making_adds_nothing(
    connection: Connection, premises: Premises, ann: Account, session: Session, phone: Authenticator, case: str
) -> None:
    """Of another origin or purpose, without the person verified, or of a challenge that isn't theirs or is over."""
    options, now = registration_options(connection, premises, session, NOW), NOW
    changed: dict[str, object] = {}
    match case:
        case "origin":
            changed = {"origin": "https://usher.test.example"}
        case "type":
            changed = {"type": "webauthn.get"}
        case "cross":
            changed = {"crossOrigin": True}
        case "challenge":
            changed = {"challenge": bytes_to_base64url(bytes(32))}
        case "unverified":
            phone.verifies = False
        case "expired":
            now = NOW + 5 * MINUTE
        case _:
            bob = make_account(connection, f"bob-{uuid4()}", None, NOW)
            cookie = begin_session(connection, bob.account_id, NOW, factor=False, agent="")
            options = registration_options(connection, premises, session_of(connection, cookie), NOW)
    with pytest.raises(BadUserInput, match="did not answer"):
        add_passkey(connection, premises, session, phone.make(options, **changed), "Phone", now)
    assert not factors_of(connection, ann.account_id).any


@pytest.mark.parametrize(
    "case", ["origin", "type", "cross", "unverified", "challenge", "expired", "key", "counter", "handle"]
)
def test_a_wrong_showing_opens_nothing(
    connection: Connection, premises: Premises, session: Session, phone: Authenticator, case: str
) -> None:
    """Another origin or purpose, a forged signature, a copy of the device whose counter stayed behind."""
    registered(connection, premises, session, phone)
    now, changed = NOW, dict[str, object]()
    match case:
        case "origin":
            changed = {"origin": "http://usher.test:8443"}
        case "type":
            changed = {"type": "webauthn.create"}
        case "cross":
            changed = {"crossOrigin": True}
        case "challenge":
            changed = {"challenge": bytes_to_base64url(bytes(32))}
        case "unverified":
            phone.verifies = False
        case "expired":
            now = NOW + 5 * MINUTE
        case "key":
            phone.key = Authenticator(ORIGIN).key
        case "counter":
            phone.count = 0
        case _:
            phone.handle = uuid4().bytes
    answer = phone.show(authentication_options(connection, premises, None, NOW), **changed)
    assert sign_in_with_passkey(connection, premises, answer, HOME, now) == Wrong()


def test_an_answer_is_good_once(
    connection: Connection, premises: Premises, session: Session, phone: Authenticator
) -> None:
    """Also of a device without a counter; and a wrong one uses its challenge up."""
    phone.counts = False
    registered(connection, premises, session, phone)
    answer = phone.show(authentication_options(connection, premises, None, NOW))
    entered(sign_in_with_passkey(connection, premises, answer, HOME, NOW))
    assert sign_in_with_passkey(connection, premises, answer, HOME, NOW) == Wrong()
    options = authentication_options(connection, premises, None, NOW)
    assert sign_in_with_passkey(connection, premises, phone.show(options, origin="https://x"), HOME, NOW) == Wrong()
    assert sign_in_with_passkey(connection, premises, phone.show(options), HOME, NOW) == Wrong()


def test_a_passkey_opens_its_own_account_alone(
    connection: Connection, premises: Premises, ann: Account, session: Session, phone: Authenticator
) -> None:
    """Neither the second step of somebody else's, nor an account that has ended."""
    registered(connection, premises, session, phone)
    bob = make_account(connection, f"bob-{uuid4()}", None, NOW)
    cookie = begin_session(connection, bob.account_id, NOW, factor=False, agent="")
    other, laptop = session_of(connection, cookie), Authenticator(ORIGIN)
    registered(connection, premises, other, laptop)
    options = authentication_options(connection, premises, other, NOW)
    assert show_passkey(connection, premises, other, phone.show(options), HOME, NOW) == Wrong()
    for_all = authentication_options(connection, premises, None, NOW)
    assert show_passkey(connection, premises, other, laptop.show(for_all), HOME, NOW) == Wrong()
    end_account(connection, ann.account_id, NOW)
    answer = phone.show(authentication_options(connection, premises, None, NOW))
    assert sign_in_with_passkey(connection, premises, answer, HOME, NOW) == Wrong()


def test_a_passkey_is_registered_once_and_removed(
    connection: Connection, premises: Premises, ann: Account, session: Session, phone: Authenticator
) -> None:
    """By a session whose last proof is recent; nobody removes another's."""
    registered(connection, premises, session, phone)
    with pytest.raises(BadUserInput, match="already"):
        registered(connection, premises, session, phone)
    key_id = bytes_to_base64url(phone.credential_id)
    bob = make_account(connection, f"bob-{uuid4()}", None, NOW)
    cookie = begin_session(connection, bob.account_id, NOW, factor=False, agent="")
    for unknown in (key_id, "", "\x00"):
        with pytest.raises(BadUserInput, match="no such"):
            end_passkey(connection, premises, session_of(connection, cookie), unknown, NOW)
    with pytest.raises(Unauthenticated):
        end_passkey(connection, premises, session, key_id, NOW + timedelta(hours=1))
    with pytest.raises(Unauthenticated):
        registration_options(connection, premises, session, NOW + timedelta(hours=1))
    assert factors_of(connection, ann.account_id).any
    end_passkey(connection, premises, session, key_id, NOW)
    assert not factors_of(connection, ann.account_id).any
    assert kinds(connection, ann) == ["factor_changed"] * 2


@pytest.mark.parametrize("answer", MALFORMED, ids=range(len(MALFORMED)))
def test_what_is_no_answer_is_refused(
    connection: Connection, premises: Premises, session: Session, answer: str
) -> None:
    with pytest.raises(BadUserInput):
        add_passkey(connection, premises, session, answer, "Phone", NOW)
    assert sign_in_with_passkey(connection, premises, answer, HOME, NOW) == Wrong()


def test_parts_of_an_answer_that_are_broken_are_refused(
    connection: Connection, premises: Premises, session: Session, phone: Authenticator
) -> None:
    """Each part of a good answer, cut, emptied, or of another type: never a defect."""
    registered(connection, premises, session, phone)
    for part in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        for broken in ("", "AAAA", 7, None, "!!", {"a": 1}):
            answer = json.loads(phone.show(authentication_options(connection, premises, None, NOW)))
            answer["response"][part] = broken
            step = sign_in_with_passkey(connection, premises, json.dumps(answer), HOME, NOW)
            assert step == Wrong() or (part, broken) == ("userHandle", None), (part, broken)
    for part in ("clientDataJSON", "attestationObject"):
        for broken in ("", "AAAA", 7, None, "!!", {"a": 1}):
            answer = json.loads(Authenticator(ORIGIN).make(registration_options(connection, premises, session, NOW)))
            answer["response"][part] = broken
            with pytest.raises(BadUserInput):
                add_passkey(connection, premises, session, json.dumps(answer), "Phone", NOW)


@pytest.mark.parametrize("name", ["x" * 61, "a\x00", "a\u202eb"])
def test_a_name_is_one_plain_line(
    connection: Connection, premises: Premises, ann: Account, session: Session, phone: Authenticator, name: str
) -> None:
    with pytest.raises(BadUserInput, match="name"):
        registered(connection, premises, session, phone, name)
    assert not factors_of(connection, ann.account_id).any
