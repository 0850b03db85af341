"""Faults, made on purpose: `make drill`. Each drill prints its figures, and fails where one falls short."""
