"""pycasbin's faults that decided the design: each is shown as it is, beside the reason why it can't bite."""

import ast
import logging
from pathlib import Path
from typing import Any

import pytest
from casbin import Enforcer
from casbin.model import Model

import server
from server.policies.ceiling import Ceiling
from server.policies.decider import Decider
from server.policies.matching import group_matcher, holds, role_matcher, within
from server.policies.planner import MODEL_SHA256, Planner
from server.policies.profile import Profile
from server.policies.rule import Rule, RuleBookInvalid
from server.policies.rule_book import RuleBook
from server.policies.shipped import guardrails_model_text, model_text, shipped_ceiling, starting_book
from server.policies.vocabulary import Capacity

SOURCES = sorted(Path(server.__file__).parent.rglob("*.py"))
TEACHER = Profile(Capacity.STAFF, frozenset({"class_teacher"}))
TAUGHT = frozenset({"school", "taught"})
ALLOW = Rule("r1", "class_teacher", "name", "read", "taught")


def _stock(*rows: list[str], text: str | None = None) -> Any:
    model: Any = Model()
    model.load_model_from_text(text or model_text())
    model["p"]["p"].policy.extend(rows)
    enforcer: Any = Enforcer(model)
    for name, function in (
        ("within", within),
        ("holds", holds),
        ("hasRole", role_matcher(())),
        ("inGroup", group_matcher(())),
    ):
        enforcer.add_function(name, function)
    return enforcer


def _asks(enforcer: Any) -> bool:
    return bool(enforcer.enforce(TEACHER, "name", "read", TAUGHT))


def test_a_capital_letter_would_silently_undo_a_denial() -> None:
    """Casbin ignores the effect `Deny`; a book with it is refused before Casbin sees it."""
    denial = Rule("r2", "class_teacher", "name", "read", "taught", effect="Deny")
    assert _asks(_stock(ALLOW.row(), denial.row()))
    with pytest.raises(RuleBookInvalid, match="small letters"):
        Planner(RuleBook((ALLOW, denial)), shipped_ceiling())


def test_one_short_row_would_break_every_decision() -> None:
    """Casbin raises for all requests; a file with a short row is refused, naming the line."""
    with pytest.raises(RuntimeError, match="invalid policy size"):
        _asks(_stock(ALLOW.row()[:-1]))
    with pytest.raises(RuleBookInvalid, match="line 2"):
        RuleBook.from_csv("# short\np, r1, class_teacher, name, read, taught, -, -")


def test_a_deny_only_effect_would_allow_everyone() -> None:
    """With no rows that effect allows; ours needs an allow, in both models."""
    ours = "e = some(where (p.eft == allow)) && !some(where (p.eft == deny))"
    deny_only = model_text().replace(ours, "e = !some(where (p.eft == deny))")
    assert deny_only != model_text()
    assert _asks(_stock(text=deny_only))
    assert not _asks(_stock())
    assert not _asks(_stock(text=guardrails_model_text()))


def test_a_comma_would_shift_columns_in_an_adapter() -> None:
    """Rows go into the model as lists, and an id with a comma is refused."""
    with pytest.raises(RuleBookInvalid, match="an id is"):
        RuleBook((Rule("r1, x", "class_teacher", "name", "read", "taught"),)).checked()


def test_a_disabled_enforcer_would_allow_everything() -> None:
    """`enable_enforce(False)` answers True to any request, and nothing in the program calls it."""
    enforcer = _stock()
    enforcer.enable_enforce(False)
    assert _asks(enforcer)
    assert _named({"enable_enforce", "load_policy", "load_filtered_policy", "set_model", "clear_policy"}) == set()


def test_only_the_plain_enforcer_is_imported() -> None:
    """The asynchronous and the fast enforcer gave wrong answers; casbin has one importer, which names neither."""
    forbidden = {"AsyncEnforcer", "FastEnforcer", "SyncedEnforcer", "DistributedEnforcer"}
    assert _named(forbidden) == set()
    importers = {path.name for path in SOURCES if any(name.split(".")[0] == "casbin" for name in _imported(path))}
    assert importers == {"decider.py"}


def _named(words: set[str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node, "attr", None) or getattr(node, "id", None) or getattr(node, "name", None)
            if name in words:
                found.add((path.name, str(name)))
    return found


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_a_changed_model_decides_nothing() -> None:
    """Both models are pinned by hash: a longer matcher, or one blank more, is refused."""
    with pytest.raises(RuleBookInvalid, match="hash"):
        Decider(RuleBook(()), model_text() + "\n", MODEL_SHA256)
    with pytest.raises(RuleBookInvalid, match="hash"):
        Ceiling(RuleBook(()), guardrails_model_text().replace("&& holds", "|| holds"))


def test_the_matchers_use_no_eval_and_no_regular_expression() -> None:
    """Only the four total functions and one comparison stand in a matcher."""
    for text in (model_text(), guardrails_model_text()):
        matcher = text.split("[matchers]")[1]
        assert "eval" not in matcher
        assert "Match" not in matcher
        assert matcher.strip() == (
            "m = r.act == p.act && within(r.rels, p.scope) && hasRole(r.sub, p.role)"
            " && inGroup(r.elem, p.elem) && holds(r.sub, p.cond)"
        )


def test_casbin_stays_silent(caplog: pytest.LogCaptureFixture) -> None:
    """It would log each request, profile and all, at INFO."""
    planner = Planner(starting_book(), shipped_ceiling())
    with caplog.at_level(logging.DEBUG):
        planner.plan(TEACHER, "gender", "read")
        planner.enforce(TEACHER, "gender", "read", TAUGHT)
    assert caplog.records == []
