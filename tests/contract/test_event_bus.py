"""What every event bus must do: the Redis bus and its in-memory twin, tested alike."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from core.domain.codec import Envelope
from core.domain.events import CallHeld, CaptionPartial
from core.errors import Unavailable
from core.events.bus import EVENTS, LIVE, Command, EventBus
from core.events.memory_bus import MemoryBus
from core.events.redis_bus import RedisBus

KINDS = ["memory", pytest.param("redis", marks=pytest.mark.integration)]


@pytest.fixture(params=KINDS)
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[EventBus]:
    if request.param == "memory":
        yield MemoryBus()
        return
    redis = Redis.from_url(request.getfixturevalue("redis_url"), decode_responses=True)
    yield RedisBus(redis)
    await redis.aclose()


def held(number: int) -> Envelope:
    return Envelope(f"e{number}", CallHeld(call_id=f"c{number}", agent_id="a", at=""))


async def take(events: AsyncIterator[Envelope], count: int) -> list[str]:
    async with asyncio.timeout(10):
        return [(await anext(events)).event_id for _ in range(count)]


async def test_a_follower_sees_what_comes_after_a_position_in_order(bus: EventBus) -> None:
    await bus.publish(EVENTS, [held(1)])
    start = await bus.position(EVENTS)
    await bus.publish(EVENTS, [held(2), held(3)])
    events = bus.follow(EVENTS, start=start)
    assert await take(events, 2) == ["e2", "e3"]


async def test_two_followers_see_everything_each(bus: EventBus) -> None:
    start = await bus.position(EVENTS)
    await bus.publish(EVENTS, [held(1), held(2)])
    for _ in range(2):
        assert await take(bus.follow(EVENTS, start=start), 2) == ["e1", "e2"]


async def test_a_follower_wakes_up_for_an_event_on_any_of_its_streams(bus: EventBus) -> None:
    start = await bus.position(EVENTS)
    assert start == await bus.position(LIVE)
    events = bus.follow(EVENTS, LIVE, start=start)
    async with asyncio.TaskGroup() as group:
        taken = group.create_task(take(events, 2))
        await bus.publish(LIVE, [Envelope("p", CaptionPartial("c", "caller", 0, "您好"))])
        await bus.publish(EVENTS, [held(1)])
    assert sorted(taken.result()) == ["e1", "p"]


async def test_a_group_shares_the_stream_and_keeps_its_place(bus: EventBus) -> None:
    await bus.publish(EVENTS, [held(1), held(2)])
    first = bus.consume(EVENTS, group="g", consumer="one")
    assert await take(first, 2) == ["e1", "e2"]
    async with asyncio.TaskGroup() as group:
        rest = group.create_task(take(first, 1))  # asking for the third acknowledges the second
        await bus.publish(EVENTS, [held(3)])
    assert rest.result() == ["e3"]


async def test_commands_arrive_whole_and_in_order(bus: EventBus) -> None:
    await bus.send_command(Command("1", "go_ready", "a"))
    await bus.send_command(Command("2", "hold", "a", "c", {"target": "热线"}))
    commands = bus.commands(consumer="one")
    async with asyncio.timeout(10):
        one, two = await anext(commands), await anext(commands)
    assert (one.kind, one.call_id) == ("go_ready", None)
    assert (two.command_id, two.call_id, two.args) == ("2", "c", {"target": "热线"})


@pytest.mark.integration
@pytest.mark.parametrize("heir", ["one", "two"])
async def test_an_entry_that_a_dead_consumer_left_is_given_again(redis_url: str, heir: str) -> None:
    redis = Redis.from_url(redis_url, decode_responses=True)
    bus = RedisBus(redis, claim_idle_ms=0)
    await bus.publish(EVENTS, [held(1)])
    dying = bus.consume(EVENTS, group="g", consumer="one")
    assert await take(dying, 1) == ["e1"]  # never asked again: never acknowledged
    again = bus.consume(EVENTS, group="g", consumer=heir)
    assert await take(again, 1) == ["e1"]
    await redis.aclose()


@pytest.mark.integration
async def test_garbage_on_a_stream_is_skipped(redis_url: str) -> None:
    redis = Redis.from_url(redis_url, decode_responses=True)
    bus = RedisBus(redis)
    start = await bus.position(EVENTS)
    await redis.xadd("hotline:events", {"nonsense": "1"})
    await redis.xadd("hotline:commands", {"nonsense": "1"})
    await bus.publish(EVENTS, [held(1)])
    await bus.send_command(Command("1", "go_ready", "a"))
    assert await take(bus.follow(EVENTS, start=start), 1) == ["e1"]
    async with asyncio.timeout(10):
        assert (await anext(bus.commands(consumer="one"))).command_id == "1"
    await redis.aclose()


async def test_a_redis_that_is_not_there_is_said_in_our_words() -> None:
    redis = Redis.from_url("redis://127.0.0.1:1/0", decode_responses=True)
    with pytest.raises(Unavailable):
        await RedisBus(redis).publish(EVENTS, [held(1)])
    with pytest.raises(Unavailable):
        await RedisBus(redis).send_command(Command("1", "hold", "a"))
    await redis.aclose()
