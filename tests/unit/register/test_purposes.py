"""Purposes and the processing register."""

import pytest

from server.register.business import BUSINESS_CATEGORIES
from server.register.elements import ELEMENTS, GROUPS, LawfulBasis
from server.register.purposes import ACTIVITIES, PURPOSES, Role, expand, purpose_allows
from server.register.retention import RETENTION, Controller
from server.register.technical_fields import TECHNICAL_FIELDS
from tests.unit.register import golden


@pytest.mark.parametrize("name", golden.ACTIVITIES)
def test_activity_is_complete(name: str) -> None:
    """Each row of the processing register states role, purpose, basis, categories, recipients and retention."""
    row = ACTIVITIES[name]
    assert row.name == name
    assert row.title
    assert row.purpose in PURPOSES
    assert row.bases
    assert row.elements
    assert row.recipients
    assert row.sources
    assert row.retention
    assert set(row.retention) <= set(RETENTION)


def test_activities_are_the_golden_list() -> None:
    """No activity is missing or extra."""
    assert tuple(ACTIVITIES) == golden.ACTIVITIES


def test_school_activities_suggest_public_task_and_leave_the_school_a_choice() -> None:
    """Contract and consent are open to a school for whatever the platform processes on its behalf."""
    for row in ACTIVITIES.values():
        if row.role is Role.PROCESSOR:
            assert row.bases == (LawfulBasis.PUBLIC_TASK,)
            assert set(row.alternatives) == {LawfulBasis.CONTRACT, LawfulBasis.CONSENT}


@pytest.mark.parametrize(
    ("name", "bases"),
    [
        ("become_client", ("contract", "legitimate interests")),
        ("use_as_client", ("contract", "legitimate interests")),
        ("use_as_related_user", ("contract", "legitimate interests")),
        ("technical_help", ("contract", "legitimate interests")),
        ("verify_terms", ("legitimate interests", "legal obligation")),
        ("administer", ("legitimate interests", "legal obligation")),
    ],
)
def test_the_vendors_own_activities(name: str, bases: tuple[str, ...]) -> None:
    """The six rows of which the vendor is controller, with the notice's bases, hold no learner's data."""
    row = ACTIVITIES[name]
    assert row.role is Role.CONTROLLER
    assert tuple(row.bases) == bases
    assert not set(row.elements) & {*GROUPS["personal"], *GROUPS["special"]}


def test_a_policy_document_is_needed_exactly_for_guarded_data() -> None:
    """An activity that touches a guarded element stays off until the school names its policy document."""
    for row in ACTIVITIES.values():
        assert row.needs_policy_document == bool(set(row.elements) & set(GROUPS["special"]))
    assert ACTIVITIES["additional_needs"].needs_policy_document
    assert not ACTIVITIES["reporting"].needs_policy_document


def test_the_date_of_birth_verifies_and_is_not_analysed() -> None:
    """Analysis, teaching and reporting can't need it; verification and examinations can."""
    allowed = {name for name in PURPOSES if purpose_allows(name, "date_of_birth")}
    assert {"verification", "exams"} <= allowed
    assert not allowed & {"analysis", "teaching", "reporting", "communication", "welfare", "additional_needs"}


def test_there_is_no_marketing_purpose() -> None:
    """A request for it is refused for every element, and its absence is on record."""
    assert not any(purpose_allows("marketing", name) for name in ELEMENTS)
    absent = {row.name for row in BUSINESS_CATEGORIES if not row.held}
    assert "marketing and communication preferences" in absent


def test_product_improvement_needs_no_person() -> None:
    """Improvement works on anonymised extracts: it can name no personal element."""
    assert expand(PURPOSES["improvement"].words) == ("reference",)


def test_every_purpose_names_words_of_the_register_once() -> None:
    """No purpose repeats a word, and unknown words raise."""
    for row in PURPOSES.values():
        assert row.title
        assert len(set(row.words)) == len(row.words)
        assert set(expand(row.words)) <= set(ELEMENTS)
    with pytest.raises(KeyError):
        expand(("shoe_size",))


def test_expansion_is_in_register_order() -> None:
    """Groups and elements merge into one ordered list without repeats."""
    assert expand(("medical_sen", "name", "medical")) == ("name", *GROUPS["medical_sen"])


def test_business_data_is_the_vendors_with_its_own_retention() -> None:
    """Each category is kept by a row of which the vendor is controller."""
    for row in BUSINESS_CATEGORIES:
        assert RETENTION[row.retention].controller is Controller.VENDOR
        assert row.sources
    assert {row.name: row.retention for row in BUSINESS_CATEGORIES} == golden.BUSINESS


def test_less_is_collected_than_allowed() -> None:
    """By default only the address and the browser's family; installed applications and sites visited are flagged."""
    assert tuple(row.name for row in TECHNICAL_FIELDS) == golden.TECHNICAL_FIELDS
    assert [row.name for row in TECHNICAL_FIELDS if row.collected] == ["ip_address", "browser_family"]
    assert [row.name for row in TECHNICAL_FIELDS if row.flagged] == ["applications_installed", "websites_accessed"]


def test_every_personal_element_has_a_purpose() -> None:
    """Each element can be needed for some registered purpose and is processed by some activity."""
    used = {name for row in ACTIVITIES.values() for name in row.elements}
    assert used == set(ELEMENTS)
    assert all(PURPOSES[row.purpose] for row in ACTIVITIES.values())
