"""Settings: environment over file over defaults, one clear line when wrong, no secrets shown."""

from pathlib import Path

import pytest

from core.config import PORT_OFFSETS, Settings, load_settings, printable
from core.errors import SettingWrong


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    file = tmp_path / "hotline.toml"
    file.write_text('city_name = "甲市"\noffer_seconds = 15\n', encoding="utf-8")
    settings = load_settings({"HOTLINE_CITY_NAME": "乙市"}, file=file)
    assert (settings.city_name, settings.offer_seconds) == ("乙市", 15)
    assert settings.wrap_up_seconds == Settings().wrap_up_seconds


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOTLINE_PORT_BASE", "eighty"),
        ("HOTLINE_PORT_BASE", "80"),
        ("HOTLINE_PORT_BASE", "65530"),
        ("HOTLINE_OFFLINE", "maybe"),
        ("HOTLINE_LANGUAGE", "fr"),
        ("HOTLINE_SPEECH_ENGINE", "magic"),
        ("HOTLINE_OFFER_SECONDS", "0"),
        ("HOTLINE_RTP_COUNT", "2"),
        ("HOTLINE_NO_SUCH_THING", "1"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingWrong) as refused:
        load_settings({name: value}, file=tmp_path / "none.toml")
    assert "\n" not in refused.value.message
    assert name.removeprefix("HOTLINE_").lower() in refused.value.message.lower()


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "hotline.toml"
    file.write_text("port_base = = 3", encoding="utf-8")
    with pytest.raises(SettingWrong, match=r"hotline\.toml"):
        load_settings({}, file=file)


def test_secrets_are_read_from_their_files_and_never_printed(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "ari_password").write_text("geheim\n", encoding="utf-8")
    settings = load_settings({"HOTLINE_STATE_DIR": str(tmp_path)}, file=tmp_path / "none.toml")
    assert settings.ari_password == "geheim"
    assert "geheim" not in str(printable(settings))


def test_no_two_parts_share_a_port() -> None:
    assert len(set(PORT_OFFSETS.values())) == len(PORT_OFFSETS)
