"""Passkeys (Web Authentication, level 3): registering and showing them. The person is always verified by the device, so
that a passkey is two factors by itself: the device, and the finger, face or code that unlocks it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final, LiteralString, cast
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from server.database.blocking_pool import BlockingConnection as Connection
from server.database.storable import plain_line, storable
from server.errors import BadUserInput
from server.identity.people.accounts import account_of
from server.identity.people.challenges import LIFETIME, answered, new_challenge
from server.identity.people.factors import factors_of
from server.identity.people.premises import Premises
from server.identity.people.recovery_codes import end_recovery_codes
from server.identity.people.sessions import Session, pass_factor, recent
from server.identity.people.tidings import tell

MOST: Final = 10
_LONGEST_NAME: Final = 60
_LONGEST_ANSWER: Final = 64 * 1024
_LONGEST_ID: Final = 1400  # of 1023 bytes, which is the most (section 5.8.3), in base64url
_TIMEOUT: Final = int(LIFETIME.total_seconds() * 1000)
# Whatever a library makes of bytes that a stranger sent.
_MALFORMED: Final = (WebAuthnException, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)
_NAME: Final = "Usher"

_ADD: LiteralString = (
    "INSERT INTO usher.passkey (credential_id, account_id, public_key, sign_count, name, made_at) "
    "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (credential_id) DO NOTHING"
)
_FIND: LiteralString = (
    "SELECT k.account_id, k.public_key, k.sign_count FROM usher.passkey AS k "
    "JOIN usher.account AS a ON a.account_id = k.account_id "
    "WHERE k.credential_id = %s AND a.ended_at IS NULL FOR UPDATE OF k"
)
_USED: LiteralString = "UPDATE usher.passkey SET sign_count = %s, used_at = %s WHERE credential_id = %s"
_DROP: LiteralString = "DELETE FROM usher.passkey WHERE account_id = %s AND credential_id = %s"


def registration_options(connection: Connection, premises: Premises, session: Session, now: datetime) -> str:
    """What the browser's `navigator.credentials.create` takes, as JSON.

    Raises Unauthenticated where the session's last proof is too old, BadUserInput for too many.
    """
    recent(session, now)
    known = factors_of(connection, session.account_id).passkeys
    if len(known) >= MOST:
        raise BadUserInput(f"An account has at most {MOST} passkeys: remove one first.", ("passkey",))
    options = generate_registration_options(
        rp_id=premises.rp_id,
        rp_name=_NAME,
        user_id=session.account_id.bytes,
        user_name=session.identity,
        challenge=new_challenge(connection, "register", session.account_id, now),
        timeout=_TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential_id)) for one in known],
    )
    return options_to_json(options)


def add_passkey(
    connection: Connection, premises: Premises, session: Session, credential: str, name: str, now: datetime
) -> str:
    """The text of the cookie from now on: the session has shown a factor. `credential` is the browser's answer, as JSON.

    Raises Unauthenticated where the session's last proof is too old, BadUserInput for an answer that isn't one.
    """
    recent(session, now)
    account = account_of(connection, session.account_id)
    challenge = _challenge(credential)
    if account is None or not answered(connection, challenge, "register", session.account_id, now):
        raise _no_answer()
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=premises.rp_id,
            expected_origin=premises.origin,
            require_user_verification=True,
        )
    except _MALFORMED:
        raise _no_answer() from None
    key_id, key = bytes_to_base64url(made.credential_id), bytes_to_base64url(made.credential_public_key)
    row = [key_id, session.account_id, key, made.sign_count, _named(name), now]
    if len(key_id) > _LONGEST_ID or connection.execute(_ADD, row).rowcount == 0:
        raise BadUserInput("This passkey is registered already.", ("passkey",))
    tell(connection, premises, account, "factor_changed", now, change="A passkey was added.")
    return pass_factor(connection, session.session_id, now)


def authentication_options(connection: Connection, premises: Premises, session: Session | None, now: datetime) -> str:
    """What the browser's `navigator.credentials.get` takes, as JSON; without a session, for whoever has a passkey here."""
    account_id = None if session is None else session.account_id
    known = () if account_id is None else factors_of(connection, account_id).passkeys
    options = generate_authentication_options(
        rp_id=premises.rp_id,
        challenge=new_challenge(connection, "authenticate", account_id, now),
        timeout=_TIMEOUT,
        allow_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential_id)) for one in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def check_passkey(
    connection: Connection, premises: Premises, credential: str, account_id: UUID | None, now: datetime
) -> UUID | None:
    """The account whose passkey it is: that one's, or without one, anybody's. None for an answer that isn't one."""
    try:
        challenge = _challenge(credential)
        key_id = _text(_object(credential).get("id"))
    except BadUserInput:
        return None
    # Used up whatever the answer is worth.
    if not answered(connection, challenge, "authenticate", account_id, now) or len(key_id) > _LONGEST_ID:
        return None
    row = connection.execute(_FIND, [key_id]).fetchone()
    if row is None or account_id not in (None, row[0]):
        return None
    owner: UUID = row[0]
    try:
        shown = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=premises.rp_id,
            expected_origin=premises.origin,
            credential_public_key=base64url_to_bytes(row[1]),
            credential_current_sign_count=row[2],
            require_user_verification=True,
        )
        if not _is_of(credential, owner):
            return None
    except _MALFORMED:
        return None
    connection.execute(_USED, [shown.new_sign_count, now, key_id])
    return owner


def end_passkey(
    connection: Connection, premises: Premises, session: Session, credential_id: str, now: datetime
) -> None:
    """Raises Unauthenticated where the session's last proof is too old, BadUserInput where there is no such passkey."""
    recent(session, now)
    account = account_of(connection, session.account_id)
    known = storable(credential_id, _LONGEST_ID)
    dropped = connection.execute(_DROP, [session.account_id, credential_id]).rowcount if known else 0
    if account is None or dropped == 0:
        raise BadUserInput("There is no such passkey of this account.", ("passkey",))
    if not factors_of(connection, session.account_id).any:
        end_recovery_codes(connection, session.account_id)
    tell(connection, premises, account, "factor_changed", now, change="A passkey was removed.")


def _challenge(credential: str) -> bytes:
    """Of the client data that the browser signed. Raises BadUserInput."""
    response = _object(credential).get("response")
    try:
        held = cast("dict[str, Any]", response)["clientDataJSON"]
        data = json.loads(base64url_to_bytes(_text(held)))
        if data.get("crossOrigin", False) is not False:
            raise _no_answer()
        return base64url_to_bytes(_text(data["challenge"]))
    except (*_MALFORMED, RecursionError):
        raise _no_answer() from None


def _is_of(credential: str, owner: UUID) -> bool:
    """What the authenticator says of whose it is (section 7.2, step 6), where it says something."""
    handle = _object(credential)["response"].get("userHandle")
    return handle is None or base64url_to_bytes(_text(handle)) == owner.bytes


def _object(credential: str) -> dict[str, Any]:
    try:
        found = json.loads(credential) if len(credential) <= _LONGEST_ANSWER else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _no_answer()
    return cast("dict[str, Any]", found)


def _text(value: object) -> str:
    """Raises BadUserInput unless it is text that PostgreSQL can be asked about."""
    if not isinstance(value, str) or not value.isascii() or "\x00" in value:
        raise _no_answer()
    return value


def _named(name: str) -> str:
    found = " ".join(name.split()) or "Passkey"
    if not storable(found, _LONGEST_NAME) or not plain_line(found):
        raise BadUserInput(f"A passkey's name has at most {_LONGEST_NAME} characters on one line.", ("name",))
    return found


def _no_answer() -> BadUserInput:
    return BadUserInput("The passkey did not answer as it should: try again.", ("passkey",))
