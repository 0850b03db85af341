"""Tokens for the code that a person's browser brought back (OAuth 2.1, section 4.1.3; RFC 7636)."""

# pyright's stubs are of an older authlib: what they say of its classes isn't so.
# pyright: basic, reportOptionalMemberAccess=false, reportReturnType=false
from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, cast

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant

from server.identity.oauth.app_tokens import Holder, app_answer
from server.identity.oauth.clients import METHODS, OAuthClient
from server.identity.oauth.codes import Code, remember_family, take_code
from server.identity.oauth.families import begin_family, end_families, family_end
from server.identity.oauth.hats_in_force import wears
from server.identity.oauth.proofs_at_desk import shown_key
from server.identity.oauth.refresh_tokens import give_refresh_token
from server.identity.oauth.scopes import OFFLINE
from server.identity.oauth.server import Desk

_SPENT = "The code is not good any more, or was not given to this client for this."


class AuthorizationCode(AuthorizationCodeGrant):
    """A code is used up by the first who brings it for its client, whatever else is wrong with the request."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = list(METHODS)

    @classmethod
    def check_authorization_endpoint(cls, request: Any) -> bool:  # noqa: ARG003 - pages answer that endpoint
        return False

    def validate_token_request(self) -> None:
        client = cast("OAuthClient", self.authenticate_token_endpoint_client())
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("People can not sign in with this client: it has no address for codes.")
        desk, form = cast("Desk", self.server), self.request.form
        if "code" not in form:
            raise InvalidRequestError("Send the code.")
        self.request.client = client
        # Before the code, so that a proof which can't be believed costs nobody a code.
        self.jkt = shown_key(desk, self.request)
        code = take_code(desk.connection, form["code"], client.client_id, desk.now)
        if code is None:
            raise InvalidGrantError(_SPENT)
        self._check(desk, code)
        self.request.authorization_code = code

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        desk, code = cast("Desk", self.server), cast("Code", self.request.authorization_code)
        client, new = cast("OAuthClient", self.request.client), code.new
        # A client that proves itself by a key or a secret may change the key that its tokens are bound to.
        family = replace(new, jkt=self.jkt if client.is_public else None)
        family_id = begin_family(desk.connection, family, desk.now)
        remember_family(desk.connection, code, family_id)
        refresh = None
        if OFFLINE in new.scopes:
            until = family_end(new.capacity, desk.now)
            refresh = give_refresh_token(desk.connection, family_id, new.account_id, desk.now, until)
        holder = Holder(
            family_id, new.client_id, new.school_id, new.person_id, new.capacity, new.authenticated_at, new.factor
        )
        return 200, app_answer(desk, holder, new.scopes, self.jkt, refresh), self.TOKEN_RESPONSE_HEADER

    def _check(self, desk: Desk, code: Code) -> None:
        """Raises InvalidGrantError; of a code that was used before, with the end of what was given out for it."""
        form = self.request.form
        if code.used:
            if code.family_id is not None:
                end_families(desk.connection, desk.now, family_id=code.family_id, ending="CODE_REUSED")
            raise InvalidGrantError(_SPENT)
        bound = code.jkt is None or code.jkt == self.jkt
        same = form.get("redirect_uri") == code.redirect_uri and code.is_for(form.get("code_verifier", ""))
        new = code.new
        worn = wears(desk.connection, new.account_id, new.school_id, new.person_id, new.capacity, desk.now)
        if not (bound and same and worn and desk.now < code.expires_at):
            raise InvalidGrantError(_SPENT)
