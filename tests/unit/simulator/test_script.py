"""A simulated party's steps reach the dialplan as they were meant, or not at all."""

from pathlib import Path

import pytest

from core.errors import InputRefused
from simulator.carrier.script import (
    Echo,
    HangUp,
    Pause,
    Play,
    Press,
    Stay,
    Step,
    UntilQuiet,
    UntilSound,
    as_variables,
    checked,
    read_script,
)


def test_each_step_is_a_variable_and_the_one_after_the_last_is_empty() -> None:
    script: list[Step] = [Pause(0.5), Press("12#"), Play(Path("/calls/lamp.wav")), HangUp()]
    assert as_variables(script, "CALL") == {
        "CALL_STEP_1": "wait:0.5",
        "CALL_STEP_2": "dtmf:12#",
        "CALL_STEP_3": "play:/calls/lamp",
        "CALL_STEP_4": "hangup:",
        "CALL_STEP_5": "",
    }


def test_what_is_written_can_be_read_again() -> None:
    script = [Play(Path("/a/b")), UntilQuiet(500, 9), UntilSound(), Echo(), Stay(), Press("*")]
    assert read_script("|".join(map(str, script))) == script


@pytest.mark.parametrize("text", ["sing:/a", "wait:long", "quiet:1/2/3", "wait"])
def test_a_step_nobody_knows_is_refused(text: str) -> None:
    with pytest.raises(InputRefused):
        read_script(text)


@pytest.mark.parametrize(
    "step",
    [
        Play(Path("/a,b/c.wav")),
        Play(Path("/a/${SHELL(id)}.wav")),
        Play(Path("/a/b;c.wav")),
        Press("1,2"),
        Press("call me"),
        Press(""),
    ],
)
def test_what_the_dialplan_would_read_otherwise_is_refused(step: Play | Press) -> None:
    with pytest.raises(InputRefused):
        checked(step)
