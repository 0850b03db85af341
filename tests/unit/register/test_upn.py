"""Unique pupil numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.register.local_authorities import LOCAL_AUTHORITY_RANGES, is_local_authority
from server.register.upn import (
    ALPHABET,
    UpnProblem,
    check_letter,
    check_upn,
    duplicate_upns,
    is_temporary,
    make_upn,
    normalise_upn,
)
from tests.unit.register import golden

AUTHORITIES = st.sampled_from([number for low, high in LOCAL_AUTHORITY_RANGES for number in range(low, high + 1)])
UPNS = st.builds(make_upn, AUTHORITIES, st.integers(0, 9999), st.integers(1998, 2097), st.integers(0, 999))


def test_the_published_example_is_valid() -> None:
    """Its weighted sum is 93, which leaves 1, the letter B."""
    assert check_upn("B801200005001") is None


def test_the_check_letter_of_the_vendors_misprinted_example_is_p() -> None:
    """Help pages print Q from a sum of 267; the sum is 266."""
    assert check_letter("207000016049") == "P"
    assert check_upn("P207000016049") is None
    assert check_upn("Q207000016049") is UpnProblem.CHECK_LETTER


def test_the_check_letter_is_the_standards_sum() -> None:
    """A second computation, digit by digit, for a temporary number: the last letter counts by its place."""
    rest = "80120000500K"
    weights = range(2, 14)
    values = [8, 0, 1, 2, 0, 0, 0, 0, 5, 0, 0, ALPHABET.index("K")]
    total = sum(weight * value for weight, value in zip(weights, values, strict=True))
    assert check_letter(rest) == ALPHABET[total % 23]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "1500"),
        ("", "1500"),
        ("  ", "1500"),
        ("A801200005001", "1510"),
        ("I801200005001", "1510"),
        ("B80120000500", "1510"),
        ("B8012000050011", "1510"),
        ("E000200005001", "1530"),
        ("B999200005001", "1530"),
        ("BA01200005001", "1530"),
        ("B80120000A001", "1540"),
        ("B8012000050O1", "1540"),
        ("B80120000500I", "1550"),
        ("B80120000500O", "1550"),
        ("B80120000500S", "1550"),
        ("B80120000500-", "1550"),
        ("B80120000500١", "1550"),
        ("B8012000٠5001", "1540"),
    ],
)
def test_a_bad_number_has_the_census_code(text: str | None, problem: str) -> None:
    """Each fault has the number that schools know from the census."""
    assert check_upn(text) == problem


@pytest.mark.parametrize("text", ["b801200005001", " B801 2000 05001 "])
def test_case_and_spaces_do_not_matter(text: str) -> None:
    """A number typed from paper is read as the number meant."""
    assert normalise_upn(text) == "B801200005001"
    assert check_upn(text) is None


@pytest.mark.parametrize("problem", UpnProblem)
def test_a_problem_has_a_sentence_without_the_number(problem: UpnProblem) -> None:
    """The sentence names the UPN and a remedy."""
    assert "UPN" in problem.sentence
    assert ":" in problem.sentence


def test_duplicates_are_found_by_position() -> None:
    """Every occurrence is named, however it is typed; missing numbers are no duplicates of one another."""
    upns = ["B801200005001", None, "b801 200005001", "P207000016049", ""]
    assert duplicate_upns(upns) == {0, 2}


@given(UPNS)
def test_made_numbers_are_valid(upn: str) -> None:
    """The generator and the check agree, and a permanent number is not temporary."""
    assert check_upn(upn) is None
    assert not is_temporary(upn)
    assert not set(upn) & set("IOS")


@given(AUTHORITIES, st.integers(0, 9999), st.integers(0, 99), st.integers(0, 2299))
def test_temporary_numbers_end_in_a_letter(la: int, establishment: int, year: int, serial: int) -> None:
    """A temporary number is valid, and its last letter is none of I, O and S."""
    upn = make_upn(la, establishment, year, serial, temporary=True)
    assert check_upn(upn) is None
    assert is_temporary(upn)
    assert upn[12] in ALPHABET


@given(UPNS, st.integers(4, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(upn: str, place: int, by: int) -> None:
    """Every weight is below 23, a prime, so no single wrong digit keeps the letter."""
    digit = (int(upn[place]) + by) % 10
    assert check_upn(upn[:place] + str(digit) + upn[place + 1 :]) is UpnProblem.CHECK_LETTER


@given(st.text(max_size=20))
def test_any_text_is_judged(text: str) -> None:
    """No text raises."""
    assert check_upn(text) in (None, *UpnProblem)


def test_serials_give_different_numbers() -> None:
    """Serials of one school and year never collide, temporary ones included."""
    made = {make_upn(801, 4000, 2025, serial) for serial in range(1000)}
    made |= {make_upn(801, 4000, 2025, serial, temporary=True) for serial in range(2300)}
    assert len(made) == 3300


@pytest.mark.parametrize(
    ("la", "establishment", "year", "serial", "argument"),
    [
        (0, 1, 2025, 1, "la"),
        (999, 1, 2025, 1, "la"),
        (801, 10000, 2025, 1, "establishment"),
        (801, 1, -1, 1, "year"),
        (801, 1, 2025, 1000, "serial"),
    ],
)
def test_the_generator_names_the_argument(la: int, establishment: int, year: int, serial: int, argument: str) -> None:
    """An argument out of range is refused by name."""
    with pytest.raises(ValueError, match=f"^{argument}"):
        make_upn(la, establishment, year, serial)


def test_a_wrong_body_has_no_letter() -> None:
    """The check letter of something that is no number is an error, not a letter."""
    with pytest.raises(ValueError, match=r"^rest"):
        check_letter("20700001604")


def test_authorities_are_ordered_ranges() -> None:
    """The ranges are in order and apart; pseudo authorities are in, unused numbers out."""
    flat = [number for pair in LOCAL_AUTHORITY_RANGES for number in pair]
    assert flat == sorted(flat)
    assert " ".join(f"{low}-{high}" for low, high in LOCAL_AUTHORITY_RANGES) == golden.LOCAL_AUTHORITIES
    assert all(
        is_local_authority(number) for number in (1, 5, 201, 213, 420, 801, 821, 838, 839, 873, 896, 909, 940, 941)
    )
    assert not any(is_local_authority(number) for number in (0, 6, 200, 214, 804, 809, 824, 897, 939, 944, 999))
