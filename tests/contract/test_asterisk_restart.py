"""A power cut of Asterisk in mid-call: audio is on disk, and our client finds its way back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.asterisk.ari_events import AriEvent, Reconnected, StasisStart
from core.asterisk.webrtc import BrowserPhone
from core.config import Settings
from simulator.carrier.script import Pause, Play, Stay, Step
from tests.contract.asterisk_sides import connected
from tests.support.asterisk import running_asterisk, write_tone

pytestmark = pytest.mark.integration
WAV_HEADER = 44
BYTES_A_SECOND = 16000


async def test_asterisk_killed_in_mid_call_keeps_the_audio_and_is_found_again(
    base_settings: Settings,
) -> None:
    with running_asterisk(base_settings) as own:
        voice = write_tone(own.settings.state_dir / "voice.wav", 450, 2.0)
        async with connected(own.ari("ivr")) as ivr:
            await ivr.phones.put(BrowserPhone(account="ann", secret="s3cret"))
            async with own.carrier() as carrier:
                with ivr.expect(StasisStart) as started:
                    script: list[Step] = [Play(voice), Pause(0.1)]
                    call = await carrier.call("12345", caller_number="1", script=script)
                    event = await started.wait(5)
                assert await call.script_done()
                own.kill()
                own.start()
                await reconnected(ivr.events())
                with ivr.expect(StasisStart) as again:
                    await carrier.call("12345", caller_number="2", script=[Stay()])
                    await again.wait(5)
            # A browser phone is known after the restart: nobody has to log in again.
            assert await ivr.phones.is_registered("ann") is False
            assert "agent-ann" in own.console("pjsip show endpoints")
        audio = own.settings.spool_dir / "calls" / f"{event.args[1]}-caller.wav"
        assert audio.stat().st_size - WAV_HEADER >= 1.0 * BYTES_A_SECOND


async def reconnected(events: AsyncIterator[AriEvent]) -> None:
    async with asyncio.timeout(15):
        async for event in events:
            if isinstance(event, Reconnected):
                return
