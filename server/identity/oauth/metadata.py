"""What clients read about this server before they ask it anything (RFC 8414, RFC 9728)."""

from __future__ import annotations

from typing import Any, Final

from server.identity.issuer import Issuer
from server.identity.oauth.assertions import ALGORITHMS
from server.identity.oauth.clients import METHODS, PROVED
from server.identity.oauth.scopes import SCOPES

AUTHORIZATION: Final = "/oauth/authorize"
PUSHED: Final = "/oauth/par"
ENDPOINTS: Final = {
    "token_endpoint": "/oauth/token",
    "revocation_endpoint": "/oauth/revoke",
    "introspection_endpoint": "/oauth/introspect",
}
_METHODS: Final = {"introspection_endpoint": PROVED}
"""Of endpoints that a client without proof is not answered at."""
JWKS = "/oauth/jwks"
GRANTS = "/oauth/grants"
"""Of this server, and in no RFC: where a program lists what schools granted it."""
PURGES = "/oauth/purges"
"""Likewise: below it, by school and purge, where it says that it deleted what it had read."""
DOCUMENTS = "/oauth/documents"
"""Likewise: where it registers its documents."""


def server_metadata(issuer: Issuer) -> dict[str, Any]:
    """RFC 8414, section 2; RFC 9126, section 5; RFC 9207, section 3; RFC 9449, section 5.1."""
    found: dict[str, Any] = {"issuer": issuer.url, "jwks_uri": issuer.at(JWKS), "grants_endpoint": issuer.at(GRANTS)}
    found["purges_endpoint"] = issuer.at(PURGES)
    found["documents_endpoint"] = issuer.at(DOCUMENTS)
    for name, path in ENDPOINTS.items():
        found[name] = issuer.at(path)
        found[f"{name}_auth_methods_supported"] = list(_METHODS.get(name, METHODS))
        found[f"{name}_auth_signing_alg_values_supported"] = ALGORITHMS
    return {
        **found,
        "authorization_endpoint": issuer.at(AUTHORIZATION),
        "pushed_authorization_request_endpoint": issuer.at(PUSHED),
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "scopes_supported": list(SCOPES),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "dpop_signing_alg_values_supported": ALGORITHMS,
    }


def resource_metadata(issuer: Issuer) -> dict[str, Any]:
    """RFC 9728, section 2, of the whole API: a token names one school of it."""
    return {
        "resource": issuer.url,
        "authorization_servers": [issuer.url],
        "jwks_uri": issuer.at(JWKS),
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": ALGORITHMS,
        "scopes_supported": list(SCOPES),
        "resource_name": "Usher",
    }
