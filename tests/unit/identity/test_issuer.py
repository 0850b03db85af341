"""Which addresses an installation may have, and which school a resource names."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Unavailable
from server.identity.issuer import Issuer

SCHOOL = UUID(int=7)


@pytest.mark.parametrize(
    "url",
    [
        "https://usher.example",
        "https://usher.example:8443/api",
        "http://127.0.0.1:8000",
        "http://[::1]:1",
        "http://localhost",
    ],
)
def test_addresses_that_stand(url: str) -> None:
    issuer = Issuer(url)
    assert issuer.school_of(issuer.school(SCHOOL)) == SCHOOL
    assert issuer.school_of(f"{url}/schools/sch_{SCHOOL.hex}") == SCHOOL


@pytest.mark.parametrize(
    "url",
    ["", "usher.example", "http://usher.example", "https://usher.example/", "https://a:b@usher.example", "https://u.example?x",
     "https://u.example#x", "ftp://u.example", "https://", "https://\u00fcsher.example", "https://" + "x" * 200],
)  # fmt: skip
def test_addresses_that_do_not(url: str) -> None:
    """Plain http beyond this machine, and whatever would not be the same for everybody."""
    with pytest.raises(Unavailable, match="USHER_ISSUER"):
        Issuer(url)


@given(st.text(max_size=80))
def test_no_other_text_names_a_school(text: str) -> None:
    """Only exactly what `school` writes, or the same with the API's id."""
    issuer = Issuer("https://usher.example")
    found = issuer.school_of(text)
    assert found is None or text in (issuer.school(found), f"{issuer.url}/schools/sch_{found.hex}")


@pytest.mark.parametrize(
    "resource",
    [f"https://usher.example/schools/{str(SCHOOL).upper()}x", f"https://usher.example/schools/{SCHOOL.hex}",
     f"https://usher.example/schools/sch_{SCHOOL}", f"https://usher.example/schools/lrn_{SCHOOL.hex}",
     f"https://usher.example/schools/{{{SCHOOL}}}", f"https://usher.example.evil/schools/{SCHOOL}",
     f"https://usher.example/schools/{SCHOOL}/", f"https://usher.example/Schools/{SCHOOL}"],
)  # fmt: skip
def test_near_misses_name_no_school(resource: str) -> None:
    assert Issuer("https://usher.example").school_of(resource) is None
