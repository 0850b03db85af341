"""The second stage: the rows that exist for the caller and pass the filters, in order, and no more than asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, null, or_, select

from server.errors import Forbidden, ForbiddenArgument
from server.policies.plan import Plan
from server.queries.ask import LEARNER_EXISTS, SHOWN_ON_LINES, AnyOf, Ask, Condition, Page, Wanted, existence
from server.queries.build import Build
from server.queries.comparisons import compare
from server.queries.conditions import ALWAYS, NEVER, all_of, any_of, when
from server.queries.constants import number
from server.queries.noun import Many
from server.queries.nouns import NOUNS
from server.queries.source import proven, source
from server.queries.telling import untold
from server.queries.view import View

_LINES: Final = NOUNS["Report"].field("lines")
assert isinstance(_LINES, Many)
Key = tuple[ColumnElement[Any], bool]
# A cursor outlives the rule book it was made under: a key that nobody may read now keeps its place.
_WITHHELD: Final[ColumnElement[Any]] = cast(null(), Text())


def page(build: Build, ask: Ask, parent: View | None) -> View:
    """Rows with `rn`, their place in the order; a connection's page holds one row more than it shows."""
    view = source(build, ask, parent)
    conditions = [*_exists(build, ask, view, parent), *_filtered(build, ask.wanted, view)]
    if ask.kind == "one":
        _answerable(ask, parent, conditions)
        return _over(view, select(*view.rows.c).select_from(view.joined()).where(*conditions).limit(number(1)))
    keys = _keys(build, ask, view)
    backwards = ask.page is not None and turned(ask.page)
    if ask.page is not None and (ask.page.after or ask.page.before):
        conditions.append(_beyond(build, ask, ask.page, keys))
    ordering = [_ordered(key, backwards) for key in keys if key[0] is not _WITHHELD]
    size = build.binding.length(ask)
    held = [value.label(f"key{i}") for i, (value, _) in enumerate(keys)] if ask.page and ask.page.cursors else []
    chosen = select(*view.rows.c, *held, func.row_number().over(order_by=ordering).label("rn"))
    chosen = chosen.select_from(view.joined()).where(*conditions).order_by(*ordering)
    return _over(view, chosen.limit(size + 1 if ask.page else size))


def _answerable(ask: Ask, parent: View | None, conditions: list[ColumnElement[Any]]) -> None:
    """A root field that finds its row without being told which is never null."""
    if parent is None and ask.lookup is None and any(condition is NEVER for condition in conditions):
        said = ".".join(map(str, ask.path))
        raise Forbidden(f"{said} is not for this account: no rule of the school opens it.", ask.path)


def counted(build: Build, ask: Ask, parent: View | None, what: Callable[[View], ColumnElement[Any]]) -> Any:
    """An aggregate over all rows of the list, whatever the page shows, as a scalar subquery."""
    whole = Ask(ask.noun, "list", ask.edge, (), ask.arguments, ask.wanted, lookup=ask.lookup)
    view = source(build, whole, parent)
    conditions = [*_exists(build, whole, view, parent), *_filtered(build, whole.wanted, view)]
    aggregate = what(view)
    return select(aggregate).select_from(view.joined()).where(*conditions).scalar_subquery()


def turned(page: Page) -> bool:
    """Whether the page is read from the end."""
    return page.last is not None or page.before is not None


def orders(ask: Ask) -> str:
    return ",".join(f"{sorting.order.name}{'-' if sorting.descending else '+'}" for sorting in ask.sortings)


def _over(view: View, chosen: Any) -> View:
    return view.over(chosen.lateral(view.name("p")))


def _exists(build: Build, ask: Ask, view: View, parent: View | None) -> list[ColumnElement[Any]]:
    found = [_any_visible(build, ask, view), untold(build, ask, view)]
    if ask.noun.owner is not None and not proven(ask, parent):
        found.append(view.visible(build.plan(LEARNER_EXISTS), as_learner=True))
    if ask.lookup is not None and ask.lookup.element is not None:
        found.append(view.visible(_argument(build, ask.lookup.element, ask.lookup.path)))
    if isinstance(ask.edge, Many) and ask.edge.target_element:
        found.append(view.visible(build.plan(ask.edge.target_element)))
    return [condition for condition in found if condition is not ALWAYS]


def _any_visible(build: Build, ask: Ask, view: View) -> ColumnElement[Any]:
    """At least one element of the noun's existence is readable; for a report, on one of its lines."""
    if ask.noun.name != "Report":
        return any_of(view.visible(build.plan(element)) for element in existence(ask.noun))
    # By the edge, inside the fence: else the relations of every line of the school are evaluated for each report.
    line = source(build, Ask(NOUNS["ReportLine"], "list", _LINES, ()), view)
    shown = any_of(line.visible(build.plan(element)) for element in SHOWN_ON_LINES)
    return exists(select(number(1)).select_from(line.rows).where(shown))


def _filtered(build: Build, wanted: Wanted, view: View) -> list[ColumnElement[Any]]:
    return [_condition(build, part, view) for part in wanted]


def _condition(build: Build, part: Condition | AnyOf, view: View) -> ColumnElement[Any]:
    if isinstance(part, AnyOf):
        return any_of(all_of(_filtered(build, one, view)) for one in part.alternatives)
    visible = view.visible(_argument(build, part.filter.element, part.path))
    return all_of((visible, compare(part, part.filter.sql(view), build.binding)))


def _argument(build: Build, element: str, path: tuple[str | int, ...]) -> Plan:
    plan = build.plan(element)
    if plan.nothing:
        said = ".".join(map(str, path))
        raise ForbiddenArgument(f"{said} reads {element}, which you may not read: leave it out.", path)
    return plan


def _keys(build: Build, ask: Ask, view: View) -> list[Key]:
    """What the rows are ordered by: values where they may be read, then the key."""
    keys: list[Key] = []
    if ask.lookup is not None and ask.lookup.keys is not None:
        keys.append((build.binding.place_of(ask.lookup, view.c[ask.lookup.column]), False))
    for sorting in ask.sortings:
        element = sorting.order.element
        plan = _argument(build, element, sorting.path) if sorting.asked else build.plan(element)
        visible = view.visible(plan)
        value = _WITHHELD if visible is NEVER else when(visible, sorting.order.sql(view))
        keys.append((value, sorting.descending))
    return [*keys, (view.c[ask.noun.key], False)]


def _ordered(key: Key, backwards: bool) -> ColumnElement[Any]:
    value, descending = key
    directed = value.desc() if descending != backwards else value.asc()
    return directed.nulls_first() if backwards else directed.nulls_last()


def _beyond(build: Build, ask: Ask, page: Page, keys: list[Key]) -> ColumnElement[Any]:
    """The rows after the cursor in order (before it, for a page read from the end); withheld values come last."""
    bound = build.binding.bounds(ask, orders(ask))
    backwards = page.before is not None
    found: list[ColumnElement[Any]] = []
    same: list[ColumnElement[Any]] = []
    for position, (value, descending) in enumerate(keys):
        at = cast(build.binding.opened(page, bound, position), value.type)
        further = value < at if descending != backwards else value > at
        end = and_(at.is_(None), value.is_not(None)) if backwards else and_(value.is_(None), at.is_not(None))
        found.append(and_(*same, or_(further, end)))
        same = [*same, value.is_not_distinct_from(at)]
    return or_(*found)
