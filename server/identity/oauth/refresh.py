"""New tokens for a refresh token, which is used up by it (OAuth 2.1, section 4.3).

Whoever brings a used one again ends the whole family: the app or a thief has the newer one, and nobody can tell which. The
same app that asks again because an answer was lost is no exception (docs/decisions/0151).
"""

# pyright's stubs are of an older authlib: what they say of its classes isn't so.
# pyright: basic, reportOptionalMemberAccess=false, reportReturnType=false, reportIncompatibleMethodOverride=false
from __future__ import annotations

from typing import Any, ClassVar, cast

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant

from server.identity.oauth.app_tokens import Holder, app_answer
from server.identity.oauth.clients import METHODS, OAuthClient
from server.identity.oauth.families import end_families
from server.identity.oauth.hats_in_force import wears
from server.identity.oauth.proofs_at_desk import shown_key
from server.identity.oauth.refresh_tokens import RefreshToken, give_refresh_token, take_refresh_token, use_up
from server.identity.oauth.scopes import OFFLINE, narrowed
from server.identity.oauth.server import Desk
from server.identity.oauth.targets import InvalidTargetError

_SPENT = "The refresh token is not good any more, or was not given to this client: have the person sign in again."


class Refresh(RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = list(METHODS)

    def validate_token_request(self) -> None:
        client = cast("OAuthClient", self.authenticate_token_endpoint_client())
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("People can not sign in with this client: it has no address for codes.")
        desk, form = cast("Desk", self.server), self.request.form
        if "refresh_token" not in form:
            raise InvalidRequestError("Send the refresh token.")
        self.request.client = client
        self.jkt = shown_key(desk, self.request)
        token = take_refresh_token(desk.connection, form["refresh_token"])
        if token is None or not token.check_client(client):
            raise InvalidGrantError(_SPENT)
        self._check(desk, token)
        self.scopes = narrowed(token.scopes, form.get("scope"))
        self.request.refresh_token = token

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        desk, token = cast("Desk", self.server), cast("RefreshToken", self.request.refresh_token)
        use_up(desk.connection, token, desk.now)
        following = give_refresh_token(desk.connection, token.family_id, token.account_id, desk.now, token.family_until)
        holder = Holder(
            token.family_id, token.client_id, token.school_id, token.person_id, token.capacity, token.authenticated_at,
            token.factor,
        )  # fmt: skip
        body = app_answer(desk, holder, self.scopes | {OFFLINE}, self.jkt, following)
        return 200, body, self.TOKEN_RESPONSE_HEADER

    def _check(self, desk: Desk, token: RefreshToken) -> None:
        """Raises InvalidGrantError and InvalidTargetError."""
        if token.used or not token.is_good(desk.now):
            if token.used:
                end_families(desk.connection, desk.now, family_id=token.family_id, ending="REFRESH_REUSED")
            raise InvalidGrantError(_SPENT)
        if token.jkt is not None and token.jkt != self.jkt:
            raise InvalidGrantError("This refresh token is bound to a key: send a DPoP proof by it.")
        if self.request.form.get("resource", "") not in ("", desk.issuer.school(token.school_id)):
            raise InvalidTargetError("The refresh token is for another school: have the person sign in there.")
        if not wears(desk.connection, token.account_id, token.school_id, token.person_id, token.capacity, desk.now):
            end_families(desk.connection, desk.now, family_id=token.family_id, ending="HAT_ENDED")
            raise InvalidGrantError(_SPENT)
