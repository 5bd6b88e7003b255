"""The dialplan keeps every call: journal, recordings and the rungs below our own programs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.asterisk.agi_server import AgiServer, AgiSession
from core.asterisk.ari_events import StasisEnd, StasisStart
from core.config import Settings
from simulator.carrier.network import Behaviour, Carrier
from simulator.carrier.script import HangUp, Pause, Play, Press, Stay, Step, UntilQuiet, UntilSound
from tests.contract.asterisk_sides import connected
from tests.support.asterisk import (
    TONES,
    RealAsterisk,
    loud_tones,
    running_asterisk,
    seconds_of,
    write_tone,
)

pytestmark = pytest.mark.integration

CALLER_HZ, AGENT_HZ = 450, 1500
GREETING = [TONES["greeting_12345"], TONES["recording_notice"], TONES["connecting_agent"]]


@pytest.fixture
async def carrier(asterisk: RealAsterisk) -> AsyncIterator[Carrier]:
    async with asterisk.carrier() as network:
        yield network


@pytest.fixture
def caller_voice(tmp_path: Path) -> Path:
    return write_tone(tmp_path / "caller.wav", CALLER_HZ, 3.0)


def journal(asterisk: RealAsterisk, caller: str) -> list[list[str]]:
    """The journal's lines of this caller's only call."""
    files = sorted((asterisk.settings.spool_dir / "journal").glob("*.csv"))
    lines = [line.split(",") for file in files for line in file.read_text().splitlines()]
    uid = next(line[1] for line in lines if line[0] == "start" and line[3] == caller)
    return [line for line in lines if line[1] == uid]


def recording(asterisk: RealAsterisk, caller: str, part: str) -> Path:
    uid = journal(asterisk, caller)[0][1]
    return asterisk.settings.spool_dir / "calls" / f"{uid}-{part}.wav"


@asynccontextmanager
async def agi(asterisk: RealAsterisk, handler: Callable[[AgiSession], None]) -> AsyncIterator[None]:
    """A FastAGI server where the dialplan looks for it."""
    ready = asyncio.Event()
    server = AgiServer(handler, host="127.0.0.1", port=asterisk.settings.port("agi"))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(server.serve(on_ready=ready.set))
        await ready.wait()
        try:
            yield
        finally:
            task.cancel()


def test_asterisk_boots_and_ends_without_a_complaint(base_settings: Settings) -> None:
    with running_asterisk(base_settings) as own:
        assert "pbx_config" in own.console("module show like pbx_config")
        own.stop()
        assert [line for line in own.log().splitlines() if "ERROR" in line] == []
        assert [line for line in own.log().splitlines() if "WARNING" in line] == []


async def test_a_call_is_journalled_and_recorded_before_any_program_of_ours_sees_it(
    asterisk: RealAsterisk, carrier: Carrier, caller_voice: Path
) -> None:
    async with connected(asterisk.ari("ivr")) as ivr:
        with ivr.expect(StasisStart) as started:
            script: list[Step] = [Play(caller_voice), HangUp()]
            call = await carrier.call("12345", caller_number="13900000001", script=script)
            event = await started.wait(5)
        lines = journal(asterisk, "13900000001")
        assert [line[0] for line in lines] == ["start"]
        assert lines[0][1:3] == [event.args[1], "12345"]
        with ivr.expect(StasisEnd, channel_id=event.channel.channel_id) as ended:
            await call.ended()
            await ended.wait(5)
    assert [line[0] for line in journal(asterisk, "13900000001")] == ["start", "end"]
    voice = recording(asterisk, "13900000001", "caller")
    assert loud_tones(voice) == [CALLER_HZ]
    assert seconds_of(voice) == pytest.approx(3.0, abs=0.3)


async def test_with_every_program_dead_the_queue_finds_an_agent(
    asterisk: RealAsterisk, carrier: Carrier, caller_voice: Path, tmp_path: Path
) -> None:
    agent_voice = write_tone(tmp_path / "agent.wav", AGENT_HZ, 2.0)
    agent_script: list[Step] = [UntilSound(), Play(agent_voice)]
    await carrier.set_number("2001", Behaviour(delay_s=0.1, script=agent_script))
    call = await carrier.call(
        "12345", caller_number="13900000002", script=[Pause(3.2), Play(caller_voice), Stay()]
    )
    agent = await carrier.next_ring("2001")
    assert agent.caller_number == "13900000002"
    assert await agent.answered()
    assert await agent.script_done()
    await agent.hangup()
    await call.ended()
    facts = [(line[0], line[2]) for line in journal(asterisk, "13900000002")]
    assert facts == [
        ("start", "12345"),
        ("rung", "agi"),
        ("rung", "queue"),
        ("agent", "desk2001"),
        ("end", "16"),
    ]
    heard = loud_tones(call.heard)
    assert heard[:3] == GREETING
    assert heard[-1] == AGENT_HZ
    assert loud_tones(agent.heard) == [CALLER_HZ]
    assert loud_tones(recording(asterisk, "13900000002", "agent-0")) == [AGENT_HZ]
    assert loud_tones(recording(asterisk, "13900000002", "caller")) == [CALLER_HZ]


async def test_with_nobody_at_all_the_caller_leaves_a_message(
    asterisk: RealAsterisk, carrier: Carrier, caller_voice: Path
) -> None:
    await carrier.set_number("2001", Behaviour(mode="silent"))
    script: list[Step] = [UntilSound(), UntilQuiet(1200), Play(caller_voice), Press("#"), Stay()]
    beeps = [TONES["voicemail_overflow"], TONES["voicemail_instructions"]]
    call = await carrier.call("12345", caller_number="13900000003", script=script)
    await call.ended(40)
    facts = [(line[0], line[2]) for line in journal(asterisk, "13900000003")]
    assert ("rung", "voicemail") in facts
    assert ("voicemail", "DTMF") in facts
    heard = loud_tones(call.heard)
    assert [tone for tone in beeps if tone in heard] == beeps
    assert heard[-1] == TONES["voicemail_thanks"]
    assert CALLER_HZ in loud_tones(recording(asterisk, "13900000003", "voicemail"))


async def test_a_number_without_a_line_is_told_so(asterisk: RealAsterisk, carrier: Carrier) -> None:
    call = await carrier.call("19999", caller_number="13900000004")
    ending = await call.ended()
    assert ending.was_answered
    assert loud_tones(call.heard) == [TONES["unknown_line"]]


async def test_another_line_greets_in_its_own_name(
    asterisk: RealAsterisk, carrier: Carrier
) -> None:
    call = await carrier.call(
        "12319", caller_number="13900000005", script=[UntilSound(), Pause(1), HangUp()]
    )
    await call.ended()
    assert loud_tones(call.heard)[0] == TONES["greeting_12319"]


async def test_the_script_takes_the_call_when_stasis_is_dead(
    asterisk: RealAsterisk, carrier: Carrier
) -> None:
    keys: list[str] = []

    def menu(session: AgiSession) -> None:
        prompt = str(asterisk.settings.prompts_dir / "zh" / "greeting_12345")
        keys.append(session.play([prompt, prompt, prompt]))
        keys.append(session.get_variable("DID"))
        session.finish("hangup")

    async with agi(asterisk, menu):
        call = await carrier.call(
            "12345", caller_number="13900000006", script=[UntilSound(), Press("2"), Stay()]
        )
        await call.ended()
    assert keys == ["2", "12345"]
    facts = [line[0] for line in journal(asterisk, "13900000006")]
    assert facts == ["start", "rung", "end"]


async def test_the_script_sends_the_caller_to_routing(
    asterisk: RealAsterisk, carrier: Carrier
) -> None:
    async with (
        connected(asterisk.ari("acd")) as acd,
        agi(asterisk, lambda session: session.finish("acd")),
    ):
        with acd.expect(StasisStart) as started:
            call = await carrier.call("12345", caller_number="13900000007")
            event = await started.wait(8)
        assert event.args == ("call", journal(asterisk, "13900000007")[0][1])
        await acd.channels.hangup(event.channel.channel_id)
        await call.ended()


async def test_a_script_that_dies_in_mid_call_leaves_the_caller_to_the_queue(
    asterisk: RealAsterisk, carrier: Carrier
) -> None:
    await carrier.set_number("2001", Behaviour())

    def dies(session: AgiSession) -> None:
        session.get_digit(0.2)
        raise RuntimeError("killed")

    async with agi(asterisk, dies):
        call = await carrier.call("12345", caller_number="13900000008")
        agent = await carrier.next_ring("2001")
        assert await agent.answered()
        await call.hangup()
        await call.ended()
    assert ("rung", "queue") in [(line[0], line[2]) for line in journal(asterisk, "13900000008")]


async def test_an_application_may_name_the_next_step_and_let_go(
    asterisk: RealAsterisk, carrier: Carrier
) -> None:
    await carrier.set_number("2001", Behaviour())
    async with connected(asterisk.ari("ivr")) as ivr:
        with ivr.expect(StasisStart) as started:
            call = await carrier.call("12345", caller_number="13900000009")
            channel = (await started.wait(5)).channel.channel_id
        await ivr.channels.continue_in_dialplan(channel, context="ladder", exten="queue")
        agent = await carrier.next_ring("2001")
        assert await agent.answered()
        await call.hangup()
        await call.ended()


async def test_a_caller_who_hangs_up_at_once_is_journalled_and_over(
    asterisk: RealAsterisk, carrier: Carrier
) -> None:
    call = await carrier.call("12345", caller_number="13900000010", script=[HangUp()])
    await call.ended()
    async with connected(asterisk.ari("ivr")):
        pass  # one round trip to Asterisk later its hangup handler has run
    facts = [line[0] for line in journal(asterisk, "13900000010")]
    assert facts[0] == "start"
    assert facts[-1] == "end"
