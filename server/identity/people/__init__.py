"""Accounts of people: what they sign in with, and the browsers in which they are signed in."""
