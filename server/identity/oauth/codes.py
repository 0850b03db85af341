"""Authorization codes: for one minute, for one use, for one client, for whoever made the challenge."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID, uuid4

from server.errors import Unauthenticated
from server.identity.oauth.authorization import AppRequest
from server.identity.oauth.clients import Connection, digest
from server.identity.oauth.families import NewFamily
from server.identity.people.hats import Hat
from server.identity.people.sessions import Session

LIFETIME: Final = timedelta(minutes=1)
# How long it is known that a code was used: whoever brings it again ends what was given out for it.
_REMEMBERED: Final = timedelta(days=1)
_VERIFIER: Final = re.compile(r"[A-Za-z0-9\-._~]{43,128}")

# Whoever signs out waits for this, and then ends the code that it made.
_SIGNED_IN: LiteralString = "SELECT 1 FROM usher.browser_session WHERE session_id = %s AND ended_at IS NULL FOR SHARE"
_CONSENT: LiteralString = """
INSERT INTO usher.app_consent (consent_id, account_id, client_id, school_id, person_id, capacity, scope, given_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
_FORGET: LiteralString = "DELETE FROM usher.authorization_code WHERE client_id = %s AND expires_at < %s"
_FORGET_PUSHED: LiteralString = "DELETE FROM usher.pushed_request WHERE request_digest = %s"
_GIVE: LiteralString = """
INSERT INTO usher.authorization_code (code_digest, client_id, account_id, session_id, school_id, person_id, capacity,
  scope, consent_id, redirect_uri, challenge, jkt, authenticated_at, factor, expires_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
# Of many who bring it at once the first has it, and the others see that it was used.
TAKE: LiteralString = """
SELECT account_id, session_id, school_id, person_id, capacity, string_to_array(scope, ' '), consent_id, redirect_uri,
  challenge, jkt, authenticated_at, factor, expires_at, used_at, family_id
FROM usher.authorization_code WHERE code_digest = %s AND client_id = %s FOR UPDATE
"""
_USE: LiteralString = "UPDATE usher.authorization_code SET used_at = %s WHERE code_digest = %s"
_GAVE: LiteralString = "UPDATE usher.authorization_code SET family_id = %s WHERE code_digest = %s"


@dataclass(frozen=True, slots=True)
class Code:
    """`new` is what a family is begun with for it; `used`: somebody brought it before, and `family_id` is what they got."""

    key: str
    new: NewFamily
    redirect_uri: str
    challenge: str
    jkt: str | None
    expires_at: datetime
    used: bool
    family_id: UUID | None

    def is_for(self, verifier: str) -> bool:
        """Whether the challenge was made of it, by S256 (RFC 7636, section 4.6)."""
        if not _VERIFIER.fullmatch(verifier):
            return False
        made = urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode()
        return hmac.compare_digest(made, self.challenge)


def give_code(
    connection: Connection, request: AppRequest, session: Session, hat: Hat, now: datetime, *, consented: bool
) -> str:
    """The code's text, which stands nowhere else; with `consented` the consent is recorded.

    Raises Unauthenticated where the session has ended meanwhile.
    """
    if connection.execute(_SIGNED_IN, [session.session_id]).fetchone() is None:
        raise Unauthenticated("This session is over: sign in again.")
    client_id, scope = request.client.client_id, " ".join(sorted(request.scopes))
    who = (hat.school_id, hat.person_id, hat.capacity, scope)
    consent_id = uuid4() if consented else None
    if consent_id is not None:
        connection.execute(_CONSENT, [consent_id, session.account_id, client_id, *who, now])
    if request.pushed is not None:
        connection.execute(_FORGET_PUSHED, [request.pushed])
    connection.execute(_FORGET, [client_id, now - _REMEMBERED])
    code = secrets.token_urlsafe(32)
    authenticated = session.factor_at or session.begun_at
    row = (
        digest(code), client_id, session.account_id, session.session_id, *who, consent_id, request.asking.redirect_uri,
        request.challenge, request.jkt, authenticated, session.factor_at is not None, now + LIFETIME,
    )  # fmt: skip
    connection.execute(_GIVE, row)
    return code


def take_code(connection: Connection, text: str, client_id: str, now: datetime) -> Code | None:
    """The client's code of that text, used up from now on, whatever comes of it; None where there is none."""
    row = connection.execute(TAKE, [digest(text), client_id]).fetchone()
    if row is None:
        return None
    account_id, session_id, school_id, person_id, capacity, scopes, consent_id, redirect_uri, *rest = row
    challenge, jkt, authenticated_at, factor, expires_at, used_at, family_id = rest
    if used_at is None:
        connection.execute(_USE, [now, digest(text)])
    new = NewFamily(
        client_id, account_id, session_id, school_id, person_id, capacity, frozenset(scopes), consent_id,
        authenticated_at, factor,
    )  # fmt: skip
    return Code(digest(text), new, redirect_uri, challenge, jkt, expires_at, used_at is not None, family_id)


def remember_family(connection: Connection, code: Code, family_id: UUID) -> None:
    """What the code was given out for: ended if the code is ever brought again."""
    connection.execute(_GAVE, [family_id, code.key])
