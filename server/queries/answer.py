"""The last stage: rows as JSON. Each ask becomes one row with `a`, its JSON, and columns of what it shows of logged elements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, ColumnElement, FromClause, Text, case, cast, func, literal, not_, null, select, true

from server.policies.plan import Plan
from server.queries.ask import (
    Ask,
    CanPick,
    EdgePick,
    ExplainedPick,
    GroupPick,
    IdPick,
    LeafPick,
    Part,
    Pick,
    TallyPick,
    TypenamePick,
    WithheldPick,
    leaves,
)
from server.queries.binding import MARK
from server.queries.binds import SCHOOL
from server.queries.build import Build
from server.queries.conditions import ALWAYS, NEVER, all_of, any_of, when
from server.queries.constants import inline, number
from server.queries.ids import encoded
from server.queries.noun import Leaf, One, Tally, alias
from server.queries.page import counted, orders, page, turned
from server.queries.seen import Logs, Seen, as_columns, gathered, merged
from server.queries.special import Newest, newest_values
from server.queries.telling import told_by
from server.queries.values import build as build_object
from server.queries.values import coerced, listed
from server.queries.view import View
from server.queries.withheld import reasons
from server.tables import SchoolRow


@dataclass(slots=True)
class Made:
    """One object's JSON, and the laterals that it needs beside its rows."""

    json: ColumnElement[Any] = field(default_factory=null)
    children: list[FromClause] = field(default_factory=list[FromClause])
    seen: list[Seen] = field(default_factory=list[Seen])
    special: ColumnElement[Any] | None = None

    def rows(self, view: View) -> Any:
        joined = view.joined()
        for child in self.children:
            joined = joined.outerjoin(child, true())
        return joined


@dataclass(frozen=True, slots=True)
class Hop:
    """An ask's one row: its column `a`, and those that `seen` names."""

    rows: FromClause
    seen: tuple[Seen, ...] = ()

    @property
    def a(self) -> ColumnElement[Any]:
        return self.rows.c.a


def answer(build: Build, ask: Ask, parent: View | None) -> Hop:
    view = page(build, ask, parent)
    if ask.page is not None:
        return _connection(build, ask, view, parent)
    made = _object(build, ask.picks, ask, view)
    seen = _log(build, ask, view, made, parent)
    if ask.kind == "one":
        return _chosen([made.json.label("a")], as_columns(seen), view, made)
    return _chosen([listed(made.json, view.c.rn).label("a")], gathered(seen, _here(view)), view, made)


def keyed(build: Build, ask: Ask) -> Hop:
    """As answer, but `a` is an object of the rows' JSON by their ids, NULL where there is none."""
    view = page(build, ask, None)
    made = _object(build, ask.picks, ask, view)
    found = func.json_object_agg(_id(ask, view), made.json, type_=JSON()).label("a")
    return _chosen([found], gathered(_log(build, ask, view, made), _here(view)), view, made)


def _id(ask: Ask, view: View) -> ColumnElement[Any]:
    return encoded(ask.noun.prefix, view.c[ask.noun.key], view.c.academic_year if ask.noun.yearly else None)


def _chosen(columns: list[Any], logs: Logs, view: View, made: Made) -> Hop:
    return _hop(_lateral(select(*columns, *(log for _, log in logs)), view, made), logs)


def _hop(rows: FromClause, logs: Logs) -> Hop:
    return Hop(rows, tuple(Seen(one.elements, rows.c[log.name]) for one, log in logs))


def _lateral(chosen: Any, view: View, made: Made) -> FromClause:
    whole = chosen.select_from(made.rows(view))
    return whole.lateral(view.name("c"))


def _log(build: Build, ask: Ask, view: View, made: Made, parent: View | None = None) -> list[Seen]:
    """The learner of the row, for each logged element that it shows, was found by or is ordered by; and all from below."""
    read = ask.selected() | {c.filter.element for c in ask.conditions()} | {s.order.element for s in ask.sortings}
    read |= {ask.lookup.element} if ask.lookup is not None and ask.lookup.element is not None else set[str]()
    return merged([*_told(build, read, view), *told_by(build, ask, view, parent), *made.seen])


def _told(build: Build, elements: Iterable[str], view: View) -> list[Seen]:
    """The row's learner, for each logged element that may be read on the row; elements under one plan together."""
    subject = view.owner if view.owner is not None else view.c[view.noun.key]
    together = _by_plan(build, elements)
    return [Seen(tuple(some), when(view.visible(plan), cast(subject, Text))) for plan, some in together.items()]


def _by_plan(build: Build, elements: Iterable[str]) -> dict[Plan, list[str]]:
    """The logged ones among the elements."""
    plans: dict[Plan, list[str]] = {}
    for element in sorted(elements):
        if build.logged(element):
            plans.setdefault(build.plan(element), []).append(element)
    return plans


def _found_by(build: Build, ask: Ask, view: View) -> list[Seen]:
    """What the mere existence of the row in the list tells: the logged elements it was filtered by."""
    return _told(build, {condition.filter.element for condition in ask.conditions()}, view)


def _here(view: View) -> ColumnElement[Any]:
    """PostgreSQL gives an aggregate to the query whose columns it mentions: so this one's are mentioned."""
    return view.c.rn.is_not(None)


def _object(build: Build, picks: tuple[Pick, ...], ask: Ask, view: View) -> Made:
    made = Made()
    _gather_special(build, picks, view, made)
    made.json = build_object([(pick.key, _member(build, pick, picks, ask, view, made)) for pick in picks])
    return made


def _gather_special(build: Build, picks: tuple[Pick, ...], view: View, made: Made) -> None:
    """Where several special-category values are selected, look for all of a learner's at once."""
    elements = {leaf.element for leaf in leaves(picks) if isinstance(leaf.sql, Newest)}
    shown = [build.plan(element) for element in sorted(elements) if not build.plan(element).nothing]
    if len(shown) < (2 if view.few else 3):
        return
    values = newest_values(view, any_of(view.visible(plan) for plan in shown)).lateral(view.name("n"))
    made.children.append(values)
    made.special = values.c.found


def _member(build: Build, pick: Pick, picks: tuple[Pick, ...], ask: Ask, view: View, made: Made) -> ColumnElement[Any]:
    match pick:
        case TypenamePick():
            return inline(pick.name)
        case IdPick():
            return _id(ask, view)
        case LeafPick():
            return _leaf(build, pick.leaf, view, made)
        case GroupPick():
            return build_object([(inner.key, _member(build, inner, picks, ask, view, made)) for inner in pick.picks])
        case ExplainedPick():
            return when(_all_visible(build, view, pick.field.element, pick.field.inputs), pick.field.sql(view))
        case CanPick():
            return func.to_json(view.visible(build.plan(pick.element, pick.action)))
        case WithheldPick():
            return reasons(build, pick, picks, view)
        case EdgePick():
            return _edge(build, pick, view, made)
        case TallyPick():
            return _tally(build, pick, view, made)


def _leaf(build: Build, leaf: Leaf, view: View, made: Made) -> ColumnElement[Any]:
    newest = leaf.sql if isinstance(leaf.sql, Newest) else None
    value = newest.among(made.special) if newest and made.special is not None else leaf.sql(view)
    return when(_all_visible(build, view, leaf.element, leaf.inputs), coerced(leaf.type, value))


def _all_visible(build: Build, view: View, element: str, inputs: tuple[str, ...]) -> ColumnElement[Any]:
    return all_of(view.visible(build.plan(one)) for one in (element, *inputs))


def _edge(build: Build, pick: EdgePick, view: View, made: Made) -> ColumnElement[Any]:
    edge = pick.ask.edge
    element = None if edge is None or isinstance(edge, Tally) else edge.element
    if element is not None and build.plan(element).nothing:
        return null()
    child = answer(build, pick.ask, view)
    _adopt(child, made)
    value = child.a if isinstance(edge, One) else func.coalesce(child.a, cast(inline("[]"), JSON), type_=JSON())
    value = child.a if pick.ask.page is not None else value
    return value if element is None else when(view.visible(build.plan(element)), value)


def _adopt(child: Hop, made: Made) -> None:
    made.children.append(child.rows)
    made.seen += child.seen


def _tally(build: Build, pick: TallyPick, view: View, made: Made) -> ColumnElement[Any]:
    """How many rows share each value of the leaf, over rows where it may be read, in order of the values."""
    rows = page(build, pick.ask, view)
    leaf = pick.ask.picks[0]
    assert isinstance(leaf, LeafPick)
    if rows.visible(build.plan(leaf.leaf.element)) is NEVER:
        return cast(inline("[]"), JSON)  # PostgreSQL does not group by a constant
    by = _leaf(build, leaf.leaf, rows, Made())
    logs = gathered(_log(build, pick.ask, rows, Made()), _here(rows))
    counts = [by.label("by"), func.count().label("n"), *(log for _, log in logs)]
    grouped = select(*counts).select_from(rows.joined()).group_by(by).lateral(view.name("y"))
    members = {"value": grouped.c.by, "count": grouped.c.n, "__typename": inline(pick.edge.type)}
    entry = build_object([(key, members[name]) for key, name in pick.shown])
    known = gathered(_hop(grouped, logs).seen, grouped.c.by.is_not(None))
    columns = [listed(entry, grouped.c.by).label("a"), *(log for _, log in known)]
    child = select(*columns).select_from(grouped).where(grouped.c.by.is_not(None)).lateral(view.name("c"))
    _adopt(_hop(child, known), made)
    return child.c.a


def _connection(build: Build, ask: Ask, view: View, parent: View | None) -> Hop:
    assert ask.page is not None
    made, names = Made(), dict[tuple[str, str], str]()
    columns: list[ColumnElement[Any]] = [view.c.rn.label("rn")]
    columns += [_cursor(build, ask, view).label("cursor")] if ask.page.cursors else []
    for part in ask.page.parts:
        for key, picks in part.nodes.items():
            one = _object(build, picks, ask, view)
            made.children += one.children
            made.seen += one.seen
            names[part.key, key] = view.name("o")
            columns.append(one.json.label(names[part.key, key]))
    shown = as_columns(_log(build, ask, view, made, parent), "g")
    # The row beyond the page shows nothing, and hasNextPage tells that it passed the filter.
    beyond = as_columns(_found_by(build, ask, view) if ask.page.asks("pageInfo") else [], "b")
    columns += [log for _, log in (*shown, *beyond)]
    rows = _lateral(select(*columns), view, made)
    inside = rows.c.rn <= build.binding.length(ask)
    members = [(part.key, _part(build, ask, part, rows, names, inside, parent)) for part in ask.page.parts]
    known = gathered(_hop(rows, shown).seen, inside) + gathered(_hop(rows, beyond).seen, not_(inside), "b")
    if ask.page.asks("totalCount") and _countable(build, ask):
        known += as_columns(_told_by_count(build, ask, parent), "n")
    chosen = select(build_object(members).label("a"), *(log for _, log in known)).select_from(rows)
    # HAVING makes it one row, whatever is selected: totalCount alone aggregates nothing of the page.
    return _hop(chosen.having(ALWAYS).lateral(view.name("c")), known)


def _part(
    build: Build,
    ask: Ask,
    part: Part,
    rows: FromClause,
    names: dict[tuple[str, str], str],
    inside: ColumnElement[Any],
    parent: View | None,
) -> ColumnElement[Any]:
    assert ask.page is not None
    backwards = turned(ask.page)
    match part.name:
        case "edges":
            edge = build_object(
                [
                    (
                        key,
                        rows.c[names[part.key, key]]
                        if name == "node"
                        else (rows.c.cursor if name == "cursor" else inline(f"{ask.noun.name}Edge")),
                    )
                    for key, name in part.shown
                ]
            )
            return listed(edge, rows.c.rn, descending=backwards, only=inside)
        case "nodes":
            return listed(rows.c[names[part.key, ""]], rows.c.rn, descending=backwards, only=inside)
        case "pageInfo":
            return _page_info(build, ask, part, rows, inside)
        case "totalCount":
            return _total(build, ask, parent)
        case "partial":
            return _constant(partial(build, ask))
        case _:
            return inline(ask.page.type)


def _page_info(build: Build, ask: Ask, part: Part, rows: FromClause, inside: ColumnElement[Any]) -> ColumnElement[Any]:
    assert ask.page is not None
    backwards = turned(ask.page)
    further = func.to_json(func.count() > build.binding.length(ask))
    came = _constant(ask.page.after is not None or ask.page.before is not None)
    known: dict[str, ColumnElement[Any]] = {
        "hasNextPage": came if backwards else further,
        "hasPreviousPage": further if backwards else came,
        "__typename": inline("PageInfo"),
    }
    if ask.page.cursors:
        cursors = listed(rows.c.cursor, rows.c.rn, descending=backwards, only=inside)
        known |= {"startCursor": cursors.op("->>")(number(0)), "endCursor": cursors.op("->>")(number(-1))}
    return build_object([(key, known[name]) for key, name in part.shown])


def _cursor(build: Build, ask: Ask, view: View) -> ColumnElement[Any]:
    """The mark of a cursor: see cursors.py."""
    place = build.binding.place(ask, orders(ask))
    keys = [cast(column, Text) for column in view.rows.c if column.name.startswith("key") and column.name[3:].isdigit()]
    packed = cast(func.json_build_array(*keys), Text)
    coded = func.encode(func.convert_to(packed, inline("UTF8")), inline("hex"))
    return inline("cur.").op("||")(MARK).op("||")(inline(f".{place}.")).op("||")(coded)


def _total(build: Build, ask: Ask, parent: View | None) -> ColumnElement[Any]:
    """Only rows that the caller may read are counted, and only where counting is allowed and the number not small."""
    if not _countable(build, ask):
        return null()
    number_of = counted(build, ask, parent, lambda _: func.count())
    if not any("suppress" in build.plan(element, "count").duties for element in ask.counted()):
        return number_of
    school = alias(SchoolRow)
    threshold = select(school.c.suppression_threshold).where(school.c.school_id == SCHOOL).scalar_subquery()
    return case((number_of >= threshold, number_of), else_=null())


def _countable(build: Build, ask: Ask) -> bool:
    return all(build.plan(element, "count").covers(build.plan(element)) for element in ask.counted())


def _told_by_count(build: Build, ask: Ask, parent: View | None) -> list[Seen]:
    """A count by a logged filter tells of every row that passed."""

    def gathered(some: list[str]) -> ColumnElement[Any]:
        def ids(view: View) -> ColumnElement[Any]:
            return func.string_agg(_told(build, some, view)[0].ids, inline(","), type_=Text())

        return counted(build, ask, parent, ids)

    together = _by_plan(build, {condition.filter.element for condition in ask.conditions()})
    return [Seen(tuple(some), gathered(some)) for some in together.values()]


def partial(build: Build, ask: Ask) -> bool:
    """Whether a filter could read only part of the rows that exist, from the plans alone."""
    rows = [build.plan(element) for element in ask.existing()]
    read = {condition.filter.element for condition in ask.conditions()}
    return any(not build.plan(element).covers(row) for element in read for row in rows)


def _constant(value: bool) -> ColumnElement[Any]:
    return cast(literal("true" if value else "false", literal_execute=True), JSON)
