"""Asterisk's JSON becomes our events."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.asterisk.ari_events import (
    KINDS,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelUserevent,
    EventMalformed,
    OtherEvent,
    PlaybackFinished,
    StasisStart,
    read_event,
)

CHANNEL: dict[str, Any] = {
    "id": "hotline-1.1",
    "name": "PJSIP/carrier-00000001",
    "state": "Up",
    "caller": {"name": "", "number": "13800000001"},
    "connected": {"name": "", "number": ""},
    "dialplan": {
        "context": "ladder",
        "exten": "menu",
        "priority": 2,
        "app_name": "Stasis",
        "app_data": "ivr,inbound,call-1,12345",
    },
    "language": "en",
}


def event(kind: str, **fields: object) -> dict[str, object]:
    return {
        "type": kind,
        "application": "ivr",
        "timestamp": "2026-11-23T04:00:00.125+0000",
        **fields,
    }


def test_a_call_that_enters_brings_its_arguments_and_its_caller() -> None:
    read = read_event(event("StasisStart", channel=CHANNEL, args=["inbound", "call-1", "12345"]))
    assert isinstance(read, StasisStart)
    assert read.args == ("inbound", "call-1", "12345")
    assert read.channel.caller_number == "13800000001"
    assert read.application == "ivr"
    assert read.at is not None
    assert read.at.microsecond == 125_000


def test_a_channel_tells_which_application_it_is_in() -> None:
    read = read_event(event("StasisStart", channel=CHANNEL, args=[]))
    assert isinstance(read, StasisStart)
    assert read.channel.stasis_app == "ivr"
    assert read.channel.stasis_args == ("inbound", "call-1", "12345")


def test_a_channel_in_another_application_of_the_dialplan_is_in_none_of_ours() -> None:
    queueing = {**CHANNEL, "dialplan": {"app_name": "Queue", "app_data": "fallback"}}
    read = read_event(event("ChannelDestroyed", channel=queueing, cause=16, cause_txt="Normal"))
    assert isinstance(read, ChannelDestroyed)
    assert read.cause == 16
    assert read.channel.stasis_app == ""
    assert read.channel.stasis_args == ()


def test_a_key_is_read_with_its_length() -> None:
    read = read_event(event("ChannelDtmfReceived", channel=CHANNEL, digit="#", duration_ms=120))
    assert isinstance(read, ChannelDtmfReceived)
    assert (read.digit, read.duration_ms) == ("#", 120)


def test_a_playback_names_the_channel_that_hears_it() -> None:
    playback = {"id": "p", "target_uri": "channel:c-1", "media_uri": "sound:/x", "state": "done"}
    read = read_event(event("PlaybackFinished", playback=playback))
    assert isinstance(read, PlaybackFinished)
    assert read.playback.channel_id == "c-1"


def test_a_playback_to_a_bridge_names_no_channel() -> None:
    playback = {"id": "p", "target_uri": "bridge:b-1", "media_uri": "sound:/x", "state": "done"}
    read = read_event(event("PlaybackFinished", playback=playback))
    assert isinstance(read, PlaybackFinished)
    assert read.playback.channel_id == ""


def test_a_user_event_keeps_its_fields() -> None:
    read = read_event(
        event("ChannelUserevent", eventname="Mark", userevent={"Step": 1}, channel=CHANNEL)
    )
    assert isinstance(read, ChannelUserevent)
    assert (read.eventname, read.fields) == ("Mark", {"Step": "1"})


def test_a_kind_we_have_no_use_for_is_kept() -> None:
    read = read_event(event("SomethingNew", detail=1))
    assert isinstance(read, OtherEvent)
    assert (read.kind, read.raw["detail"]) == ("SomethingNew", 1)


@pytest.mark.parametrize("broken", [None, [], "StasisStart", {}, {"type": 7}])
def test_what_is_no_event_is_refused(broken: object) -> None:
    with pytest.raises(EventMalformed):
        read_event(broken)


def test_an_event_without_its_channel_is_refused() -> None:
    with pytest.raises(EventMalformed, match="StasisStart"):
        read_event(event("StasisStart", args=[]))


@given(
    kind=st.sampled_from(sorted(KINDS)),
    fields=st.dictionaries(
        st.sampled_from(["channel", "args", "bridge", "playback", "peer", "cause", "digit"]),
        st.none() | st.integers() | st.text() | st.lists(st.integers()) | st.just(CHANNEL),
    ),
)
def test_no_json_breaks_the_reader_in_another_way(kind: str, fields: dict[str, object]) -> None:
    try:
        read_event({"type": kind, **fields})
    except EventMalformed:
        return
