"""What can be told of a page's accessibility from its HTML alone (WCAG 2.2, level AA); every page of a test is looked at.

What only a browser knows (contrast, sizes, the order of the focus) stands in test_pages_browser.py.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.e2e.pages import Element

# HTML, "autofill field names": those that ask for what a browser knows of the person.
_TOKENS: Final = frozenset(
    {"off", "username", "current-password", "new-password", "one-time-code", "email", "name", "bday", "given-name"}
    | {"family-name", "username webauthn"}
)


def faults(page: Element) -> list[str]:
    """Each with the number of its success criterion; `page` is the root above <html>."""
    return [*_frame(page), *_ids(page), *_headings(page), *_fields(page), *_names(page), *_inputs(page), *_errors(page)]


def _frame(page: Element) -> list[str]:
    body = page.first("body")
    counts = {tag: len(list(page.all(tag))) for tag in ("html", "head", "body", "main", "h1", "title")}
    found = [f"4.1.2: {count} <{tag}>" for tag, count in counts.items() if count != 1]
    found += [] if page.first("html").get("lang") == "en-GB" else ["3.1.1: no language"]
    found += [] if page.first("title").text.endswith("– Usher") else ["2.4.2: the title names no site"]
    viewport = [meta.get("content") for meta in page.all("meta") if meta.get("name") == "viewport"]
    found += [] if viewport == ["width=device-width, initial-scale=1"] else ["1.4.4: zooming may be hindered"]
    skip = next(body.all("a"), None)
    found += (
        [] if skip and skip.get("href") == "#" + page.first("main").get("id") else ["2.4.1: no link to the content"]
    )
    outside = [
        part.tag for part in body.parts if not isinstance(part, str) and part.tag not in ("header", "main", "footer")
    ]
    return found + ([] if outside == ["a"] else [f"1.3.1: outside of landmarks: {outside}"])


def _ids(page: Element) -> list[str]:
    ids = [one.get("id") for one in _everything(page) if one.get("id")]
    found = [f"4.1.1: the id {name} stands twice" for name in set(ids) if ids.count(name) > 1]
    for one in _everything(page):
        for attribute in ("aria-describedby", "aria-labelledby", "for", "aria-controls"):
            found += [
                f"1.3.1: {attribute} names nothing: {name}" for name in one.get(attribute).split() if name not in ids
            ]
        if one.tag == "a" and one.get("href").startswith("#") and one.get("href")[1:] not in ids:
            found.append(f"2.4.1: {one.get('href')} leads nowhere")
    return found


def _headings(page: Element) -> list[str]:
    """No level is left out, whatever stands before the first."""
    levels = [int(one.tag[1]) for one in page.first("main").all("h1", "h2", "h3", "h4")]
    jumps = [f"1.3.1: h{b} after h{a}" for a, b in pairwise(levels) if b > a + 1]
    return jumps + [
        f"2.4.6: an empty {one.tag}" for one in page.all("h1", "h2", "h3", "label", "legend") if not one.text
    ]


def _fields(page: Element) -> list[str]:
    labels = {label.get("for"): label.text for label in page.all("label")}
    found: list[str] = []
    for one in page.all("input", "select", "textarea"):
        if one.get("type") == "hidden" or "hidden" in one.attributes:
            continue
        if not labels.get(one.get("id")):
            found.append(f"1.3.1: no label for {one.get('name')}")
        typed = one.get("type") not in ("radio", "checkbox")
        if typed and one.get("autocomplete") not in _TOKENS:
            found.append(f"1.3.5: {one.get('name')} has autocomplete {one.get('autocomplete')!r}")
        if "onpaste" in one.attributes or (one.get("type") == "password" and one.get("autocomplete") == "off"):
            found.append(f"3.3.8: {one.get('name')} hinders password managers")
        if "placeholder" in one.attributes:
            found.append(f"3.3.2: {one.get('name')} says in a placeholder what a hint should say")
    groups = [one for one in page.all("fieldset") if next(one.all("legend"), None) is None]
    return found + ["1.3.1: a fieldset without a legend" for _ in groups]


def _names(page: Element) -> list[str]:
    """What can be focused says what it is, and two links of one name lead to one place."""
    found = [f"4.1.2: a {one.tag} without a name" for one in page.all("a", "button") if not one.text]
    places: dict[str, set[str]] = {}
    for link in page.all("a"):
        places.setdefault(link.text, set()).add(link.get("href"))
    found += [f"2.4.4: {name!r} leads to {sorted(where)}" for name, where in places.items() if len(where) > 1]
    buttons = [(one.text, one.get("name"), one.get("value")) for one in page.all("button") if one.get("name")]
    names = [name for name, _, _ in set(buttons)]
    found += [f"2.4.6: several buttons {name!r} do different things" for name in set(names) if names.count(name) > 1]
    return found + [
        f"1.1.1: a picture without words: {one.get('src')[:30]}" for one in page.all("img") if not one.get("alt")
    ]


def _inputs(page: Element) -> list[str]:
    """The order of the focus is that of the page, and nothing acts by itself."""
    found: list[str] = []
    for one in _everything(page):
        if one.get("tabindex") not in ("", "-1", "0"):
            found.append(f"2.4.3: {one.tag} is out of order")
        found += [f"3.2.2: {one.tag} has {name}" for name in one.attributes if name.startswith("on")]
        found += ["a style inline" for name in one.attributes if name == "style"]
    return found


def _errors(page: Element) -> list[str]:
    """A page of errors says so first; each links to its field, which says it again, and is told to be wrong."""
    summary = next((one for one in page.all("section") if one.get("class") == "errors"), None)
    if (summary is not None) != page.first("title").text.startswith("Error: "):
        return ["2.4.2: the title doesn't tell of errors"]
    if summary is None:
        return []
    found = [] if next(page.first("main").all("section", "h1")) is summary else ["3.3.1: the errors aren't first"]
    if summary.get("tabindex") != "-1" or "autofocus" not in summary.attributes or summary.get("role") != "alert":
        found.append("4.1.3: the errors aren't told")
    fields = {one.get("id"): one for one in page.all("input", "select", "textarea")}
    for link in summary.all("a"):
        one = fields.get(link.get("href")[1:])
        if one is None or (one.get("type") not in ("radio", "checkbox") and one.get("aria-invalid") != "true"):
            found.append(f"3.3.1: {link.text!r} leads to no wrong field")
        elif one.get("type") != "radio" and one.get("id") + "-error" not in one.get("aria-describedby").split():
            found.append(f"3.3.1: {one.get('id')} doesn't say what is wrong with it")
    return found


def _everything(page: Element) -> list[Element]:
    found: list[Element] = []
    for part in page.parts:
        if not isinstance(part, str):
            found += [part, *_everything(part)]
    return found
