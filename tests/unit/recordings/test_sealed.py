"""Sealed files give back every byte, and nothing that was tampered with."""

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.sealed import PIECE, SealBroken, SealedFile, seal_file

KEY = bytes(range(32))
LENGTHS = st.sampled_from([0, 1, 43, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 17])


def content_of(length: int) -> bytes:
    return (b"0123456789abcdef" * (length // 16 + 1))[:length]


def seal(folder: Path, content: bytes) -> Path:
    plain, sealed = folder / "call.wav", folder / "call.sealed"
    plain.write_bytes(content)
    copy = seal_file(plain, sealed, key=KEY, key_id="2026-11")
    assert copy.sha256 == hashlib.sha256(content).hexdigest()
    assert copy.sealed_bytes == sealed.stat().st_size
    return sealed


@settings(max_examples=40, deadline=None)
@given(LENGTHS, st.integers(0, 4 * PIECE), st.integers(0, 4 * PIECE))
def test_any_stretch_can_be_read(length: int, start: int, count: int) -> None:
    content = content_of(length)
    with TemporaryDirectory() as folder:
        sealed = seal(Path(folder), content)
        with SealedFile(sealed, key=KEY, key_id="2026-11") as file:
            assert file.size == length
            assert file.read(start, count) == content[start : start + count]
            assert b"".join(file.pieces()) == content


def test_the_plain_audio_is_not_in_the_file(tmp_path: Path) -> None:
    assert b"0123456789abcdef" not in seal(tmp_path, content_of(1_000)).read_bytes()


def test_another_key_reads_nothing(tmp_path: Path) -> None:
    sealed = seal(tmp_path, content_of(1_000))
    with SealedFile(sealed, key=bytes(32), key_id="2026-11") as file, pytest.raises(SealBroken):
        file.read(0, 10)


@pytest.mark.parametrize("place", [9, 20, 30, 500])
def test_one_changed_byte_is_noticed(tmp_path: Path, place: int) -> None:
    sealed = seal(tmp_path, content_of(1_000))
    changed = bytearray(sealed.read_bytes())
    changed[place] ^= 1
    sealed.write_bytes(bytes(changed))
    with SealedFile(sealed, key=KEY, key_id="2026-11") as file, pytest.raises(SealBroken):
        file.read(0, 10)


def test_pieces_cannot_change_places(tmp_path: Path) -> None:
    sealed = seal(tmp_path, content_of(2 * PIECE))
    raw, whole = sealed.read_bytes(), PIECE + 16
    sealed.write_bytes(raw[:24] + raw[24 + whole :] + raw[24 : 24 + whole])
    with SealedFile(sealed, key=KEY, key_id="2026-11") as file, pytest.raises(SealBroken):
        file.read(0, 10)


def test_a_file_that_was_cut_off_is_noticed(tmp_path: Path) -> None:
    sealed = seal(tmp_path, content_of(2 * PIECE))
    sealed.write_bytes(sealed.read_bytes()[:-1])
    with SealedFile(sealed, key=KEY, key_id="2026-11") as file, pytest.raises(SealBroken):
        file.read(PIECE, 10)
