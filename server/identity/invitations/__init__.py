"""Invitations to accounts: their codes, and the way from a code to an account."""
