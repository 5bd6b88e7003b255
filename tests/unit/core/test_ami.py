"""The manager client survives a manager that refuses, goes silent or goes away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.asterisk.ami import Ami, AmiCall
from core.asterisk.errors import AmiRefused, AmiUnreachable

Headers = dict[str, str | None]


class FakeManager:
    """A manager port that answers from a table; an answer of None is silence."""

    def __init__(self) -> None:
        self.answers: dict[str, str | None] = {}
        self.heard: list[list[str]] = []
        self.port = 0
        self._writer: asyncio.StreamWriter | None = None
        self.left = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        writer.write(b"Asterisk Call Manager/9.0.0\r\n")
        while lines := await self._message(reader):
            self.heard.append(lines)
            action = lines[0].removeprefix("Action: ")
            answer = self.answers.get(action, "Response: Success")
            if answer is not None:
                writer.write(f"{answer}\r\n\r\n".encode())
            if action == "Logoff":
                break
        writer.close()
        self.left.set()

    async def tell(self, text: str) -> None:
        assert self._writer is not None
        self._writer.write(text.encode())
        await self._writer.drain()

    def go_away(self) -> None:
        assert self._writer is not None
        self._writer.close()

    async def _message(self, reader: asyncio.StreamReader) -> list[str]:
        lines: list[str] = []
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            lines.append(line)
        return lines


@asynccontextmanager
async def managing() -> AsyncIterator[FakeManager]:
    manager = FakeManager()
    server = await asyncio.start_server(manager.serve, "127.0.0.1", 0)
    manager.port = server.sockets[0].getsockname()[1]
    async with server:
        yield manager
        async with asyncio.timeout(5):
            await manager.left.wait()


def client(
    manager: FakeManager, inbox: "asyncio.Queue[dict[str, str] | None] | None" = None
) -> Ami:
    on_event = inbox.put_nowait if inbox is not None else None
    return Ami(
        host="127.0.0.1",
        port=manager.port,
        user="hotline",
        password="secret",
        on_event=on_event,
        patience_s=0.2,
    )


async def test_an_order_to_dial_carries_its_variables_one_a_line() -> None:
    async with managing() as manager, client(manager) as ami:
        call = AmiCall(
            channel="PJSIP/12345@hotline",
            context="citizen",
            variables={"CALL_STEP_1": "wait:1", "CALL_STEP_2": ""},
            channel_id="leg-1",
        )
        await ami.originate(call)
        order = manager.heard[-1]
    assert "Variable: CALL_STEP_1=wait:1" in order
    assert "Variable: CALL_STEP_2=" in order
    assert "ActionID: leg-1" in order


async def test_a_value_cannot_start_a_header_of_its_own() -> None:
    async with managing() as manager, client(manager) as ami:
        await ami.action("Setvar", Variable="X", Value="1\r\nAction: Command\r\nCommand: stop")
        assert "Value: 1  Action: Command  Command: stop" in manager.heard[-1]


async def test_the_output_of_a_console_command_is_given_line_by_line() -> None:
    async with managing() as manager, client(manager) as ami:
        manager.answers["Command"] = "Response: Success\r\nOutput: one\r\nOutput: two: 2"
        assert await ami.console("core show uptime") == ["one", "two: 2"]


async def test_a_refused_action_is_our_error_with_its_reason() -> None:
    async with managing() as manager, client(manager) as ami:
        manager.answers["Hangup"] = "Response: Error\r\nMessage: No such channel"
        with pytest.raises(AmiRefused) as refused:
            await ami.hangup("PJSIP/none")
        assert refused.value.details["said"] == "No such channel"


async def test_a_refused_login_leaves_nothing_open() -> None:
    async with managing() as manager:
        manager.answers["Login"] = "Response: Error\r\nMessage: Authentication failed"
        with pytest.raises(AmiRefused):
            await client(manager).__aenter__()


async def test_events_reach_their_owner_between_the_answers() -> None:
    inbox: asyncio.Queue[dict[str, str] | None] = asyncio.Queue()
    async with managing() as manager, client(manager, inbox) as ami:
        await manager.tell("Event: UserEvent\r\nUserEvent: ScriptDone\r\nUniqueid: leg-1\r\n\r\n")
        event = await asyncio.wait_for(inbox.get(), 5)
        await ami.action("Ping")
    assert event is not None
    assert event["UserEvent"] == "ScriptDone"


async def test_a_manager_that_goes_silent_is_unreachable() -> None:
    async with managing() as manager, client(manager) as ami:
        manager.answers["Ping"] = None
        with pytest.raises(AmiUnreachable):
            await ami.action("Ping")
        with pytest.raises(AmiUnreachable):
            await ami.action("Ping")


async def test_a_manager_that_goes_away_is_told_and_unreachable() -> None:
    inbox: asyncio.Queue[dict[str, str] | None] = asyncio.Queue()
    async with managing() as manager, client(manager, inbox) as ami:
        manager.go_away()
        assert await asyncio.wait_for(inbox.get(), 5) is None
        with pytest.raises(AmiUnreachable):
            await ami.action("Ping")


async def test_a_port_nobody_listens_on_is_unreachable() -> None:
    with pytest.raises(AmiUnreachable):
        await Ami(host="127.0.0.1", port=9, user="u", password="p").__aenter__()
