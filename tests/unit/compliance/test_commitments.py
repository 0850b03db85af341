"""What a seal is reckoned over, against examples worked by other means."""

import hashlib
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.compliance.commitments import Seal, canonical, commitment, merkle_root, moment, user_digest
from tools import verify_audit

SALT = UUID("00112233-4455-6677-8899-aabbccddeeff")
SCHOOL = UUID("01900000-0000-7000-8000-000000000001")
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_a_commitment_is_salt_and_json() -> None:
    """By hand: the prefix, the salt's bytes, the sorted JSON in ASCII."""
    text = b'{"kind":"read","reason":"caf\\u00e9","user":"ab"}'
    expected = hashlib.sha256(b"usher-audit-row-1\0" + SALT.bytes + text).hexdigest()
    assert commitment({"reason": "café", "kind": "read"}, "ab", SALT) == expected
    user = b'{"address":null,"client":null,"person":"p"}'
    expected = hashlib.sha256(b"usher-audit-user-1\0" + SALT.bytes + user).hexdigest()
    assert user_digest({"person": "p", "client": None, "address": None}, SALT) == expected


# From RFC 6962's reference implementation: the roots of the first n of these inputs. Ours are hexadecimal there.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize("count", ROOTS)
def test_roots_are_those_of_rfc_6962(count: int) -> None:
    """The published test vectors of Certificate Transparency; the tool agrees."""
    assert merkle_root(INPUTS[:count]) == ROOTS[count]
    assert verify_audit.merkle_root(INPUTS[:count]) == ROOTS[count]


def test_nothing_has_no_root() -> None:
    """An empty seal isn't made."""
    with pytest.raises(ValueError, match="at least one"):
        merkle_root([])


@given(st.lists(digests, min_size=1, max_size=40), st.data())
def test_order_and_content_change_the_root(hashes: list[str], data: st.DataObject) -> None:
    """Whatever is swapped, left out or doubled; and both programs reckon alike."""
    root = merkle_root(hashes)
    assert verify_audit.merkle_root(hashes) == root
    other = data.draw(st.permutations(hashes))
    assert (merkle_root(other) == root) is (other == hashes)
    assert len(hashes) == 1 or merkle_root(hashes[:-1]) != root
    assert merkle_root([*hashes, hashes[-1]]) != root


@given(st.dictionaries(st.text(), values), st.uuids(), digests)
def test_both_programs_commit_alike(facts: dict[str, object], salt: UUID, user: str) -> None:
    """Whatever the facts, after a way through a file."""
    row = json.loads(json.dumps({"facts": facts, "salt": salt.hex, "user": facts, "user_salt": salt.hex}))
    assert verify_audit.commitment(row, user) == commitment(facts, user, salt)
    assert verify_audit.user_digest(row) == user_digest(facts, salt)


@given(st.dictionaries(st.text(), values, min_size=1))
def test_canonical_json_reads_back(facts: dict[str, object]) -> None:
    """ASCII, without blanks between words, in one order whatever order the keys came in."""
    text = canonical(facts)
    assert json.loads(text) == facts
    assert text.isascii()
    assert canonical(dict(reversed(facts.items()))) == text


def test_a_seal_names_the_one_before() -> None:
    """Each of its facts is in its digest, and the tool reckons the same."""
    seal = Seal(SCHOOL, 2, datetime(2026, 11, 21, 8, 0, 0, 5, UTC), 3, "aa", "bb")
    assert moment(seal.sealed_at) == "2026-11-21T08:00:00.000005Z"
    assert verify_audit.seal_digest(seal.facts()) == seal.digest()
    for name, value in (("sequence", 3), ("leaves", 4), ("root", "ab"), ("previous", None), ("sealed_at", "x")):
        assert verify_audit.seal_digest({**seal.facts(), name: value}) != seal.digest()
