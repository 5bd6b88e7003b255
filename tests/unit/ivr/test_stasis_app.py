"""Calls in the menus of rung 1, from the ring to the agents, through failures and restarts."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from core.domain.calls import CallState, EndedBy
from core.domain.cases import CaseStatus
from core.ids import CallId
from core.vault import normalise_phone
from ivr.line_book import LineBook
from ivr.menu.hours import OpeningHours
from ivr.menu.messages import LineFacts, Profile
from ivr.menu.state import MenuState, Phase
from tests.fakes.asterisk import FakeAsterisk
from tests.unit.ivr.menu_driver import LINE, NOON
from tests.unit.ivr.menu_house import VAULT, MenuHouse, found, until

CALL = CallId("call-1")


@pytest.fixture
async def house() -> AsyncIterator[MenuHouse]:
    async with FakeAsterisk() as asterisk:
        house = MenuHouse(asterisk)
        asterisk.world.apps["acd"] = True  # routing is there
        yield house


async def moved(house: MenuHouse, channel: str) -> None:
    await until(lambda: house.is_in(channel) == "acd")


async def test_a_caller_who_presses_zero_is_queued_and_handed_over(house: MenuHouse) -> None:
    async with house.process() as app:
        channel = house.phone_in()
        assert await house.hears(channel) == "call-1.1"
        await house.presses(channel, "0")
        await until(lambda: CALL in house.records.queue)
        assert house.records.queue[CALL].menu_path == ("main",)
        await house.listens(channel)
        await moved(house, channel)
        await until(lambda: app.calls == 0)
    assert [call.line_id for call in house.records.arrivals] == ["12345"]
    assert house.records.ends == {}


async def test_silence_leads_to_the_agents(house: MenuHouse) -> None:
    async with house.process():
        channel = house.phone_in()
        await house.listens(channel)
        await until(lambda: house.timers.running == 1 and not house.playing(channel))
        await until(lambda: '"listening"' in house.states.kept[CALL])
        house.timers.run_out()
        await house.listens(channel)
        await moved(house, channel)


async def test_a_direct_line_is_queued_while_it_greets(house: MenuHouse) -> None:
    house.use_line(LineFacts("12345", "greeting_12345", "general", profile=Profile.DIRECT))
    async with house.process():
        channel = house.phone_in()
        await house.hears(channel)
        await until(lambda: CALL in house.records.queue)
        assert house.is_in(channel) == "ivr"
        await house.listens(channel)
        await moved(house, channel)


async def test_the_state_of_a_case_is_asked_for_with_the_callers_number(house: MenuHouse) -> None:
    house.cases.answer = found(CaseStatus.HANDLING)
    async with house.process():
        channel = house.phone_in()
        await house.presses(channel, "3")
        house.asterisk.press(channel, "2026112300042" + "1234")
        await until(lambda: bool(house.cases.asked))
        await house.presses(channel, "1")
        await until(lambda: house.cases.urged == ["2026112300042"])
    assert house.cases.asked == [("2026112300042", "1234", "13800000001")]


# --- callers we do not put through --------------------------------------------------------------


async def test_a_blacklisted_caller_is_hung_up_after_the_words(house: MenuHouse) -> None:
    fingerprint = VAULT.fingerprint(normalise_phone("13800000001"))
    house.book = LineBook(lines={"12345": LINE}, blocked={fingerprint: NOON + timedelta(days=1)})
    async with house.process():
        channel = house.phone_in()
        await house.listens(channel)
        await until(lambda: house.is_in(channel) == "")
        await until(lambda: CALL in house.records.ends)
    assert house.records.ends[CALL] == (EndedBy.SYSTEM, False)


async def test_a_number_that_is_not_ours_is_told_so(house: MenuHouse) -> None:
    async with house.process():
        channel = house.phone_in(did="99999")
        await house.listens(channel)
        await until(lambda: house.is_in(channel) == "")
    assert CALL not in house.records.queue


async def test_a_message_out_of_hours_is_taken_and_its_file_left_to_the_recording(
    house: MenuHouse,
) -> None:
    house.use_line(LineFacts("12345", "greeting_12345", "general", hours=OpeningHours(())))
    async with house.process():
        channel = house.phone_in()
        await house.listens(channel)
        name = f"voicemail-{CALL}"
        await until(lambda: name in house.asterisk.world.recordings)
        house.asterisk.hang_up(channel)
        await until(lambda: CALL in house.records.ends)
        await until(lambda: ("DELETE", f"/recordings/stored/{name}") in house.asterisk.requests)
    assert house.records.messages == [CALL]
    assert house.records.ends[CALL] == (EndedBy.CALLER, True)


# --- hang-ups ----------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", ["", "1", "2", "3", "3123", "32026112300042", "4", "9", "0"])
async def test_a_hang_up_at_any_step_ends_the_call_and_nothing_else(
    house: MenuHouse, keys: str
) -> None:
    async with house.process() as app:
        channel, other = house.phone_in(), house.phone_in("call-2")
        await house.hears(channel)
        house.asterisk.press(channel, keys)
        await until(lambda: house.states.keys_heard(CALL) == len(keys))
        house.asterisk.hang_up(channel)
        await until(lambda: CALL in house.records.ends)
        assert house.records.ends[CALL] == (EndedBy.CALLER, False)
        await until(lambda: app.calls == 1)
        assert await house.hears(other)


async def test_a_call_of_no_seconds_is_still_written_down(house: MenuHouse) -> None:
    async with house.process() as app:
        house.asterisk.hang_up(house.phone_in())
        await until(lambda: CALL in house.records.ends)
        await until(lambda: app.calls == 0)
    assert [call.call_id for call in house.records.arrivals] == [CALL]


async def test_a_flood_of_keys_neither_stops_the_process_nor_other_calls(house: MenuHouse) -> None:
    async with house.process():
        channel, other = house.phone_in(), house.phone_in("call-2")
        await house.hears(channel)
        house.asterisk.press(channel, "1234567890*#" * 300)
        assert await house.hears(other)
        house.asterisk.press(other, "0")
        await until(lambda: "call-2" in house.records.queue)
        await until(lambda: CALL in house.records.queue or house.timers.running >= 1)


# --- failures ------------------------------------------------------------------------------------


async def test_without_a_database_the_call_goes_to_the_last_rung_with_an_apology(
    house: MenuHouse,
) -> None:
    house.records.is_away = True
    async with house.process():
        channel = house.phone_in()
        await house.presses(channel, "0")
        await until(lambda: house.playing(channel) == "call-1.0")
        await house.listens(channel)
        await until(lambda: bool(house.asterisk.world.dialplan))
        variables = house.asterisk.world.channels[channel].variables
        assert (variables["NEXT"], variables["GREETED"]) == ("queue", "1")


async def test_a_mistake_of_ours_costs_no_caller_the_call(house: MenuHouse) -> None:
    house.records.breaks = True
    async with house.process() as app:
        channel = house.phone_in()
        await house.presses(channel, "0")
        await until(lambda: house.playing(channel) == "call-1.0")
        await house.listens(channel)
        await until(lambda: app.calls == 0)
        assert await house.hears(house.phone_in("call-2"))


async def test_without_routing_the_call_goes_on_in_the_dialplan(house: MenuHouse) -> None:
    house.asterisk.world.apps["acd"] = False
    async with house.process():
        channel = house.phone_in()
        await house.presses(channel, "0")
        await house.listens(channel)
        await until(lambda: house.playing(channel) == "call-1.0")
        await house.listens(channel)
        await until(lambda: bool(house.asterisk.world.dialplan))
        assert house.asterisk.world.channels[channel].variables["NEXT"] == "acd"


async def test_arguments_nobody_knows_are_passed_over(house: MenuHouse) -> None:
    async with house.process():
        house.asterisk.phone_in("ivr", "something", "else", "entirely", "new")
        house.asterisk.phone_in("ivr")
        channel = house.phone_in()
        assert await house.hears(channel)


# --- survey ------------------------------------------------------------------------------------


async def test_the_survey_is_asked_in_the_callers_language_and_kept(house: MenuHouse) -> None:
    house.states.kept[CALL] = MenuState(phase=Phase.GONE, flow="inbound", language="en").to_json()
    async with house.process():
        channel = house.asterisk.phone_in("ivr", "survey", "call-1", caller="13800000001")
        await house.presses(channel, "5")
        await until(lambda: house.records.ratings == {CALL: 5})
        state = await house.states.load(CALL)
        assert state is not None
        assert state.language == "en"
        await house.listens(channel)
        await until(lambda: CALL in house.records.ends)
    assert house.records.ends[CALL] == (EndedBy.AGENT, False)
    assert house.records.arrivals == []


async def test_a_hang_up_in_the_survey_ends_the_call(house: MenuHouse) -> None:
    async with house.process():
        channel = house.asterisk.phone_in("ivr", "survey", "call-1")
        await house.hears(channel)
        house.asterisk.hang_up(channel)
        await until(lambda: CALL in house.records.ends)
    assert house.records.ends[CALL] == (EndedBy.AGENT, False)


# --- restarts ----------------------------------------------------------------------------------


async def test_a_restarted_process_goes_on_where_the_caller_was(house: MenuHouse) -> None:
    async with house.process():
        channel = house.phone_in()
        await house.presses(channel, "2")
        await until(lambda: '"complain"' in house.states.kept[CALL])
    assert house.is_in(channel) == "ivr"
    async with house.process():
        name = await house.hears_another(channel, "call-1.2")
        assert name == "call-1.3"
        house.asterisk.press(channel, "1")
        await until(lambda: CALL in house.records.queue)
    assert house.records.queue[CALL].menu_path == ("main", "complain", "complain_city")


async def test_a_call_without_a_kept_state_hears_the_menu_once_more(house: MenuHouse) -> None:
    async with house.process():
        channel = house.phone_in()
        await house.presses(channel, "2")
    house.states.kept.clear()
    house.records.is_away = True
    async with house.process() as app:
        await until(lambda: app.calls == 1)
        await until(lambda: house.playing(channel) == "call-1.1")


async def test_a_survey_that_nobody_took_is_asked_after_the_restart(house: MenuHouse) -> None:
    async with house.process():
        channel = house.phone_in()
        await house.hears(channel)
    house.records.states[CALL] = (CallState.SURVEY, "zh")
    house.states.kept[CALL] = MenuState(phase=Phase.GONE, flow="inbound", language="zh").to_json()
    async with house.process():
        await until(lambda: '"survey"' in house.states.kept[CALL])


async def test_calls_that_ended_meanwhile_are_ended(house: MenuHouse) -> None:
    house.records.in_menus = {
        CallId("old"): ("gone", CallState.IVR),
        CallId("message"): ("gone-too", CallState.VOICEMAIL),
    }
    async with house.process():
        await until(lambda: len(house.records.ends) == 2)
    assert house.records.ends[CallId("old")] == (EndedBy.UNKNOWN, False)
    assert house.records.ends[CallId("message")] == (EndedBy.UNKNOWN, True)


async def test_a_broken_stream_is_mended_without_losing_the_call(house: MenuHouse) -> None:
    async with house.process():
        channel, gone = house.phone_in(), house.phone_in("call-2")
        first = await house.hears(channel)
        await house.hears(gone)
        await house.asterisk.drop_streams()
        house.asterisk.hang_up(gone)
        await house.hears_another(channel, first)
        await until(lambda: "call-2" in house.records.ends)
        house.asterisk.press(channel, "0")
        await until(lambda: CALL in house.records.queue)


async def test_orders_that_asterisk_did_not_take_are_given_again(house: MenuHouse) -> None:
    async with house.process():
        channel = house.phone_in()
        await house.hears(channel)
        await house.asterisk.__aexit__()
        house.timers.run_out()  # the guard of the prompt: its end will never be told
        await until(lambda: '"listening"' in house.states.kept[CALL])
        house.timers.run_out()  # silence: the caller is to be queued, and told so
        await until(lambda: CALL in house.records.queue and house.timers.running == 1)
        house.asterisk.world.playbacks.clear()
        house.asterisk.world.channels[channel].playing.clear()
        await house.asterisk.__aenter__()
        house.asterisk.world.apps["acd"] = True
        house.timers.run_out()
        await moved(house, channel)


async def test_a_second_comparison_adopts_a_call_that_the_first_one_missed(
    house: MenuHouse,
) -> None:
    async with house.process() as app:
        await until(lambda: ("GET", "/channels") in house.asterisk.requests)
        lost = house.asterisk.world.new_channel("PJSIP/carrier", caller="13800000001")
        lost.app = lost.entered_app = "ivr"
        lost.args = ("inbound", "call-9", "12345")
        await app.compare(is_new_stream=False)
        assert app.calls == 0
        await app.compare(is_new_stream=False)
        assert app.calls == 1
        assert await house.hears(lost.channel_id) == "call-9.1"


async def test_many_calls_at_once_are_served(house: MenuHouse) -> None:
    async with house.process():
        channels = [house.phone_in(f"call-{number}") for number in range(40)]
        await asyncio.gather(*(house.presses(channel, "0") for channel in channels))
        await until(lambda: len(house.records.queue) == len(channels))
