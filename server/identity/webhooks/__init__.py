"""Webhooks: where programs are told that there is news, and how they know that it is us who tell."""
