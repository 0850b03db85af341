"""The files of `policies/`, which ship beside this package."""

from functools import cache
from pathlib import Path

from server.policies.ceiling import Ceiling
from server.policies.rule_book import RuleBook


def _text(name: str) -> str:
    folder = Path(__file__).resolve().parents[2] / "policies"
    return (folder / name).read_text(encoding="utf-8")


@cache
def model_text() -> str:
    """policies/model.conf: the Casbin model of every school's book."""
    return _text("model.conf")


@cache
def guardrails_model_text() -> str:
    """policies/guardrails.conf: the Casbin model of the ceiling."""
    return _text("guardrails.conf")


@cache
def starting_book() -> RuleBook:
    """policies/policy.csv: the rules each new school starts with. Deciding reads stored versions, never this file."""
    return RuleBook.from_csv(_text("policy.csv"))


@cache
def shipped_ceiling() -> Ceiling:
    """policies/guardrails.conf and guardrails.csv."""
    return Ceiling(RuleBook.from_csv(_text("guardrails.csv")), guardrails_model_text())
