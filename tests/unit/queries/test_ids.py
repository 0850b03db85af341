"""Global ids."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import BadUserInput
from server.queries.ids import GlobalId, decode
from server.queries.nouns import NODES, NOUNS

KEY = UUID("01900000-0000-7000-8000-000000000001")
PATH = ("learner", "by", "id")


@given(prefix=st.sampled_from(sorted(NODES)), key=st.uuids(), year=st.none() | st.integers(1000, 9999))
def test_an_id_is_read_as_it_was_written(prefix: str, key: UUID, year: int | None) -> None:
    assert decode(str(GlobalId(prefix, key, year)), PATH) == GlobalId(prefix, key, year)


@given(text=st.text(min_size=3, max_size=80).filter(lambda text: not text.startswith(tuple(NODES))))
def test_any_other_text_is_refused_by_its_place(text: str) -> None:
    """Never by what it holds."""
    with pytest.raises(BadUserInput) as caught:
        decode(text, PATH)
    assert caught.value.path == PATH
    assert caught.value.message == "learner.by.id is no id: give an id that this API returned."


@pytest.mark.parametrize(
    "text",
    [
        f"lrn_{KEY}",
        f"LRN_{KEY.hex}",
        f"lrn_{KEY.hex.upper()}A",
        f"lrn_{KEY.hex}\n",
        f" lrn_{KEY.hex}",
        f"lrn_26_{KEY.hex}",
        f"lrn_{KEY.hex[:-1]}٣",
        "",
    ],
)
def test_there_is_one_spelling(text: str) -> None:
    with pytest.raises(BadUserInput):
        decode(text, PATH)


def test_the_id_of_another_type_is_refused() -> None:
    with pytest.raises(BadUserInput, match="another type"):
        decode(f"cls_{KEY.hex}", PATH, "lrn")


@pytest.mark.parametrize(("text", "yearly"), [(f"mrk_{KEY.hex}", True), (f"lrn_2026_{KEY.hex}", False)])
def test_yearly_rows_alone_name_their_year(text: str, yearly: bool) -> None:
    """Else a look-up would probe every partition."""
    with pytest.raises(BadUserInput):
        decode(text, PATH, yearly=yearly)


def test_prefixes_are_three_letters_and_no_two_alike() -> None:
    prefixes = [noun.prefix for noun in NOUNS.values()]
    assert len(set(prefixes)) == len(prefixes)
    assert all(len(prefix) == 3 and prefix.islower() for prefix in prefixes)
