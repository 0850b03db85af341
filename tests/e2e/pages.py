"""Somebody who looks at pages without JavaScript: keeps cookies, reads what is shown, fills in and sends forms.

person = Person(server.http)
page = person.open("/sign-in")
page = person.send(page.form(), name="ann", password=PASSWORD)      # follows redirects as a browser does
assert page.heading == "Your account"
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx

from tests.e2e.accessibility import faults

_EMPTY: Final = frozenset({"input", "meta", "link", "img", "br", "hr"})
_REDIRECTS: Final = 10


@dataclass
class Element:
    """A node of a page; `parts` are its texts and elements in order."""

    tag: str
    attributes: dict[str, str]
    parts: list[Element | str] = field(default_factory=list["Element | str"])

    @property
    def text(self) -> str:
        return " ".join("".join(part if isinstance(part, str) else f" {part.text} " for part in self.parts).split())

    def all(self, *tags: str) -> Generator[Element]:
        """Those of these tags within, in the order of the page."""
        for part in self.parts:
            if isinstance(part, Element):
                if part.tag in tags:
                    yield part
                yield from part.all(*tags)

    def first(self, tag: str) -> Element:
        return next(self.all(tag))

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")


class _Reader(HTMLParser):
    """Refuses what a browser would mend: every element is closed by its own end tag."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        made = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].parts.append(made)
        if tag not in _EMPTY:
            self._open.append(made)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag, tag

    def handle_data(self, data: str) -> None:
        self._open[-1].parts.append(data)

    def finish(self) -> Element:
        self.close()
        assert self._open == [self.root], [element.tag for element in self._open]
        return self.root


@dataclass(frozen=True)
class Form:
    """Where a form leads, and what it holds before anybody writes."""

    path: str
    fields: Mapping[str, str]
    element: Element


@dataclass(frozen=True)
class Shown:
    """A page as it was answered."""

    path: str
    response: httpx.Response
    root: Element

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def title(self) -> str:
        return self.root.first("title").text

    @property
    def heading(self) -> str:
        return self.root.first("h1").text

    @property
    def text(self) -> str:
        return self.root.first("body").text

    @property
    def errors(self) -> dict[str, str]:
        """Sentence by field, of the summary at the top."""
        found = [part for part in self.root.all("section") if "errors" in part.get("class")]
        links = [link for part in found for link in part.all("a")]
        return {link.get("href").removeprefix("#"): link.text for link in links}

    def form(self, path: str = "", having: str = "") -> Form:
        """The first in the content that leads to the path (the page's own where left out), and has such a button."""
        for element in self.root.first("main").all("form"):
            leads = element.get("action") or self.path
            if (not path or leads == path) and having in element.text:
                return Form(leads, _fields(element), element)
        raise AssertionError(f"no form to {path!r} with {having!r} on {self.path}: {self.text}")

    def link(self, text: str) -> str:
        return next(link.get("href") for link in self.root.all("a") if text in link.text)


def _fields(form: Element) -> dict[str, str]:
    inputs = [one for one in form.all("input") if one.get("type") not in ("radio", "checkbox")]
    ticked = [
        one for one in form.all("input") if one.get("type") in ("radio", "checkbox") and "checked" in one.attributes
    ]
    return {one.get("name"): one.get("value") for one in (*inputs, *ticked)}


def read(path: str, response: httpx.Response) -> Shown:
    """The page, which is accessible as far as its HTML tells."""
    reader = _Reader()
    reader.feed(response.text.removeprefix("<!doctype html>"))
    root = reader.finish()
    assert faults(root) == [], (path, response.text)
    return Shown(path, response, root)


class Person:
    """One browser. Its cookies are kept by name, as one that takes Secure cookies from the loopback does."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, fields: Mapping[str, str] | None = None, **headers: str) -> httpx.Response:
        """One request, no redirect followed."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            sent = {"sec-fetch-site": "same-origin", "origin": "null"} | sent
        response = self.http.request(method, path, data=fields, headers={k: v for k, v in sent.items() if v})
        for line in response.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return response

    def open(self, path: str) -> Shown:
        return self._follow(path, self.ask("GET", path))

    def send(self, form: Form, **fields: str) -> Shown:
        return self._follow(form.path, self.ask("POST", form.path, {**form.fields, **fields}))

    def _follow(self, path: str, response: httpx.Response) -> Shown:
        for _ in range(_REDIRECTS):
            if response.status_code != 303:
                return read(path, response)
            target = urlsplit(urljoin(path, response.headers["location"]))
            assert not target.netloc, target
            path = target.path + (f"?{target.query}" if target.query else "")
            response = self.ask("GET", path)
        raise AssertionError("it goes round in circles")
