"""What an app asks of a person: the authorization request (OAuth 2.1, section 4.1.1), read to the letter.

PKCE by S256 is demanded of every client. Whatever is wrong is told to the app, by way of its registered address, once it is
certain whose address that is; before, it is told to the person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError, UnsupportedResponseTypeError

from server.identity.issuer import Issuer
from server.identity.oauth.clients import Connection, OAuthClient, find_client
from server.identity.oauth.redirects import sent_to
from server.identity.oauth.scopes import app_scopes
from server.identity.oauth.targets import InvalidTargetError

# Of S256: base64url of 32 bytes.
_DIGEST: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_STATE: Final = re.compile(r"[\x20-\x7e]{0,1000}")

Fields = Mapping[str, Sequence[str]]
"""Each parameter with every value that it was sent with."""


class Unsendable(Exception):
    """What can't be told to any app, since none is known that it may be told to; the sentence is for the person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class SentBack(Exception):
    """An error for the app: `location` is its registered address with the error in it."""

    def __init__(self, location: str) -> None:
        super().__init__()
        self.location = location


class RequestNotSupportedError(OAuth2Error):
    """RFC 9101, section 6.3."""

    error = "request_not_supported"


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and where the answer goes."""

    client: OAuthClient
    redirect_uri: str
    state: str | None
    issuer: Issuer

    def answered(self, **answer: str | None) -> str:
        """The app's address with the answer, with `state` and with `iss` (RFC 9207)."""
        pairs = [*answer.items(), ("state", self.state), ("iss", self.issuer.url)]
        return sent_to(self.redirect_uri, pairs)

    def refused(self, error: str, description: str | None = None) -> str:
        return self.answered(error=error, error_description=description)


@dataclass(frozen=True, slots=True)
class AppRequest:
    """`school_id`: the school whose data are asked for, if the app names one (RFC 8707). `challenge` is that of S256;
    `jkt` the thumbprint of the key that the code is for (RFC 9449, section 10); `pushed` the digest of the stored request.
    """

    asking: Asking
    scopes: frozenset[str]
    challenge: str
    school_id: UUID | None
    jkt: str | None
    pushed: str | None = None

    @property
    def client(self) -> OAuthClient:
        return self.asking.client

    def of(self, pushed: str) -> AppRequest:
        return replace(self, pushed=pushed)


def read_request(connection: Connection, issuer: Issuer, fields: Fields) -> AppRequest:
    """Raises Unsendable and SentBack."""
    asking = _asking(connection, issuer, fields)
    try:
        return check_request(asking, fields)
    except OAuth2Error as error:
        raise SentBack(asking.refused(str(error.error), error.description)) from None


def check_request(asking: Asking, fields: Fields) -> AppRequest:
    """The rest of a request whose client and address are known. Raises OAuth2Error."""
    one = {name: values[0] for name, values in fields.items() if values[0]}
    twice = [name for name, values in fields.items() if len(values) > 1]
    if "resource" in twice:
        raise InvalidTargetError("A token is for one school: name one resource.")
    if twice:
        raise InvalidRequestError("A parameter was sent twice.")
    if "request" in one:
        raise RequestNotSupportedError("Send the parameters themselves, or push them beforehand.")
    if "request_uri" in one:
        raise InvalidRequestError("A pushed request can not name another one.")
    _check_response(one)
    jkt = one.get("dpop_jkt")
    if jkt is not None and not _DIGEST.fullmatch(jkt):
        raise InvalidRequestError("dpop_jkt is no thumbprint of a key.")
    return AppRequest(asking, app_scopes(one.get("scope")), _challenge(one), _school(asking.issuer, one), jkt)


def asking_of(client: OAuthClient, issuer: Issuer, fields: Fields) -> Asking:
    """Raises Unsendable."""
    redirects, states = fields.get("redirect_uri", ()), fields.get("state", ())
    if len(redirects) != 1 or not client.check_redirect_uri(redirects[0]):
        raise Unsendable("The app wants the answer sent to an address that it was not registered with.")
    if len(states) > 1 or not all(_STATE.fullmatch(state) for state in states):
        raise Unsendable("The app sent a state that can not be sent back.")
    return Asking(client, redirects[0], states[0] if states else None, issuer)


def _asking(connection: Connection, issuer: Issuer, fields: Fields) -> Asking:
    ids = fields.get("client_id", ())
    client = find_client(connection, ids[0]) if len(ids) == 1 else None
    if client is None or not client.redirects:
        raise Unsendable("No app of that name is registered here.")
    return asking_of(client, issuer, fields)


def _check_response(one: Mapping[str, str]) -> None:
    kind = one.get("response_type")
    if kind is None:
        raise InvalidRequestError("Say response_type=code.")
    if kind != "code":
        raise UnsupportedResponseTypeError("code", "Codes are the only answer that is given: response_type=code.")
    if one.get("response_mode", "query") != "query":
        raise InvalidRequestError("The answer is sent in the query alone.")


def _challenge(one: Mapping[str, str]) -> str:
    challenge = one.get("code_challenge", "")
    if one.get("code_challenge_method") != "S256" or not _DIGEST.fullmatch(challenge):
        raise InvalidRequestError("Send a code_challenge by S256 (RFC 7636): every app does.")
    return challenge


def _school(issuer: Issuer, one: Mapping[str, str]) -> UUID | None:
    resource = one.get("resource")
    if resource is None:
        return None
    school_id = issuer.school_of(resource)
    if school_id is None:
        raise InvalidTargetError("resource is the address of a school, or left out.")
    return school_id
