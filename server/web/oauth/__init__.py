"""The OAuth endpoints over HTTP."""
