"""The colours of the pages' stylesheet: each pair that meets can be told apart, in light and dark (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Final

import pytest

STYLE: Final = (files("server.web.pages") / "static" / "style.css").read_text(encoding="utf-8")
TEXTS: Final = (
    ("ink", "paper"), ("ink", "calm"), ("soft", "paper"), ("soft", "calm"), ("link", "paper"), ("link", "calm"),
    ("on-act", "act"), ("wrong", "paper"),
)  # fmt: skip
EDGES: Final = (("line", "paper"), ("act", "paper"), ("wrong", "paper"), ("focus", "paper"), ("focus", "calm"))


def _palettes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in blocks)
    return {"light": light, "dark": dark}


def _luminance(colour: str) -> float:
    """WCAG 2.2, "relative luminance"."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pairs_that_meet_can_be_told_apart(scheme: str) -> None:
    """Texts by 4.5 to 1, edges and the focus by 3 to 1."""
    palette = _palettes()[scheme]
    for pairs, least in ((TEXTS, 4.5), (EDGES, 3.0)):
        for one, other in pairs:
            assert _contrast(palette[one], palette[other]) >= least, (scheme, one, other)


def test_every_colour_has_a_name_that_is_looked_at() -> None:
    """Outside the two palettes there is only the white below a QR code."""
    palettes = _palettes()
    assert palettes["light"].keys() == palettes["dark"].keys() == {name for pair in (*TEXTS, *EDGES) for name in pair}
    rest = re.sub(r":root \{.*?\}", "", STYLE, flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(|opacity", rest) == ["#ffffff"]
    used = set(re.findall(r"var\(--([\w-]+)\)", STYLE))
    assert used == palettes["light"].keys()


def test_the_measure_is_the_standards() -> None:
    """Black on white is 21 to 1; a grey that is known to be just too pale is."""
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    assert 4.4 < _contrast("#777777", "#ffffff") < 4.5


def test_the_focus_is_never_taken_away() -> None:
    """Only the content itself, which is a target and no control, has no outline."""
    assert ":focus-visible {\n  outline: 3px solid var(--focus);" in STYLE
    assert re.findall(r"([^{}]+)\{[^{}]*outline: none", STYLE) == ["\nmain:focus "]
