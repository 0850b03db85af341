"""Sign-in by a school's own accounts: OpenID Connect Core 1.0, the authorization code flow with PKCE."""
