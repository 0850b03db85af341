"""Specifications and boundaries as TOML files that people check: one for each qualification version, one for each series."""
