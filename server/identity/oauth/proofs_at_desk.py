"""The DPoP proof of a request to the authorization server (RFC 9449, section 5)."""

# pyright's stubs are of an older authlib: what they say of its classes isn't so.
# pyright: basic
from __future__ import annotations

from typing import Any, cast

from authlib.oauth2 import OAuth2Error

from server.identity.oauth.dpop import BadProof, read_proof, use_proof
from server.identity.oauth.requests import FormRequest
from server.identity.oauth.server import Desk


class InvalidDPoPProofError(OAuth2Error):
    """RFC 9449, section 5."""

    error = "invalid_dpop_proof"


def shown_key(desk: Desk, request: Any) -> str | None:
    """The thumbprint of the key that the request's proof was made by; None for a request without a proof.

    Raises InvalidDPoPProofError. The proof is used up.
    """
    text = cast("FormRequest", request).proof
    if text is None:
        return None
    try:
        proof = read_proof(text, "POST", request.uri, desk.now)
        use_proof(desk.connection, proof, desk.now)
    except BadProof as bad:
        raise InvalidDPoPProofError(bad.sentence) from None
    return proof.jkt
