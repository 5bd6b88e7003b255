"""Where a caller is in the menus, and how that is written down to survive a restart."""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, time
from enum import StrEnum
from typing import Any

from core.domain.prompts import Say, Value
from core.errors import InputRefused
from ivr.menu.messages import HangupReason
from ivr.menu.model import ORDINARY_PRIORITY


class Phase(StrEnum):
    """What is going on; GONE is final."""

    NEW = "new"
    SAYING = "saying"  # prompts play, keys count already
    LISTENING = "listening"  # prompts are over, the silence clock runs
    ASKING = "asking"  # the database is asked something about a case
    CONNECTING = "connecting"  # in line for an agent; the last notice plays
    INVITING = "inviting"  # the invitation to leave a message plays
    RECORDING = "recording"  # the message is being recorded
    PARTING = "parting"  # last words, then we hang up
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class MenuState:
    """One call in the menus. Everything in it is plain, so that it can be kept as JSON."""

    phase: Phase = Phase.NEW
    flow: str = ""
    menu: str = ""
    language: str = ""
    queue: str = ""
    skills: tuple[str, ...] = ()
    priority: int = ORDINARY_PRIORITY
    greeted: bool = False  # the opening with the recording notice was heard to its end
    path: tuple[str, ...] = ()
    trail: tuple[str, ...] = ()
    said: tuple[Say, ...] = ()
    digits: str = ""
    case_number: str = ""
    phone_tail: str = ""
    swallow_hash: bool = False
    play: int = 0
    timer: int = 0
    moves: int = 0
    keys: int = 0
    wrong: int = 0
    silent: int = 0
    unknown_cases: int = 0
    solved: int = 0
    rating: int = 0
    hangup: HangupReason = HangupReason.DONE

    def to_json(self) -> str:
        """The state as one line of JSON."""
        raw = {f.name: getattr(self, f.name) for f in fields(self)}
        raw["said"] = [_say_as_json(sentence) for sentence in self.said]
        return json.dumps(raw, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "MenuState":
        """The state that `to_json` wrote; InputRefused for anything else."""
        try:
            raw = json.loads(text)
            raw["phase"] = Phase(raw["phase"])
            raw["hangup"] = HangupReason(raw["hangup"])
            raw["said"] = tuple(_say_from_json(sentence) for sentence in raw["said"])
            for name in ("skills", "path", "trail"):
                raw[name] = tuple(str(item) for item in raw[name])
            return cls(**raw)
        except (ValueError, TypeError, KeyError) as error:
            raise InputRefused("保存的菜单状态无法读取") from error


def _say_as_json(sentence: Say) -> list[Any]:
    values = {
        name: [type(value).__name__, value.isoformat() if isinstance(value, date | time) else value]
        for name, value in sentence.values.items()
    }
    return [sentence.prompt, sentence.language, values]


def _say_from_json(raw: list[Any]) -> Say:
    prompt, language, values = raw
    return Say(
        str(prompt), {name: _READERS[kind](v) for name, (kind, v) in values.items()}, language
    )


_READERS: dict[str, Callable[[Any], Value]] = {
    "int": int,
    "str": str,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}
