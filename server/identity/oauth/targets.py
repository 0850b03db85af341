"""What a token is asked for: a school, by its address (RFC 8707)."""

# pyright's stubs are of an older authlib: what they say of its classes isn't so.
# pyright: basic
from __future__ import annotations

from authlib.oauth2 import OAuth2Error


class InvalidTargetError(OAuth2Error):
    """RFC 8707, section 2."""

    error = "invalid_target"
