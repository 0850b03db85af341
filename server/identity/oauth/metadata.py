"""What clients read about this server before they ask it anything (RFC 8414, RFC 9728)."""

from __future__ import annotations

from typing import Any

from server.identity.issuer import Issuer
from server.identity.oauth.assertions import ALGORITHMS
from server.identity.oauth.clients import METHODS

ENDPOINTS = {
    "token_endpoint": "/oauth/token",
    "revocation_endpoint": "/oauth/revoke",
    "introspection_endpoint": "/oauth/introspect",
}
JWKS = "/oauth/jwks"
GRANTS = "/oauth/grants"
"""Of this server, and in no RFC: where a program lists what schools granted it."""


def server_metadata(issuer: Issuer) -> dict[str, Any]:
    """RFC 8414, section 2."""
    found: dict[str, Any] = {"issuer": issuer.url, "jwks_uri": issuer.at(JWKS), "grants_endpoint": issuer.at(GRANTS)}
    for name, path in ENDPOINTS.items():
        found[name] = issuer.at(path)
        found[f"{name}_auth_methods_supported"] = list(METHODS)
        found[f"{name}_auth_signing_alg_values_supported"] = ALGORITHMS
    return {**found, "grant_types_supported": ["client_credentials"], "response_types_supported": []}


def resource_metadata(issuer: Issuer) -> dict[str, Any]:
    """RFC 9728, section 2, of the whole API: a token names one school of it."""
    return {
        "resource": issuer.url,
        "authorization_servers": [issuer.url],
        "jwks_uri": issuer.at(JWKS),
        "bearer_methods_supported": ["header"],
        "resource_name": "Usher",
    }
