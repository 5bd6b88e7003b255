"""Monthly keys of the recordings."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.vault import Vault
from recordings.keyring import KeyMissing, Keyring

NOVEMBER = datetime(2026, 11, 30, 15, 59, tzinfo=UTC)
DECEMBER = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # midnight in the city


def test_a_month_is_the_citys_month(tmp_path: Path) -> None:
    keys = Keyring(tmp_path, Vault(bytes(32)))
    assert keys.key_id(NOVEMBER) == "2026-11"
    assert keys.key_id(DECEMBER) == "2026-12"


def test_a_months_key_is_made_once_and_survives_a_restart(tmp_path: Path) -> None:
    made = Keyring(tmp_path, Vault(bytes(32))).seal_key("2026-11")
    again = Keyring(tmp_path, Vault(bytes(32)))
    assert again.seal_key("2026-11") == again.open_key("2026-11") == made
    assert again.seal_key("2026-12") != made


def test_no_key_lies_open_on_the_disk(tmp_path: Path) -> None:
    made = Keyring(tmp_path, Vault(bytes(32))).seal_key("2026-11")
    assert all(made not in path.read_bytes() for path in tmp_path.iterdir())


def test_another_master_key_opens_nothing(tmp_path: Path) -> None:
    Keyring(tmp_path, Vault(bytes(32))).seal_key("2026-11")
    with pytest.raises(KeyMissing):
        Keyring(tmp_path, Vault(b"\1" * 32)).open_key("2026-11")


def test_a_destroyed_key_is_gone(tmp_path: Path) -> None:
    keys = Keyring(tmp_path, Vault(bytes(32)))
    keys.seal_key("2026-11")
    keys.destroy("2026-11")
    with pytest.raises(KeyMissing):
        keys.open_key("2026-11")


def test_a_key_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing):
        Keyring(tmp_path, Vault(bytes(32))).open_key("../../etc/passwd")
