"""The files that GraphiQL consists of: those of the NOTICE, with nothing that leads elsewhere."""

import hashlib
import re
from pathlib import Path

import pytest
from graphql import parse

from server.web import graphiql_page
from server.web.graphiql_page import demo_queries, graphiql_routes

FOLDER = Path(graphiql_page.__file__).with_name("graphiql")
TAKEN = sorted(path.name for path in FOLDER.iterdir() if ".min." in path.name)


def test_the_notice_names_each_taken_file_with_its_checksum() -> None:
    """Nothing was changed, nothing is served that it doesn't name."""
    notice = (FOLDER / "NOTICE").read_text()
    named = dict(re.findall(r"(\S+\.min\.\w+) +([0-9a-f]{64})", notice))
    assert named == {name: hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() for name in TAKEN}


def test_every_taken_package_has_its_licence() -> None:
    """MIT, three times."""
    for name in ("graphiql", "react", "react-dom"):
        assert (FOLDER / "licences" / f"{name}.txt").read_text().startswith("MIT License")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.*")), ids=lambda path: path.name)
def test_no_file_names_a_source_map_or_a_cdn(path: Path) -> None:
    """Neither the browser's tools nor the page ask anybody else."""
    text = path.read_text()
    assert "sourceMappingURL" not in text
    assert not re.search(r"https?://[^\s\"')]*(unpkg\.com|jsdelivr|cdnjs|esm\.sh|googleapis)", text)


def test_the_page_holds_no_script_of_its_own() -> None:
    """What the policy would block isn't there."""
    page = (FOLDER / "index.html").read_text()
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|style=|https?:", page)


def test_every_file_of_the_page_is_served() -> None:
    """By a route of its own; no path of a request ever becomes the path of a file."""
    served = {route.path for route in graphiql_routes()}
    asked = set(re.findall(r'(?:src|href)="(graphiql/[^"]+)"', (FOLDER / "index.html").read_text()))
    assert {f"/{name}" for name in asked} | {"/", "/graphiql/queries.json", "/graphiql/NOTICE"} == served


def test_the_demo_queries_are_named_documents() -> None:
    """At least three, each one operation with a name and a sentence above it."""
    queries = demo_queries()
    assert len(queries) >= 3
    for _, document in queries:
        (operation,) = parse(document).definitions
        assert getattr(operation, "name", None) is not None
        assert document.startswith("# ")
