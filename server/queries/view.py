"""A hop's rows while a statement is built: columns, side joins, and which scope relations hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, FromClause, literal_column, true

from server.policies.plan import Plan
from server.queries.conditions import ALWAYS, NEVER, all_of
from server.queries.gates import lets_pass
from server.queries.noun import Asked, Noun
from server.queries.scopes import OF_THE_GUARDIAN, OWNED, of_the_learner


def of_owner(family: str, token: str) -> bool:
    """Whether the relation looks at the row's learner alone; some of a guardian row's look at the guardian."""
    return family in OWNED and of_the_learner(token) and not (family == "guardian" and token in OF_THE_GUARDIAN)


class Columns:
    """Columns of a FROM element by its name in the statement.

    They do not carry the FROM element with them, so that a subquery of a declaration, at whatever depth, refers to the
    outer row and never takes a second copy of it into its own FROM.
    """

    __slots__ = ("_rows",)

    def __init__(self, rows: FromClause) -> None:
        self._rows = rows

    def __getattr__(self, name: str) -> ColumnElement[Any]:
        return self[name]

    def __getitem__(self, name: str) -> ColumnElement[Any]:
        column = self._rows.c[name]
        return literal_column(f"{vars(self._rows)['name']}.{column.name}", column.type)

    def __contains__(self, name: str) -> bool:
        return name in self._rows.c


class View:
    """`flags` maps (relation, whether of the row's learner) to a column or constant; what is missing is the parent's.
    `few`: there is one row, or a handful."""

    def __init__(
        self,
        noun: Noun,
        rows: FromClause,
        parent: View | None,
        asked: Asked,
        flags: dict[tuple[str, bool], str | ColumnElement[Any]],
        name: Callable[[str], str],
        few: bool,
    ) -> None:
        self.noun = noun
        self.rows = rows
        self.asked = asked
        self._parent = parent
        self._flags = flags
        self.name = name
        self.few = few
        self._sides: dict[str, FromClause] = {}
        self._visible: dict[tuple[Plan, bool], ColumnElement[Any]] = {}

    @property
    def c(self) -> Any:
        return Columns(self.rows)

    @property
    def parent(self) -> View:
        assert self._parent is not None
        return self._parent

    @property
    def owner(self) -> ColumnElement[Any] | None:
        return self.noun.owner(self) if self.noun.owner else None

    def side(self, name: str) -> Any:
        if name not in self._sides:
            self._sides[name] = self.noun.sides[name](self).lateral(self.name("s"))
        return Columns(self._sides[name])

    def over(self, rows: FromClause) -> View:
        """The same hop after `rows` were chosen from it."""
        return View(self.noun, rows, self._parent, self.asked, self._flags, self.name, self.few)

    def joined(self) -> FromClause:
        """The rows with every side join that was asked for until now."""
        joined = self.rows
        for side in self._sides.values():
            joined = joined.outerjoin(side, true())
        return joined

    def flag(self, token: str, learner: bool) -> ColumnElement[Any]:
        if token == "school":  # noqa: S105
            return ALWAYS
        found = self._flags.get((token, learner))
        if found is None:
            return self.parent.flag(token, learner=True)
        return self.c[found] if isinstance(found, str) else found

    def visible(self, plan: Plan, *, as_learner: bool = False) -> ColumnElement[Any]:
        """Whether `plan` passes the row; with `as_learner`, the row's learner."""
        if plan.nothing:
            return NEVER
        found = self._visible.get((plan, as_learner))
        if found is None:
            found = all_of(lets_pass(gate, lambda atom: self._holds(atom, as_learner)) for gate in plan.gates)
            self._visible[plan, as_learner] = found
        return found

    def _holds(self, atom: str, as_learner: bool) -> ColumnElement[Any]:
        if not as_learner:
            return self.flag(atom, of_owner(self.noun.relations, atom))
        # A learner's own row is in no course and in no publication, whatever the row at hand is.
        return self.flag(atom, learner=True) if of_the_learner(atom) else NEVER
