"""Personal data: sealed, found by hash, masked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.vault import Vault, VaultError, mask_phone, normalise_phone

vault = Vault(b"k" * 32)


@given(st.text())
def test_what_was_sealed_opens_again(text: str) -> None:
    assert vault.open(vault.seal(text)) == text


def test_sealing_twice_gives_two_different_texts() -> None:
    assert vault.seal("13800000000") != vault.seal("13800000000")


def test_an_altered_text_does_not_open() -> None:
    sealed = vault.seal("13800000000")
    broken = ("A" if sealed[20] != "A" else "B").join((sealed[:20], sealed[21:]))
    with pytest.raises(VaultError):
        vault.open(broken)


def test_another_key_opens_nothing_and_finds_nothing() -> None:
    other = Vault(b"x" * 32)
    with pytest.raises(VaultError):
        other.open(vault.seal("13800000000"))
    assert other.fingerprint("13800000000") != vault.fingerprint("13800000000")


@pytest.mark.parametrize(
    ("given_number", "expected"),
    [
        ("+86 138-6275-4310", "13862754310"),
        ("008613862754310", "13862754310"),
        ("8613862754310", "13862754310"),
        ("0513-82212345", "051382212345"),
        ("86051382212345", "051382212345"),
        ("+12025550123", "12025550123"),
        ("anonymous", ""),
        ("", ""),
    ],
)
def test_a_number_has_one_form_however_it_is_written(given_number: str, expected: str) -> None:
    assert normalise_phone(given_number) == expected


@given(st.text(alphabet="0123456789+- ", max_size=20))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise_phone(text)
    assert normalise_phone(once) == once


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_masked_number_shows_seven_digits_at_most(number: str) -> None:
    masked = mask_phone(number)
    assert sum(c.isdigit() for c in masked) == 7
    assert number not in masked
