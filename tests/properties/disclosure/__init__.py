"""Attacks on the figures that count-only callers are told."""
