"""The menus as a script: the same engine, with nothing around it but the call and the disk."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from core.asterisk.agi_server import ANY_KEY, AgiSession
from core.asterisk.errors import CallerHungUp
from core.asterisk.sounds import PromptSounds
from core.vault import normalise_phone
from ivr.agi_app import AgiMenus
from ivr.line_book import LineBook
from ivr.menu.engine import MenuEngine
from ivr.menu.hours import OpeningHours
from ivr.menu.messages import LineFacts, Profile
from tests.fakes.clock import FakeClock
from tests.unit.ivr.menu_driver import LINE, NOON, shipped_book
from tests.unit.ivr.menu_house import PROMPTS, VAULT

SOUNDS = PromptSounds(PROMPTS)


class ScriptedCaller(AgiSession):
    """A caller who presses these keys, one each time he is listened to; "-" is silence."""

    def __init__(self, keys: str = "", *, script: str = "menu", did: str = "12345") -> None:
        self._keys = list(keys)
        self._script = script
        self.variables = {"DID": did, "CALL_UID": "call-1"}
        self.heard: list[str] = []
        self.waited: list[float] = []
        self.recorded: list[str] = []
        self.journal: list[tuple[str, ...]] = []
        self.hangs_up_after: int | None = None

    @property
    @override
    def script(self) -> str:
        return self._script

    @property
    @override
    def caller_number(self) -> str:
        return "13800000001"

    @override
    def play(self, sounds: Sequence[str], *, interrupt: str = ANY_KEY) -> str:
        self.heard += [Path(sound).name for sound in sounds]
        if self.hangs_up_after is not None and len(self.heard) > self.hangs_up_after:
            raise CallerHungUp
        return self._key() if interrupt else ""

    @override
    def get_digit(self, timeout_s: float) -> str:
        self.waited.append(timeout_s)
        return self._key()

    @override
    def record(
        self, file: str, *, longest_s: float, silence_s: int = 0, finish_keys: str = "#"
    ) -> str:
        self.recorded.append(file)
        return finish_keys

    @override
    def gosub(self, context: str, exten: str, *arguments: str) -> None:
        self.journal.append((context, exten, *arguments))

    @override
    def set_variable(self, name: str, value: str) -> None:
        self.variables[name] = value

    @override
    def get_variable(self, name: str) -> str:
        return self.variables.get(name, "")

    def _key(self) -> str:
        key = self._keys.pop(0) if self._keys else "-"
        return "" if key == "-" else key


def menus(book: LineBook | None = None, tmp: Path = Path("calls")) -> AgiMenus:
    found = book or LineBook(lines={"12345": LINE})
    lines: Callable[[], LineBook] = lambda: found  # noqa: E731
    return AgiMenus(
        MenuEngine(shipped_book()),
        SOUNDS,
        line_book=lines,
        vault=VAULT,
        clock=FakeClock(),
        calls_dir=tmp,
    )


def outcome(caller: ScriptedCaller) -> tuple[str, str]:
    return caller.variables.get("NEXT", ""), caller.variables.get("AGI_DONE", "0")


def test_silence_leads_to_the_agents() -> None:
    caller = ScriptedCaller()
    menus().handle(caller)
    assert outcome(caller) == ("acd", "1")
    assert caller.heard[:3] == ["greeting_12345", "recording_notice", "menu_main"]
    assert caller.waited == [shipped_book().limits.silence_seconds]


def test_a_key_in_the_greeting_is_taken() -> None:
    caller = ScriptedCaller("0")
    menus().handle(caller)
    assert outcome(caller) == ("acd", "1")
    assert caller.heard[-2:] == ["recording_notice", "connecting_agent"]


def test_a_case_cannot_be_looked_up_here_so_a_person_does_it() -> None:
    caller = ScriptedCaller("3" + "2026112300042" + "1234")
    menus().handle(caller)
    assert outcome(caller) == ("acd", "1")
    assert "apology_fault" in caller.heard


def test_a_direct_line_is_greeted_and_handed_over() -> None:
    line = LineFacts("12345", "greeting_12345", "general", profile=Profile.DIRECT)
    caller = ScriptedCaller("123")
    menus(LineBook(lines={"12345": line})).handle(caller)
    assert caller.heard == ["greeting_12345", "recording_notice"]
    assert outcome(caller) == ("acd", "1")


def test_out_of_hours_a_message_is_recorded_beside_the_call(tmp_path: Path) -> None:
    line = LineFacts("12345", "greeting_12345", "general", hours=OpeningHours(()))
    caller = ScriptedCaller()
    menus(LineBook(lines={"12345": line}), tmp_path).handle(caller)
    assert caller.recorded == [str(tmp_path / "call-1-voicemail")]
    assert caller.journal == [("journal", "voicemail", "OK")]
    assert outcome(caller) == ("hangup", "1")


def test_a_blacklisted_caller_is_hung_up() -> None:
    blocked = {VAULT.fingerprint(normalise_phone("13800000001")): NOON + timedelta(days=1)}
    caller = ScriptedCaller()
    menus(LineBook(lines={"12345": LINE}, blocked=blocked)).handle(caller)
    assert caller.heard == ["blacklisted"]
    assert outcome(caller) == ("hangup", "1")


def test_without_any_line_book_the_caller_still_gets_the_menu() -> None:
    caller = ScriptedCaller(did="12319")
    menus(LineBook()).handle(caller)
    assert caller.heard[0] == "greeting_12345"
    assert outcome(caller) == ("acd", "1")


def test_the_dialplan_does_not_greet_again_after_the_script() -> None:
    caller = ScriptedCaller()
    menus().handle(caller)
    assert caller.variables["GREETED"] == "1"


def test_a_script_nobody_knows_leaves_the_call_to_the_next_rung() -> None:
    caller = ScriptedCaller(script="other")
    menus().handle(caller)
    assert outcome(caller) == ("", "0")


def test_a_hang_up_ends_the_script_at_once() -> None:
    caller = ScriptedCaller("2-")
    caller.hangs_up_after = 3
    with pytest.raises(CallerHungUp):
        menus().handle(caller)
    assert outcome(caller) == ("", "0")
