"""What letters may say, kind by kind."""

import re
from datetime import UTC, datetime
from pathlib import Path
from string import Template

import pytest

import server.identity.letters
from server.errors import BadUserInput
from server.identity.letters.kinds import KINDS, Form, Value
from server.identity.letters.letter import Letter, write
from server.register.elements import ELEMENTS, Sensitivity

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)

TEMPLATES = Path(server.identity.letters.__file__).parent / "templates"
# Of these elements, a value might be a child's name.
NAMES = {"name", "identifier", "guardian_name", "staff_name"}
GIVEN = {
    Form.TEXT: "Ashdown School",
    Form.LINK: "https://usher.test/join/K7",
    Form.MOMENT: datetime(2026, 11, 22, 9, 5, tzinfo=UTC),
}


def letter_of(kind: str) -> Letter:
    return Letter(kind, "a.parent@mail.test", {name: GIVEN[value.form] for name, value in KINDS[kind].items()})


def declared() -> list[tuple[str, str, Value]]:
    return [(kind, name, value) for kind, values in KINDS.items() for name, value in values.items()]


@pytest.mark.parametrize(("kind", "name", "value"), declared())
def test_no_value_is_of_special_category_or_treated_so(kind: str, name: str, value: Value) -> None:
    """By the register's own word, for each value of each kind."""
    element = ELEMENTS[value.element]
    assert element.sensitivity <= Sensitivity.PERSONAL
    assert not element.guarded


def test_each_kind_has_a_text_and_each_text_a_kind() -> None:
    """A file without a kind, or the other way round, fails the build."""
    assert {path.stem for path in TEMPLATES.iterdir()} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_says_what_is_declared_and_no_subject_holds_a_name(kind: str) -> None:
    """Every declared value stands in the letter, nothing else does, and the subject is a line without names or links."""
    subject, _, text = (TEMPLATES / f"{kind}.txt").read_text(encoding="utf-8").partition("\n\n")
    in_subject = set(Template(subject).get_identifiers())
    assert in_subject | set(Template(text).get_identifiers()) == set(KINDS[kind])
    assert subject.startswith("Subject: ")
    assert "\n" not in subject
    assert {KINDS[kind][name].element for name in in_subject} <= {"school_structure"} - NAMES
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_is_plain_and_whole(kind: str) -> None:
    """Nothing is left to fill in, and each link stands on a line of its own."""
    written = write(letter_of(kind))
    assert "$" not in written.subject + written.text
    lines = [line for line in written.text.splitlines() if "://" in line]
    assert lines == [GIVEN[Form.LINK]] * len(lines)
    assert "22 November 2026 at 09:05 (UTC)" in written.text


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("telegram", {}),
        ("password_reset", {"link": "https://usher.test/x"}),
        ("password_reset", {"link": "https://usher.test/x", "until": GIVEN[Form.MOMENT], "learner": "Ayesha"}),
    ],
)
def test_what_is_not_declared_can_not_be_put_in(kind: str, values: dict[str, str | datetime]) -> None:
    """An unknown kind, a value too few and one too many, all before anything is queued."""
    with pytest.raises(ValueError, match=r"kind|holds") as caught:
        Letter(kind, "a.parent@mail.test", values)
    assert "Ayesha" not in str(caught.value)


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "https://usher.test/a b", "https://usher.test/\nBcc: x@y.test", "", 3]
)
def test_a_link_is_an_address_and_nothing_more(value: str) -> None:
    """It holds no space, no line and no other scheme."""
    letter = Letter("confirm_address", "a@mail.test", {"link": value, "until": datetime.now(UTC)})
    with pytest.raises(ValueError, match="link"):
        write(letter)


def test_a_moment_knows_its_zone() -> None:
    """One without would be told wrongly for an hour each summer."""
    naive = datetime(2026, 6, 1, 12)  # noqa: DTZ001 - the point of the test
    letter = Letter("confirm_address", "a@mail.test", {"link": "https://usher.test/", "until": naive})
    with pytest.raises(ValueError, match="moment"):
        write(letter)


@pytest.mark.parametrize(
    "school",
    [
        "Ashdown\r\nBcc: everybody@mail.test",
        "Ashdown\n\nDear parent",
        "Ashdown\u2028Bcc: x@mail.test",
        "Ashdown\x00\x1b[2J",
        "Ashdown \u202egnp.exe",
        "\x85Bcc: x@mail.test",
    ],
)
def test_a_name_adds_no_header_and_no_line(school: str) -> None:
    """Control characters, line ends of any kind and marks of direction become spaces, in subject and text alike."""
    values = {
        "school": school,
        "code": "7K3QD",
        "link": "https://usher.test/x",
        "until": datetime(2026, 1, 1, tzinfo=UTC),
    }
    written = write(Letter("staff_invitation", "a@mail.test", values))
    plain = write(Letter("staff_invitation", "a@mail.test", values | {"school": "Ashdown"}))
    assert written.subject.isprintable()
    assert len(written.text.splitlines()) == len(plain.text.splitlines())


def test_a_name_is_no_link() -> None:
    """Whoever may name a school can't have our letters point at a page of theirs."""
    values = {"school": "Win at https://evil.test/x or www.evil.test", "code": "7K3QD", "until": MOMENT}
    written = write(Letter("staff_invitation", "a@mail.test", values | {"link": "https://usher.test/x"}))
    assert re.findall(r"https?://\S+", written.text) == ["https://usher.test/x"]
    assert "evil.test" not in written.subject + written.text


def test_a_value_is_put_in_once() -> None:
    """What looks like a placeholder in a value stays as it is."""
    values = {"school": "$link ${until}", "code": "7K3QD", "link": "https://usher.test/x", "until": MOMENT}
    assert write(Letter("staff_invitation", "a@mail.test", values)).subject == "Your account at $link ${until}"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b@c.test",
        "a@mail.test, b@mail.test",
        "a@mail.test\nBcc: b@mail.test",
        "A Parent <a@mail.test>",
        '"a b"@mail.test',
        "a..b@mail.test",
        "a@-mail.test",
        "a@mail.test\x00",
        "ä@mail.test",
        "a" * 65 + "@mail.test",
        "a@" + ".".join(["b" * 60] * 5),
    ],
)
def test_a_letter_goes_to_one_plain_address(address: str) -> None:
    """Anything else is refused, by words that don't repeat it."""
    values = {"link": "https://usher.test/x", "until": datetime.now(UTC)}
    with pytest.raises(BadUserInput) as caught:
        Letter("confirm_address", address, values)
    assert not address or address not in str(caught.value)


def test_a_letter_shows_nobody_what_it_holds() -> None:
    """Neither address nor values nor text is part of a repr, which might reach a log."""
    letter = letter_of("password_reset")
    shown = repr(letter) + repr(write(letter))
    assert "mail.test" not in shown
    assert "usher.test" not in shown
