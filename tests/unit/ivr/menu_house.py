"""The menus of rung 1 between a fake Asterisk and records in memory, with clocks fired by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import ivr
from core.actions.voice_callbacks import VoiceAnswer
from core.asterisk.ari_client import AriClient
from core.asterisk.sounds import PromptSounds
from core.domain.calls import CallState, EndedBy
from core.domain.cases import CaseStatus
from core.errors import Unavailable
from core.ids import CallId
from core.vault import Vault
from ivr.line_book import LineBook
from ivr.menu.engine import MenuEngine
from ivr.menu.messages import CaseAnswer, CaseResult, Enqueue, LineFacts, UrgeAnswer
from ivr.menu.state import MenuState
from ivr.records import MenuCall
from ivr.session import MenuParts
from ivr.stasis_app import StasisApp, Surroundings
from tests.fakes.asterisk import FakeAsterisk
from tests.fakes.clock import FakeClock
from tests.unit.ivr.menu_driver import LINE, shipped_book

PROMPTS = Path(ivr.__file__).parent / "prompts"
VAULT = Vault(b"k" * 32)


@dataclass
class MemoryRecords:
    """What was written; `is_away` is a database that does not answer."""

    arrivals: list[MenuCall] = field(default_factory=list)
    queue: dict[CallId, Enqueue] = field(default_factory=dict)
    messages: list[CallId] = field(default_factory=list)
    ratings: dict[CallId, int] = field(default_factory=dict)
    ends: dict[CallId, tuple[EndedBy, bool]] = field(default_factory=dict)
    ended_at: dict[CallId, datetime | None] = field(default_factory=dict)
    answers: dict[CallId, tuple[VoiceAnswer, EndedBy]] = field(default_factory=dict)
    states: dict[CallId, tuple[CallState, str]] = field(default_factory=dict)
    in_menus: dict[CallId, tuple[str, CallState]] = field(default_factory=dict)
    is_away: bool = False
    breaks: bool = False

    async def arrived(self, call: MenuCall) -> None:
        self._check()
        if call.call_id not in {known.call_id for known in self.arrivals}:
            self.arrivals.append(call)

    async def queued(self, call: MenuCall, order: Enqueue) -> None:
        await self.arrived(call)
        self.queue[call.call_id] = order

    async def taking_message(self, call_id: CallId) -> None:
        self._check()
        self.messages.append(call_id)

    async def rated(self, call_id: CallId, score: int) -> None:
        self._check()
        self.ratings[call_id] = score

    async def ended(
        self,
        call_id: CallId,
        ended_by: EndedBy,
        *,
        voicemail: bool = False,
        at: datetime | None = None,
    ) -> None:
        self._check()
        self.ends.setdefault(call_id, (ended_by, voicemail))
        self.ended_at.setdefault(call_id, at)

    async def answered(self, call_id: CallId, answer: VoiceAnswer, ended_by: EndedBy) -> None:
        self._check()
        self.answers.setdefault(call_id, (answer, ended_by))

    async def state_of(self, call_id: CallId) -> tuple[CallState, str] | None:
        self._check()
        return self.states.get(call_id)

    async def open_in_menus(self) -> Mapping[CallId, tuple[str, CallState]]:
        self._check()
        return self.in_menus

    def _check(self) -> None:
        if self.breaks:
            raise ZeroDivisionError
        if self.is_away:
            raise Unavailable


@dataclass
class MemoryCases:
    """Answers as it was told to."""

    answer: CaseAnswer = field(default_factory=lambda: CaseAnswer(CaseResult.UNKNOWN))
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    urged: list[str] = field(default_factory=list)

    async def ask(self, number: str, phone_tail: str, *, caller_number: str) -> CaseAnswer:
        self.asked.append((number, phone_tail, caller_number))
        return self.answer

    async def urge(self, number: str, *, call_id: CallId) -> UrgeAnswer:
        assert call_id
        self.urged.append(number)
        return UrgeAnswer(noted=True)


@dataclass
class MemoryStates:
    """Menu states by call, as text."""

    kept: dict[CallId, str] = field(default_factory=dict)

    async def save(self, call_id: CallId, state: MenuState) -> None:
        self.kept[call_id] = state.to_json()

    async def load(self, call_id: CallId) -> MenuState | None:
        return MenuState.from_json(self.kept[call_id]) if call_id in self.kept else None

    def keys_heard(self, call_id: CallId) -> int:
        """How many keys of the call were taken."""
        return MenuState.from_json(self.kept[call_id]).keys if call_id in self.kept else 0


class HandTimers:
    """Clocks that run out when the test says so."""

    def __init__(self) -> None:
        self._running: dict[int, Callable[[], None]] = {}
        self._numbers = iter(range(10**9))

    def later(self, _seconds: float, act: Callable[[], None]) -> "HandTimer":
        number = next(self._numbers)
        self._running[number] = act
        return HandTimer(lambda: self._running.pop(number, None))

    def run_out(self) -> None:
        """Every clock that runs now runs out."""
        due, self._running = list(self._running.values()), {}
        for act in due:
            act()

    @property
    def running(self) -> int:
        return len(self._running)


@dataclass
class HandTimer:
    """One of them."""

    stop: Callable[[], object]

    def cancel(self) -> None:
        self.stop()


class MenuHouse:
    """One process of rung 1 and what is around it."""

    def __init__(self, asterisk: FakeAsterisk) -> None:
        self.asterisk = asterisk
        self.records, self.cases, self.states = MemoryRecords(), MemoryCases(), MemoryStates()
        self.timers, self.clock = HandTimers(), FakeClock()
        self.book = LineBook(lines={"12345": LINE})
        self.sounds = PromptSounds(PROMPTS)
        self.app: StasisApp | None = None
        self._never = asyncio.Event()
        asterisk.world.plays_end_at_once = False

    @asynccontextmanager
    async def process(self) -> AsyncIterator[StasisApp]:
        """The process runs; leaving the context is its sudden death."""
        server = self.asterisk
        ari = AriClient(url=server.url, user=server.user, password=server.password, app="ivr")
        parts = MenuParts(
            engine=MenuEngine(shipped_book()),
            records=self.records,
            cases=self.cases,
            states=self.states,
            clock=self.clock,
            later=self.timers.later,
            pause=self._pause,
        )
        app = StasisApp(Surroundings(ari, self.sounds, VAULT, lambda: self.book), parts)
        async with ari, asyncio.TaskGroup() as group:
            tasks = [group.create_task(ari.run()), group.create_task(app.run())]
            await asyncio.wait_for(ari.wait_connected(), 5)
            yield app
            for task in tasks:
                task.cancel()

    async def _pause(self, _seconds: float) -> None:
        await self._never.wait()

    def phone_in(
        self, call_id: str = "call-1", did: str = "12345", caller: str = "13800000001"
    ) -> str:
        """A citizen phones; gives the channel."""
        return self.asterisk.phone_in("ivr", "inbound", call_id, did, caller=caller)

    def use_line(self, line: LineFacts) -> None:
        self.book = LineBook(lines={"12345": line})

    def playing(self, channel: str) -> str:
        """The name of what plays, or ""."""
        found = self.asterisk.world.channels.get(channel)
        return found.playing[-1] if found and found.playing else ""

    async def hears(self, channel: str) -> str:
        """Wait until something plays; gives its name."""
        await until(lambda: bool(self.playing(channel)))
        return self.playing(channel)

    async def hears_another(self, channel: str, than: str) -> str:
        """Wait until something else plays."""
        await until(lambda: self.playing(channel) not in ("", than))
        return self.playing(channel)

    async def listens(self, channel: str) -> None:
        """Hear what plays to its end."""
        self.asterisk.finish_playback(await self.hears(channel))

    async def presses(self, channel: str, keys: str) -> str:
        """Press keys, one at a time as each prompt begins; gives what plays at last."""
        name = await self.hears(channel)
        self.asterisk.press(channel, keys)
        return await self.hears_another(channel, name)

    def is_in(self, channel: str) -> str:
        """The application the channel is in."""
        found = self.asterisk.world.channels.get(channel)
        return found.app if found else ""


async def until(is_so: Callable[[], bool], seconds: float = 5.0) -> None:
    """Give the loop its turn until something is so."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - what is waited for lies in the fake, not in a task
            await asyncio.sleep(0.001)


def found(status: CaseStatus) -> CaseAnswer:
    return CaseAnswer(CaseResult.FOUND, status)
