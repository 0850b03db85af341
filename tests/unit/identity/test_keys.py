"""Key files: made once, closed to others, refused when they are open or broken."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.errors import Unavailable
from server.identity.keys import cursor_key, token_key


def test_keys_are_made_on_first_use_and_kept(tmp_path: Path) -> None:
    """The second call reads what the first one wrote."""
    folder = tmp_path / "keys"
    assert token_key(folder).kid == token_key(folder).kid
    assert cursor_key(folder) == cursor_key(folder)
    assert len(cursor_key(folder)) == 32


def test_key_files_belong_to_their_owner_alone(tmp_path: Path) -> None:
    """Files are 0600, folder and data folder 0700, and no unfinished file stays behind."""
    folder = tmp_path / "home" / "keys"
    token_key(folder)
    cursor_key(folder)
    assert {stat.S_IMODE(each.stat().st_mode) for each in (folder, folder.parent)} == {0o700}
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        "token-es256.pem": 0o600,
        "cursor.key": 0o600,
    }


def test_workers_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    """Whoever links the file first wins, and all read that one."""
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(cursor_key, [tmp_path / "keys"] * 32))
    assert len(keys) == 1


@pytest.mark.parametrize("name", ["token-es256.pem", "cursor.key"])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, name: str) -> None:
    """An open key file is named together with the remedy."""
    token_key(tmp_path)
    cursor_key(tmp_path)
    (tmp_path / name).chmod(0o640)
    with pytest.raises(Unavailable, match="chmod 600"):
        (token_key if name.endswith("pem") else cursor_key)(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a key", b"0" * 31])
def test_a_broken_key_is_refused(tmp_path: Path, content: bytes) -> None:
    """Neither an empty file nor a short one is ever used as a key."""
    for name, read in (("token-es256.pem", token_key), ("cursor.key", cursor_key)):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o600)
        with pytest.raises(Unavailable, match="Restore"):
            read(tmp_path)


def test_a_key_of_another_curve_is_refused(tmp_path: Path) -> None:
    """ES256 is P-256 and nothing else."""
    from joserfc.jwk import ECKey

    (tmp_path / "token-es256.pem").write_bytes(ECKey.generate_key("P-384").as_pem(private=True))
    (tmp_path / "token-es256.pem").chmod(0o600)
    with pytest.raises(Unavailable, match="P-256"):
        token_key(tmp_path)
