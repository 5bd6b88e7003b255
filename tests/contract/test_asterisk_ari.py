"""What we rely on in ARI: the fake Asterisk and the real one keep the same promises."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

import pytest

from core.asterisk.ari_client import AriClient
from core.asterisk.ari_events import (
    ApplicationMoveFailed,
    AriEvent,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelEnteredBridge,
    Connected,
    Disconnected,
    PlaybackFinished,
    Reconnected,
    StasisEnd,
    StasisStart,
)
from core.asterisk.channels import Origination
from core.asterisk.errors import AriEventMissed, AriRefused, AriUnreachable, ChannelGone
from core.asterisk.webrtc import BrowserPhone
from core.ids import new_id
from tests.contract.asterisk_sides import FakeSide, RealSide, Side, connected, enter
from tests.fakes.asterisk import FakeAsterisk

E = TypeVar("E", bound=AriEvent)


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.integration)])
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    if request.param == "fake":
        async with FakeAsterisk() as fake:
            yield FakeSide(fake)
    else:
        asterisk = request.getfixturevalue("asterisk")
        async with asterisk.carrier() as carrier:
            yield RealSide(asterisk, carrier)


@pytest.fixture
async def ivr(side: Side) -> AsyncIterator[AriClient]:
    ari = side.ari("ivr")
    async with connected(ari):
        yield ari
        for channel in await ari.channels.all():
            await ari.channels.hangup(channel.channel_id)


@pytest.fixture
async def acd(side: Side) -> AsyncIterator[AriClient]:
    async with connected(side.ari("acd")) as ari:
        yield ari


async def first(ari: AriClient, kind: type[E]) -> E:
    """The next event of this kind; others before it are passed over."""
    async with asyncio.timeout(5):
        async for event in ari.events():
            if isinstance(event, kind):
                return event
    raise AssertionError("events() ended")


async def test_a_call_is_announced_with_its_arguments_and_its_caller(
    side: Side, ivr: AriClient
) -> None:
    with ivr.expect(StasisStart) as started:
        await side.phone("13800000001")
        event = await started.wait(5)
    assert event.args[0] == "inbound"
    assert event.args[2] == "12345"
    assert event.channel.caller_number == "13800000001"
    assert event.channel.stasis_app == "ivr"
    assert event.channel.stasis_args == event.args


async def test_keys_arrive_one_by_one_and_in_order(side: Side, ivr: AriClient) -> None:
    party, _ = await enter(side, ivr)
    with ivr.expect(ChannelDtmfReceived, where=lambda key: key.digit == "#") as last:
        await party.press("12#")
        await last.wait(5)
    keys = [(await first(ivr, ChannelDtmfReceived)).digit for _ in range(3)]
    assert keys == ["1", "2", "#"]


async def test_sounds_are_played_to_their_end(side: Side, ivr: AriClient) -> None:
    _, channel = await enter(side, ivr)
    with ivr.expect(PlaybackFinished, channel_id=channel.channel_id) as finished:
        await ivr.channels.play(channel.channel_id, [side.sound, side.sound], playback_id="p-1")
        event = await finished.wait(8)
    assert event.playback.playback_id == "p-1"
    assert event.playback.state == "done"


async def test_stopping_a_sound_twice_is_no_error(side: Side, ivr: AriClient) -> None:
    _, channel = await enter(side, ivr)
    with ivr.expect(PlaybackFinished, channel_id=channel.channel_id) as finished:
        await ivr.channels.play(channel.channel_id, [side.sound] * 5, playback_id="p-2")
        await ivr.channels.stop_playback("p-2")
        await finished.wait(5)
    await ivr.channels.stop_playback("p-2")


async def test_a_variable_keeps_what_was_set(side: Side, ivr: AriClient) -> None:
    _, channel = await enter(side, ivr)
    await ivr.channels.set_variable(channel.channel_id, "NOTE", 'says "人民路", 3; ok')
    assert await ivr.channels.get_variable(channel.channel_id, "NOTE") == 'says "人民路", 3; ok'
    assert await ivr.channels.get_variable(channel.channel_id, "NEVER_SET") is None


async def test_the_dialplans_call_id_can_be_read(side: Side, ivr: AriClient) -> None:
    _, channel = await enter(side, ivr)
    assert len(await ivr.channels.get_variable(channel.channel_id, "CALL_UID") or "") == 36


async def test_a_caller_who_hangs_up_leaves_the_application(side: Side, ivr: AriClient) -> None:
    party, channel = await enter(side, ivr)
    with ivr.expect(StasisEnd, channel_id=channel.channel_id) as ended:
        await party.hang_up()
        await ended.wait(5)


async def test_hanging_up_twice_is_no_error(side: Side, ivr: AriClient) -> None:
    _, channel = await enter(side, ivr)
    with ivr.expect(StasisEnd, channel_id=channel.channel_id) as ended:
        await ivr.channels.hangup(channel.channel_id)
        await ended.wait(5)
    await ivr.channels.hangup(channel.channel_id)


async def test_a_channel_that_was_only_in_our_application_ends_with_stasis_end(
    side: Side, ivr: AriClient
) -> None:
    _, channel = await enter(side, ivr)
    _, witness = await enter(side, ivr, "13800000002")
    with ivr.expect(ChannelDestroyed, channel_id=channel.channel_id) as untold:
        with ivr.expect(StasisEnd, channel_id=channel.channel_id) as ended:
            await ivr.channels.hangup(channel.channel_id)
            await ended.wait(5)
        with ivr.expect(StasisEnd, channel_id=witness.channel_id) as later:
            await ivr.channels.hangup(witness.channel_id)
            await later.wait(5)
        with pytest.raises(AriEventMissed):
            await untold.wait(0.05)


async def test_a_command_on_a_channel_that_is_gone_is_refused(ivr: AriClient) -> None:
    with pytest.raises(ChannelGone) as refused:
        await ivr.channels.answer("no-such-channel")
    assert refused.value.status == 404


async def test_music_hold_and_mute_are_taken(side: Side, ivr: AriClient) -> None:
    _, channel = await enter(side, ivr)
    await ivr.channels.start_moh(channel.channel_id)
    await ivr.channels.stop_moh(channel.channel_id)
    await ivr.channels.mute(channel.channel_id)
    await ivr.channels.unmute(channel.channel_id)
    await ivr.channels.hold(channel.channel_id)
    await ivr.channels.unhold(channel.channel_id)
    await ivr.channels.ring(channel.channel_id)
    await ivr.channels.stop_ring(channel.channel_id)


async def test_a_channel_moves_to_another_application(
    side: Side, ivr: AriClient, acd: AriClient
) -> None:
    _, channel = await enter(side, ivr)
    with (
        acd.expect(StasisStart, channel_id=channel.channel_id) as came,
        ivr.expect(StasisEnd, channel_id=channel.channel_id) as left,
    ):
        await ivr.channels.move(channel.channel_id, "acd", "call", "id-1")
        assert (await came.wait(5)).args == ("call", "id-1")
        await left.wait(5)
    held = await acd.applications.find("acd")
    assert held is not None
    assert channel.channel_id in held.channel_ids


async def test_a_move_to_an_absent_application_fails_and_the_channel_stays(
    side: Side, ivr: AriClient
) -> None:
    _, channel = await enter(side, ivr)
    with ivr.expect(ApplicationMoveFailed, channel_id=channel.channel_id) as failed:
        await ivr.channels.move(channel.channel_id, "nobody", "call", "id-1")
        assert (await failed.wait(5)).destination == "nobody"
    await ivr.channels.answer(channel.channel_id)


async def test_a_channel_goes_back_into_the_dialplan(side: Side, ivr: AriClient) -> None:
    _, channel = await enter(side, ivr)
    with ivr.expect(StasisEnd, channel_id=channel.channel_id) as ended:
        await ivr.channels.continue_in_dialplan(channel.channel_id, context="ladder", exten="queue")
        await ended.wait(5)


async def test_two_channels_are_bridged_and_the_bridge_taken_apart(
    side: Side, ivr: AriClient
) -> None:
    _, one = await enter(side, ivr)
    _, two = await enter(side, ivr, "13800000002")
    bridge = new_id()
    await ivr.bridges.create(bridge, name="talk")
    await ivr.bridges.create(bridge, name="talk")
    with ivr.expect(ChannelEnteredBridge, channel_id=two.channel_id) as entered:
        await ivr.bridges.add(bridge, one.channel_id, two.channel_id)
        await entered.wait(5)
    found = await ivr.bridges.find(bridge)
    assert found is not None
    assert set(found.channel_ids) == {one.channel_id, two.channel_id}
    await ivr.bridges.remove(bridge, two.channel_id)
    await ivr.bridges.destroy(bridge)
    await ivr.bridges.destroy(bridge)
    assert await ivr.bridges.find(bridge) is None


async def test_a_channel_that_does_not_exist_cannot_be_bridged(ivr: AriClient) -> None:
    bridge = new_id()
    await ivr.bridges.create(bridge)
    with pytest.raises(AriRefused):
        await ivr.bridges.add(bridge, "no-such-channel")
    await ivr.bridges.destroy(bridge)


async def test_a_snoop_enters_under_the_id_we_chose_and_ends_with_its_call(
    side: Side, ivr: AriClient
) -> None:
    party, channel = await enter(side, ivr)
    snoop = new_id()
    with ivr.expect(StasisStart, channel_id=snoop) as started:
        await ivr.channels.snoop(channel.channel_id, snoop_id=snoop, args=("tap", "x"))
        assert (await started.wait(5)).args == ("tap", "x")
    with ivr.expect(StasisEnd, channel_id=snoop) as ended:
        await party.hang_up()
        await ended.wait(5)


def agent_leg(number: str, channel_id: str) -> Origination:
    return Origination(
        endpoint=f"PJSIP/{number}@carrier",
        channel_id=channel_id,
        context="agent-leg",
        caller_id="13800000001",
        variables={"CALL_UID": new_id(), "LEG": "1", "AGENT_ID": "ann", "OFFER_ID": "o-1"},
    )


async def test_an_answered_agent_enters_through_the_dialplan(side: Side, acd: AriClient) -> None:
    await side.set_number("2001", "answer")
    leg = new_id()
    with acd.expect(StasisStart, channel_id=leg) as answered:
        await acd.channels.originate(agent_leg("2001", leg))
        event = await answered.wait(8)
    assert event.args[0] == "agent"
    assert event.args[2:] == ("ann", "o-1")
    with (
        acd.expect(StasisEnd, channel_id=leg) as ended,
        acd.expect(ChannelDestroyed, channel_id=leg) as gone,
    ):
        await acd.channels.hangup(leg)
        await ended.wait(5)
        await gone.wait(5)


async def test_a_busy_agent_is_told_to_the_application_that_dialled(
    side: Side, acd: AriClient
) -> None:
    await side.set_number("2002", "busy")
    leg = new_id()
    with acd.expect(ChannelDestroyed, channel_id=leg) as gone:
        await acd.channels.originate(agent_leg("2002", leg))
        assert (await gone.wait(8)).cause == 17


async def test_a_ringing_agent_can_be_left_alone_again(side: Side, acd: AriClient) -> None:
    await side.set_number("2003", "silent")
    leg = new_id()
    await acd.channels.originate(agent_leg("2003", leg))
    with acd.expect(ChannelDestroyed, channel_id=leg) as gone:
        await acd.channels.hangup(leg)
        await gone.wait(5)


async def test_a_browser_phone_is_made_and_removed_while_running(acd: AriClient) -> None:
    await acd.phones.put(BrowserPhone(account="eve", secret="s3cret", display_name="Eve"))
    assert await acd.phones.is_registered("eve") is False
    with pytest.raises(AriRefused):
        await acd.channels.originate(
            Origination(endpoint="PJSIP/agent-eve", channel_id=new_id(), context="agent-leg")
        )
    await acd.phones.remove("eve")
    await acd.phones.remove("eve")


async def test_a_broken_stream_is_told_and_the_calls_are_still_there(
    side: Side, ivr: AriClient
) -> None:
    _, channel = await enter(side, ivr)
    await first(ivr, Connected)
    with ivr.expect(ChannelDestroyed, channel_id=channel.channel_id) as never:
        ivr.reconnect()
        with pytest.raises(AriUnreachable):
            await never.wait(5)
    await first(ivr, Disconnected)
    await first(ivr, Reconnected)
    held = await ivr.applications.find("ivr")
    assert held is not None
    assert held.channel_ids == (channel.channel_id,)
    with ivr.expect(PlaybackFinished, channel_id=channel.channel_id) as finished:
        await ivr.channels.play(channel.channel_id, [side.sound])
        await finished.wait(5)


async def test_waiting_for_what_does_not_come_ends(ivr: AriClient) -> None:
    with ivr.expect(StasisStart) as never, pytest.raises(AriEventMissed):
        await never.wait(0.05)


async def test_a_wrong_password_is_refused(side: Side) -> None:
    async with side.ari("ivr", password="wrong") as ari:
        with pytest.raises(AriRefused) as refused:
            await ari.channels.all()
    assert refused.value.status == 401


async def test_an_asterisk_that_is_not_there_is_unreachable() -> None:
    ari = AriClient(url="http://127.0.0.1:9/ari", user="a", password="b", app="ivr")
    async with ari:
        with pytest.raises(AriUnreachable) as lost:
            await ari.channels.all()
    assert lost.value.retryable
