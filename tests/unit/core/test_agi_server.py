"""A script talks to Asterisk through FastAGI, and survives what Asterisk does in return."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from core.asterisk.agi_server import AgiServer, AgiSession, quoted
from core.asterisk.errors import AgiBroken, CallerHungUp

ENVIRONMENT = (
    "agi_network: yes\nagi_network_script: menu\nagi_request: agi://127.0.0.1/menu\n"
    "agi_channel: PJSIP/carrier-1\nagi_uniqueid: hotline-1.1\nagi_callerid: 13800000001\n\n"
)


class FakePeer:
    """Asterisk's side of one conversation."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def say(self, text: str) -> None:
        self._writer.write(text.encode())
        await self._writer.drain()

    async def hears(self) -> str:
        return (await asyncio.wait_for(self._reader.readline(), 5)).decode().rstrip("\n")

    async def answers(self, line: str) -> str:
        """Answer one command; gives the command."""
        command = await self.hears()
        await self.say(line + "\n")
        return command

    async def is_left(self) -> bool:
        """Whether the server closed the conversation."""
        try:
            return await asyncio.wait_for(self._reader.read(), 5) == b""
        except ConnectionResetError:
            return True

    async def hang_up(self) -> None:
        self._writer.close()
        with suppress(ConnectionResetError):
            await self._writer.wait_closed()


class Outcome:
    """What a handler did: its result, or what it ran into."""

    def __init__(self) -> None:
        self._done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def of(self, script: Callable[[AgiSession], object]) -> Callable[[AgiSession], None]:
        loop = asyncio.get_running_loop()

        def handler(session: AgiSession) -> None:
            try:
                result: object = script(session)
            except (AgiBroken, ZeroDivisionError) as wrong:
                loop.call_soon_threadsafe(self._done.set_result, type(wrong))
                raise
            loop.call_soon_threadsafe(self._done.set_result, result)

        return handler

    async def get(self) -> Any:
        return await asyncio.wait_for(self._done, 5)


@asynccontextmanager
async def serving(
    handler: Callable[[AgiSession], None], *, most_calls: int = 4
) -> AsyncIterator[AgiServer]:
    ready = asyncio.Event()
    server = AgiServer(handler, host="127.0.0.1", port=0, most_calls=most_calls)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(server.serve(on_ready=ready.set))
        await ready.wait()
        yield server
        task.cancel()


@asynccontextmanager
async def phoning(server: AgiServer, greeting: str = ENVIRONMENT) -> AsyncIterator[FakePeer]:
    peer = FakePeer(*await asyncio.open_connection("127.0.0.1", server.port))
    try:
        await peer.say(greeting)
        yield peer
    finally:
        await peer.hang_up()


async def test_a_script_knows_the_call_it_was_given() -> None:
    outcome = Outcome()
    script = outcome.of(lambda s: (s.script, s.channel, s.channel_id, s.caller_number))
    async with serving(script) as server, phoning(server):
        assert await outcome.get() == ("menu", "PJSIP/carrier-1", "hotline-1.1", "13800000001")


async def test_a_key_interrupts_the_sounds_and_is_given() -> None:
    outcome = Outcome()
    script = outcome.of(lambda s: s.play(["/p/one", "/p/two", "/p/three"], interrupt="12"))
    async with serving(script) as server, phoning(server) as peer:
        first = await peer.answers("200 result=0 endpos=800")
        await peer.answers("200 result=49 endpos=160")
        assert await outcome.get() == "1"
        assert first == 'STREAM FILE "/p/one" "12"'


async def test_no_key_in_time_is_an_empty_answer() -> None:
    outcome = Outcome()
    async with (
        serving(outcome.of(lambda s: s.get_digit(2.5))) as server,
        phoning(server) as peer,
    ):
        assert await peer.answers("200 result=0") == "WAIT FOR DIGIT 2500"
        assert await outcome.get() == ""


async def test_a_value_cannot_end_its_argument_or_its_line() -> None:
    outcome = Outcome()
    script = outcome.of(lambda s: s.set_variable("X", 'a "b" \\ \nHANGUP'))
    async with serving(script) as server, phoning(server) as peer:
        command = await peer.answers("200 result=1")
        assert command == 'SET VARIABLE X "a \\"b\\" \\\\  HANGUP"'


async def test_a_variable_that_says_hangup_is_no_hangup() -> None:
    outcome = Outcome()
    script = outcome.of(lambda s: s.get_variable("NEXT"))
    async with serving(script) as server, phoning(server) as peer:
        await peer.answers("200 result=1 (hangup)")
        assert await outcome.get() == "hangup"


async def test_a_variable_that_is_not_set_is_empty() -> None:
    outcome = Outcome()
    script = outcome.of(lambda s: s.get_variable("NOPE"))
    async with serving(script) as server, phoning(server) as peer:
        await peer.answers("200 result=0")
        assert await outcome.get() == ""


async def test_finishing_tells_the_dialplan_where_to_go_before_that_it_is_done() -> None:
    outcome = Outcome()
    script = outcome.of(lambda s: s.finish("acd"))
    async with serving(script) as server, phoning(server) as peer:
        said = [await peer.answers("200 result=1") for _ in range(2)]
        assert said == ['SET VARIABLE NEXT "acd"', 'SET VARIABLE AGI_DONE "1"']


@pytest.mark.parametrize(
    "answer",
    [
        "200 result=-1",
        "200 result=-1 (hangup)",
        "511 Command Not Permitted on a dead channel or intercept routine",
    ],
)
async def test_a_hangup_in_a_command_ends_the_script(answer: str) -> None:
    outcome = Outcome()
    script = outcome.of(lambda s: s.get_digit(5))
    async with serving(script) as server, phoning(server) as peer:
        await peer.answers(answer)
        assert await outcome.get() is CallerHungUp
        assert await peer.is_left()


async def test_the_hangup_line_ends_the_script_at_its_next_command() -> None:
    outcome = Outcome()

    def twice(session: AgiSession) -> None:
        session.get_digit(5)
        session.get_digit(5)

    async with serving(outcome.of(twice)) as server, phoning(server) as peer:
        await peer.answers("HANGUP\n200 result=0")
        assert await outcome.get() is CallerHungUp


async def test_an_asterisk_that_vanishes_ends_the_script() -> None:
    outcome = Outcome()
    script = outcome.of(lambda s: s.get_digit(5))
    async with serving(script) as server, phoning(server) as peer:
        await peer.hears()
        await peer.hang_up()
        assert await outcome.get() is CallerHungUp


@pytest.mark.parametrize(
    "answer",
    [
        "510 Invalid or unknown command",
        "520-Invalid command syntax.  Proper usage follows:\nUsage: X\n520 End of proper usage.",
        "hello?",
    ],
)
async def test_a_command_asterisk_does_not_take_is_our_error(answer: str) -> None:
    outcome = Outcome()
    script = outcome.of(lambda s: s.answer())
    async with serving(script) as server, phoning(server) as peer:
        await peer.answers(answer)
        assert await outcome.get() is AgiBroken


async def test_a_script_that_fails_leaves_the_call_to_the_next_rung() -> None:
    outcome = Outcome()
    script = outcome.of(lambda _: 1 / 0)
    async with serving(script) as server:
        async with phoning(server) as peer:
            assert await outcome.get() is ZeroDivisionError
            assert await peer.is_left()
        async with phoning(server) as next_peer:
            assert await next_peer.is_left()


async def test_a_peer_that_speaks_no_agi_is_left() -> None:
    outcome = Outcome()
    script = outcome.of(lambda _: "never")
    async with serving(script) as server, phoning(server, "GET / HTTP/1.1\n\n") as peer:
        assert await peer.is_left()


async def test_one_call_too_many_is_sent_on_at_once() -> None:
    outcome = Outcome()
    script = outcome.of(lambda s: s.get_digit(5))
    async with serving(script, most_calls=1) as server, phoning(server) as first:
        await first.hears()
        async with phoning(server) as second:
            assert await second.is_left()
        await first.say("200 result=50\n")
        assert await outcome.get() == "2"


def test_quoting_leaves_plain_words_alone() -> None:
    assert quoted("/srv/prompts/zh/welcome") == '"/srv/prompts/zh/welcome"'
