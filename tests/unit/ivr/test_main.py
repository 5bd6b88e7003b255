"""Starting the menus: a mistake is one clear line, never a traceback."""

from pathlib import Path

import pytest

import ivr.__main__ as composition
from core.asterisk.sounds import PromptSounds
from ivr.__main__ import main, read_engine
from ivr.menu.messages import SurveyStarted
from ivr.menu.state import MenuState
from tests.unit.ivr.menu_driver import NOON
from tests.unit.ivr.menu_house import PROMPTS


@pytest.mark.parametrize("arguments", [[], ["menu"], ["stasis", "agi"]])
def test_an_unknown_service_is_answered_with_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "stasis|agi" in capsys.readouterr().err


def test_a_wrong_setting_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOTLINE_PORT_BASE", "many")
    assert main(["agi"]) == 1
    told = capsys.readouterr().err
    assert "port_base" in told
    assert told.count("\n") == 1


def test_a_missing_master_key_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("HOTLINE_CONFIG", "/dev/null")
    monkeypatch.setenv("HOTLINE_STATE_DIR", str(tmp_path))
    monkeypatch.delenv("HOTLINE_MASTER_KEY", raising=False)
    assert main(["stasis"]) == 1
    assert "master_key" in capsys.readouterr().err


def test_a_mistake_in_the_menus_stops_the_start_with_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    menus = tmp_path / "menus.toml"
    menus.write_text("[flows.inbound]\nstart = 3\n", encoding="utf-8")
    monkeypatch.setattr(composition, "MENUS", menus)
    monkeypatch.setenv("HOTLINE_CONFIG", "/dev/null")
    monkeypatch.setenv("HOTLINE_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("HOTLINE_MASTER_KEY", "00" * 32)
    assert main(["agi"]) == 1
    assert "第 2 行" in capsys.readouterr().err


def test_the_shipped_menus_and_prompts_fit_together() -> None:
    engine = read_engine(PromptSounds(PROMPTS))
    state, orders = engine.step(MenuState(), SurveyStarted(), NOON)
    assert state.flow == "survey"
    assert orders
