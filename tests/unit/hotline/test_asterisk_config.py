"""The hotline's Asterisk is rendered from settings, lines, seats and trunks."""

import configparser
from dataclasses import replace
from pathlib import Path

import pytest

from core.config import Settings
from core.errors import SettingWrong
from hotline.asterisk_config import (
    Line,
    Seat,
    Trunk,
    carrier_settings,
    load_trunks,
    render_hotline,
)

TRUNKS = """
[trunks.telecom]
host = "10.1.2.3"
username = "city-hotline"
password = "from-telecom"
peer_username = "telecom"
peer_password = "to-telecom"
permit = ["10.1.2.0/255.255.255.0"]

[trunks.water]
host = "10.9.9.9"
port = 5080
username = "water"
password = "from-water"
transport = "tcp"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(Settings(), state_dir=tmp_path / "s")


def sections(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.strip("[]") for line in lines if line.startswith("[")]


def test_each_line_greets_in_its_own_words_on_the_last_rung(settings: Settings) -> None:
    lines = [Line("12345", "greeting_12345"), Line("12319", "greeting_12319")]
    folders = render_hotline(settings, lines=lines, seats=[])
    dialplan = (folders.etc / "extensions.conf").read_text()
    assert "exten => 12319,1,Playback(${PROMPTS}/greeting_12319)" in dialplan
    assert "exten => 12345,1,Playback(${PROMPTS}/greeting_12345)" in dialplan


def test_a_browser_and_a_desk_phone_are_both_rung_on_the_last_rung(settings: Settings) -> None:
    folders = render_hotline(settings, lines=[], seats=[Seat("ann"), Seat("bob", "2001")])
    queues = (folders.etc / "queues.conf").read_text()
    assert "member => PJSIP/agent-ann,0,ann,PJSIP/agent-ann,no" in queues
    assert "member => PJSIP/2001@carrier,0,bob,PJSIP/carrier,yes" in queues


def test_several_trunks_each_prove_themselves_and_come_from_their_own_network(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "trunks.toml"
    file.write_text(TRUNKS)
    trunks = load_trunks(settings, file)
    folders = render_hotline(settings, lines=[], seats=[], trunks=trunks)
    pjsip = folders.etc / "pjsip.conf"
    assert [one for one in sections(pjsip) if one.startswith(("telecom", "water"))] == [
        "telecom",
        "telecom-in",
        "telecom-out",
        "telecom",
        "water",
        "water-in",
        "water",
    ]
    text = pjsip.read_text()
    assert "permit = 10.1.2.0/255.255.255.0" in text
    assert "contact = sip:10.9.9.9:5080" in text
    assert "identify_by = auth_username" in text


def test_without_a_file_of_trunks_the_simulated_network_is_the_trunk(
    settings: Settings, tmp_path: Path
) -> None:
    (trunk,) = load_trunks(settings, tmp_path / "none.toml")
    carrier = carrier_settings(settings)
    assert trunk.name == "carrier"
    assert (trunk.username, trunk.password) == (carrier.username, carrier.password)
    assert (trunk.peer_username, trunk.peer_password) == (
        carrier.peer_username,
        carrier.peer_password,
    )
    assert trunk.port == carrier.sip_port


@pytest.mark.parametrize(
    "text", ["[trunks.x]\nhost = ", "[trunks.x]\nhsot = 'a'\n", "trunks = 3\n"]
)
def test_a_mistake_in_the_file_of_trunks_is_one_clear_line(
    settings: Settings, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "trunks.toml"
    file.write_text(text)
    with pytest.raises(SettingWrong, match=r"trunks\.toml"):
        load_trunks(settings, file)


@pytest.mark.parametrize(
    "trunk",
    [
        Trunk(name="a b", host="h", username="u", password="p"),
        Trunk(name="t", host="h\npermit = 0.0.0.0/0", username="u", password="p"),
        Trunk(name="t", host="h", username="u", password="p;x"),
    ],
)
def test_a_trunk_cannot_smuggle_settings_in(settings: Settings, trunk: Trunk) -> None:
    with pytest.raises(SettingWrong):
        render_hotline(settings, lines=[], seats=[], trunks=[trunk])


def test_beyond_loopback_the_manager_port_is_for_private_networks_only(
    settings: Settings,
) -> None:
    open_settings = replace(settings, host="0.0.0.0", public_host="203.0.113.7")  # noqa: S104
    folders = render_hotline(open_settings, lines=[], seats=[])
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.read(folders.etc / "manager.conf")
    assert parser["hotline"]["deny"] == "0.0.0.0/0.0.0.0"
    manager = (folders.etc / "manager.conf").read_text()
    assert "permit = 10.0.0.0/255.0.0.0" in manager
    assert "external_media_address = 203.0.113.7" in (folders.etc / "pjsip.conf").read_text()


def test_music_and_beep_are_made_once(settings: Settings) -> None:
    folders = render_hotline(settings, lines=[], seats=[])
    music = folders.home / "moh" / "hold.wav"
    made = music.stat().st_mtime_ns
    render_hotline(settings, lines=[], seats=[])
    assert music.stat().st_mtime_ns == made
    assert (folders.sounds / "beep.wav").is_file()
