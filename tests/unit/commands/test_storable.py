"""Texts that people read in terminals and banners say what they look like."""

import pytest

from server.commands.policy.texts import check_length, check_text
from server.commands.storable import plain_line, plain_text
from server.errors import BadUserInput

DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
CONTROLS = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0)))) + "\u2028\u2029"


@pytest.mark.parametrize("letter", [*DIRECTIONS, *CONTROLS], ids=ascii)
def test_no_text_of_policy_holds_a_mark_that_misleads(letter: str) -> None:
    """A title, a reason: one line, in the order in which it is stored."""
    text = f"a{letter}Version 2 is in force."
    assert not plain_line(text)
    assert plain_text(text) is (letter in "\n\t")
    with pytest.raises(BadUserInput, match=r"^input\.title "):
        check_text(text, "title", 200)


@pytest.mark.parametrize("text", ['Ärzte, "quoted" # 12', "שלום עולם", "مرحبا", "می‌خواهم", "日本語", "👩‍🏫 5 £"])
def test_every_script_can_be_written(text: str) -> None:
    """Letters that join, and scripts from right to left, need no mark of direction."""
    assert check_text(f"  {text} ", "title", 200) == text
    assert check_length(text, "title", 200) == text
