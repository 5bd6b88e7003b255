"""Passwords and keys are made once and stay with their owner."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.config import Settings, load_settings, printable
from core.errors import SettingWrong
from hotline.processes import environment
from hotline.secret_files import ensure_secrets
from hotline.supervisor import complete


def _settings(folder: Path) -> Settings:
    return Settings(state_dir=folder)


def test_secrets_are_made_once(tmp_path: Path) -> None:
    assert ensure_secrets(_settings(tmp_path)) == ensure_secrets(_settings(tmp_path))


def test_nobody_else_can_read_a_secret(tmp_path: Path) -> None:
    complete(_settings(tmp_path))
    files = list((tmp_path / "secrets").iterdir())
    assert files
    assert all(path.stat().st_mode & 0o077 == 0 for path in [*files, tmp_path / "secrets"])


def test_a_new_key_is_not_made_beside_old_data(tmp_path: Path) -> None:
    data = tmp_path / "pg" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n", encoding="utf-8")
    with pytest.raises(SettingWrong):
        ensure_secrets(_settings(tmp_path))


def test_a_child_gets_the_settings_but_no_secret_of_a_file(tmp_path: Path) -> None:
    settings = complete(replace(_settings(tmp_path), port_base=15000, offline=True))
    env = environment(settings)
    assert not any(word in text for word in ("password", "master") for text in map(str.lower, env))
    assert load_settings(env) == settings


def test_a_given_secret_reaches_the_child(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://hotline:secret@db.example/hotline"
    env = environment(complete(replace(_settings(tmp_path), database_url=url)))
    assert env["HOTLINE_DATABASE_URL"] == url


def test_own_servers_follow_a_moved_folder_and_port(tmp_path: Path) -> None:
    before = complete(_settings(tmp_path))
    after = complete(replace(before, port_base=15000))
    assert before.redis_url != after.redis_url
    assert ":15011/" in after.redis_url


def test_printed_settings_hold_no_secret(tmp_path: Path) -> None:
    settings = complete(_settings(tmp_path))
    shown = "\n".join(printable(settings).values())
    for secret in (settings.master_key, settings.ari_password, settings.redis_url):
        assert secret not in shown
