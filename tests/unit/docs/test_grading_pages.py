"""The pages on grading: their worked examples give what they print, and the index leads to each of them."""

import doctest
import re
from pathlib import Path
from typing import Final

import pytest

FOLDER: Final = Path(__file__).parents[3] / "docs" / "grading"
PAGES: Final = sorted(FOLDER.glob("*.md"))
_SECTION: Final = re.compile(r"\]\(([^)#]*)#([^)]+)\)")
_LINK: Final = re.compile(r"\]\(([^)#]+\.md)")


def worked(page: Path) -> doctest.DocTest:
    """All prompts of a page, in one namespace. Each block ends with a blank line before its fence."""
    return doctest.DocTestParser().get_doctest(page.read_text(encoding="utf-8"), {}, page.name, str(page), 0)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of_a_page_give_what_it_prints(page: Path) -> None:
    """Exactly, as Python shows it; pages without examples have nothing to give."""
    said: list[str] = []
    found = doctest.DocTestRunner(verbose=False).run(worked(page), out=said.append)
    assert found.failed == 0, "".join(said)


def test_the_measures_are_all_worked() -> None:
    """Each section of their page has an example."""
    sections = (FOLDER / "measures.md").read_text(encoding="utf-8").split("\n## ")[1:]
    assert [section.splitlines()[0] for section in sections if ">>>" not in section] == []
    assert len(sections) >= 6


def test_every_link_to_a_section_finds_it() -> None:
    """By the anchor that a reader's page gives its heading."""
    for page in PAGES:
        for name, anchor in _SECTION.findall(page.read_text(encoding="utf-8")):
            headings = re.findall(
                r"^#+ (.+)$", (page.parent / (name or page.name)).read_text(encoding="utf-8"), re.MULTILINE
            )
            known = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in known, f"{page.name} links to {name}#{anchor}"


def test_the_index_leads_to_every_page_and_no_link_is_dead() -> None:
    """A page that nobody finds is none."""
    for page in PAGES:
        for link in _LINK.findall(page.read_text(encoding="utf-8")):
            assert (page.parent / link).is_file(), f"{page.name} links to {link}"
    index = set(_LINK.findall((FOLDER / "README.md").read_text(encoding="utf-8")))
    assert {page.name for page in PAGES} - {"README.md"} <= index
