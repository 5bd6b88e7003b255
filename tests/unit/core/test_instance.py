"""Asterisk's files are rendered whole, private, and without anything a value could smuggle in."""

from pathlib import Path

import pytest

from core.asterisk.instance import (
    AsteriskFolders,
    asterisk_command,
    name,
    read_modules,
    render_folder,
    value,
)
from core.errors import SettingWrong


def test_a_later_folder_overrides_an_earlier_one(tmp_path: Path) -> None:
    common, own, target = tmp_path / "common", tmp_path / "own", tmp_path / "etc"
    for folder in (common, own, target):
        folder.mkdir()
    (common / "a.conf.j2").write_text("a = common\n")
    (common / "b.conf.j2").write_text("b = {{ who | value }}\n")
    (own / "a.conf.j2").write_text("a = own\n")
    render_folder([common, own], target, {"who": "us"})
    assert (target / "a.conf").read_text() == "a = own\n"
    assert (target / "b.conf").read_text() == "b = us\n"
    assert (target / "b.conf").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text", ["two\nlines", "a;b", "[section]", "${SHELL(id)}", "`id`", "a\\b", "x\r"]
)
def test_a_value_that_would_be_read_as_more_than_a_value_is_refused(text: str) -> None:
    with pytest.raises(SettingWrong):
        value(text)


def test_an_ordinary_value_stays_as_it_is() -> None:
    assert value("ws://127.0.0.1:12350/media") == "ws://127.0.0.1:12350/media"


@pytest.mark.parametrize("text", ["", "a b", "a,b", "话务员", "x" * 61, "../etc"])
def test_a_name_is_letters_digits_and_a_few_marks(text: str) -> None:
    with pytest.raises(SettingWrong):
        name(text)


def test_a_state_folder_too_deep_for_a_control_socket_is_one_clear_line(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    with pytest.raises(SettingWrong, match="状态目录路径过长"):
        AsteriskFolders(deep, Path("/")).make()


def test_without_the_programs_the_message_names_the_set_up(tmp_path: Path) -> None:
    with pytest.raises(SettingWrong, match="hotline setup"):
        asterisk_command(AsteriskFolders(tmp_path, tmp_path / "nothing"))


def test_an_installed_asterisk_is_run_directly(tmp_path: Path) -> None:
    command = asterisk_command(AsteriskFolders(tmp_path, Path("/")))
    assert command[0] == "/usr/sbin/asterisk"


def test_a_module_named_twice_is_loaded_once(tmp_path: Path) -> None:
    file = tmp_path / "modules.toml"
    file.write_text('[a]\nx = ["one", "two"]\n[b]\ny = ["two", "three"]\n')
    assert read_modules(file, "a", "b") == ["one", "two", "three"]
