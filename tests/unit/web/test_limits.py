"""Limits of documents: each limit at its edge, and none that takes long to find."""

import time
from typing import Any

import pytest
from graphql import SelectionNode, get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from server.errors import LimitExceeded
from server.web import limits as limits_module
from server.web.limits import STANDARD, Limits, check_limits, check_source


def spreading(count: int, times: int = 2) -> str:
    """`count` fragments, each spreading the next `times` times."""
    lines = [f"fragment f{i} on Query {{ {f'...f{i + 1} ' * times} }}" for i in range(count - 1)]
    return "\n".join(("query { ...f0 }", *lines, f"fragment f{count - 1} on Query {{ a }}"))


def refusal(text: str, limits: Limits = STANDARD) -> str | None:
    try:
        check_limits(parse(text), limits)
    except LimitExceeded as error:
        return error.message
    return None


def nested(depth: int) -> str:
    return "{ a " * depth + "}" * depth


ROWS = {
    "depth": (nested(16), nested(17)),
    "fields": (
        "{ a { " + "b " * 999 + "} }",
        "{ a { " + "b " * 1000 + "} }",
    ),
    "aliases": ("{ a { " + "b: b " * 100 + "} }", "{ a { " + "b: b " * 101 + "} }"),
    "directives": ("{ a { " + "b @x " * 100 + "} }", "{ a @x { " + "b @x " * 100 + "} }"),
    "root fields": ("{ " + "a " * 25 + "}", "{ " + "a " * 26 + "}"),
    "definitions": ("".join(f" query q{i} {{ a }}" for i in range(100)), "".join(f" query q{i} {{ a }}" for i in range(101))),
    "fragments": ("query { a }" + "".join(f" fragment f{i} on Q {{ a }}" for i in range(80)),
                  "query { a }" + "".join(f" fragment f{i} on Q {{ a }}" for i in range(81))),
    "spreads": ("query { a { " + "...f " * 250 + "} } fragment f on Q { ...g } fragment g on Q { a }",
                "query { a { " + "...f " * 251 + "} } fragment f on Q { ...g } fragment g on Q { a }"),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_each_limit_has_an_edge(name: str) -> None:
    """The last allowed document passes, and the next one is refused by name."""
    allowed, refused = ROWS[name]
    assert refusal(allowed) is None
    message = refusal(refused)
    assert message is not None
    assert ("deeper" if name == "depth" else name) in message


@pytest.mark.parametrize(
    "text",
    [
        "query { ...f } fragment f on Q { " + "a " * 26 + "}",
        "query { ...f ...f } fragment f on Q { " + "a " * 13 + "}",
        "query { ... on Q { " + "a " * 26 + "} }",
        "query { a { ...f } } fragment f on Q " + nested(16),
        "query { a } query B { " + "a " * 26 + "}",
        "mutation { " + "a " * 26 + "}",
        "query { a { " + "...f " * 11 + "} } fragment f on Q { " + "b: b " * 10 + "}",
        "query " + "@x " * 101 + "{ a }",
        "query { a { ...f } } fragment f on Q @x " + "@x " * 100 + "{ a }",
    ],
)
def test_fragments_hide_nothing(text: str) -> None:
    """What a fragment holds counts wherever it is spread, in every operation of the document."""
    assert refusal(text) is not None


@pytest.mark.parametrize("count", [10, 30, 60, 99])
def test_nested_fragments_are_measured_once(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty fragments that each spread the next one twice: 2^60 fields, found by 120 looks at selections."""
    looks: list[object] = []
    look = limits_module._selection  # pyright: ignore[reportPrivateUsage]

    def counted(node: SelectionNode, known: dict[str, Any]) -> Any:
        looks.append(node)
        return look(node, known)

    monkeypatch.setattr(limits_module, "_selection", counted)
    assert refusal(spreading(count)) is not None
    assert len(looks) <= 2 * (2 * count + 2)


def test_a_long_chain_of_fragments_is_measured() -> None:
    """A chain as long as the document allows adds depth, not recursion."""
    limits = Limits(definitions=5000, fragments=5000, spreads=5000)
    assert refusal(spreading(4000, times=1), limits) is None
    lines = [f"fragment f{i} on Q {{ a {{ ...f{i + 1} }} }}" for i in range(4000)]
    message = refusal("\n".join(("query { ...f0 }", *lines, "fragment f4000 on Q { a }")), limits)
    assert message is not None
    assert "deeper" in message


@pytest.mark.parametrize(
    "text",
    [
        "query { ...a } fragment a on Q { ...a }",
        "query { ...a } fragment a on Q { x ...b } fragment b on Q { x ...c } fragment c on Q { x ...a ...b }",
        "query { ...unknown }",
        "fragment a on Q { ...b } fragment b on Q { ...a }",
    ],
)
def test_cycles_and_unknown_fragments_are_left_to_validation(text: str) -> None:
    """Measuring ends, and refuses nothing."""
    assert refusal(text) is None


def test_introspection_is_exempt_from_depth_alone() -> None:
    """The standard query of GraphiQL passes; a copy of it a hundred times over doesn't."""
    query = get_introspection_query(specified_by_url=True, schema_description=True, input_value_deprecation=True)
    assert refusal(query) is None
    assert refusal("{ __schema " + nested(40) + " }") is None
    assert refusal("{ a { __schema " + nested(16) + " } }") is None
    assert refusal("{ __schema { " + "a " * 1000 + " } }") is not None


@given(st.recursive(st.just("a"), lambda inner: st.lists(inner, min_size=1, max_size=4).map(
    lambda parts: "a { " + " ".join(parts) + " }"), max_leaves=30))  # fmt: skip
def test_measures_equal_a_plain_count(selection: str) -> None:
    """Depth and fields are what a reader with a pencil finds."""
    text = "{ " + selection + " }"
    depth = 0
    deepest = 0
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        deepest = max(deepest, depth)
    fields = text.count("a")
    exactly = Limits(depth=deepest, fields=fields)
    assert refusal(text, exactly) is None
    assert refusal(text, Limits(depth=deepest - 1, fields=fields)) is not None
    assert refusal(text, Limits(depth=deepest, fields=fields - 1)) is not None


@pytest.mark.parametrize(
    "text",
    [
        '{ a(b: "' + "{" * 99 + '") }',
        '{ a(b: """' + '{"\\"""' * 99 + '""") }',
        "{ a } #" + "[" * 99,
        "{ a(b: [1]) }" * 99,
        '{ a(b: "\\"' + "{" * 99 + '") }',
    ],
)
def test_brackets_in_strings_and_comments_are_no_nesting(text: str) -> None:
    """Nor are many shallow ones."""
    check_source(text)


@pytest.mark.parametrize("text", ["{" * 65, "[(" * 33, '"" ' + "{" * 65, '"""a""" ' + "{" * 65, "# x\n" + "{" * 65])
def test_nesting_of_more_than_64_is_refused(text: str) -> None:
    """Whatever kind of bracket, and whatever stands before it."""
    with pytest.raises(LimitExceeded, match="64"):
        check_source(text)


@pytest.mark.parametrize("piece", ['"\\', '\\"', '"', '"""', '"""\\', '"a\n', '"" ', "#", "{}"])
def test_no_text_makes_the_scan_slow(piece: str) -> None:
    """256 KiB of anything is scanned in time linear in its length; quadratic would take minutes."""
    began = time.process_time()
    check_source("{}" * 70 + piece * (262_144 // len(piece)))
    assert time.process_time() - began < 5
