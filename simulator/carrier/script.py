"""What a simulated party does once the line stands: steps, written as text for Asterisk."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

from core.errors import InputRefused

#: Milliseconds a key is held, and the pause after it: as a quick but human finger.
KEY_MS = 120
KEY_GAP_MS = 120


@dataclass(frozen=True, slots=True)
class Play:
    """Say the sound file (8 kHz wav; see sounds.telephone_sound)."""

    file: Path

    @override
    def __str__(self) -> str:
        return f"play:{self.file.with_suffix('')}"


@dataclass(frozen=True, slots=True)
class Pause:
    """Stay silent for some seconds."""

    seconds: float

    @override
    def __str__(self) -> str:
        return f"wait:{self.seconds:g}"


@dataclass(frozen=True, slots=True)
class Press:
    """Press keys."""

    digits: str

    @override
    def __str__(self) -> str:
        return f"dtmf:{self.digits}"


@dataclass(frozen=True, slots=True)
class UntilQuiet:
    """Listen until the other side has been quiet for some milliseconds (at most `at_most_s`)."""

    quiet_ms: int = 700
    at_most_s: int = 30

    @override
    def __str__(self) -> str:
        return f"quiet:{self.quiet_ms}/{self.at_most_s}"


@dataclass(frozen=True, slots=True)
class UntilSound:
    """Listen until the other side makes a sound for some milliseconds (at most `at_most_s`)."""

    sound_ms: int = 200
    at_most_s: int = 60

    @override
    def __str__(self) -> str:
        return f"sound:{self.sound_ms}/{self.at_most_s}"


@dataclass(frozen=True, slots=True)
class Echo:
    """Send back what is heard, until the line ends."""

    @override
    def __str__(self) -> str:
        return "echo:"


@dataclass(frozen=True, slots=True)
class Stay:
    """Keep the line until the other side ends it."""

    @override
    def __str__(self) -> str:
        return "stay:"


@dataclass(frozen=True, slots=True)
class HangUp:
    """Put the phone down."""

    @override
    def __str__(self) -> str:
        return "hangup:"


Step = Play | Pause | Press | UntilQuiet | UntilSound | Echo | Stay | HangUp
Script = Sequence[Step]

_STEP = re.compile(r"(play|wait|dtmf|quiet|sound|echo|stay|hangup):([^|,;\r\n$]*)")


def as_variables(script: Script, prefix: str) -> dict[str, str]:
    """Channel variables `<prefix>_STEP_1` ...: one a step, for a manager line may not be long."""
    variables = {f"{prefix}_STEP_{n}": checked(step) for n, step in enumerate(script, start=1)}
    # The step after the last must be empty also when a longer script stood there before.
    return {**variables, f"{prefix}_STEP_{len(script) + 1}": ""}


def checked(step: Step) -> str:
    """The step as text; refuses what the dialplan would read as something else."""
    text = str(step)
    if not _STEP.fullmatch(text):
        raise InputRefused("剧本中有无法执行的步骤", step=text)
    if isinstance(step, Press) and not re.fullmatch(r"[0-9*#A-Dw]+", step.digits):
        raise InputRefused("剧本中的按键不存在", step=text)
    return text


def read_script(text: str) -> list[Step]:
    """A script from its text form: play:/abs/file.wav|wait:1.5|dtmf:1|hangup:"""
    return [_read_step(part.strip()) for part in text.split("|") if part.strip()]


_VERBS: dict[str, Callable[[str], Step]] = {
    "play": lambda argument: Play(Path(argument)),
    "wait": lambda argument: Pause(float(argument)),
    "dtmf": Press,
    "quiet": lambda argument: UntilQuiet(*_numbers(argument)),
    "sound": lambda argument: UntilSound(*_numbers(argument)),
    "echo": lambda _: Echo(),
    "stay": lambda _: Stay(),
    "hangup": lambda _: HangUp(),
}


def _numbers(argument: str) -> list[int]:
    return [int(part) for part in argument.split("/") if part]


def _read_step(text: str) -> Step:
    verb, _, argument = text.partition(":")
    try:
        return _VERBS[verb](argument)
    except (KeyError, ValueError, TypeError) as wrong:
        raise InputRefused("剧本中有无法执行的步骤", step=text) from wrong
