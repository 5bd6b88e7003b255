"""One call in the menus of rung 1: tells the engine what happens and carries out its orders."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from core import logs
from core.actions.voice_callbacks import VoiceAnswer
from core.asterisk.errors import AriUnreachable, ChannelGone
from core.clock import Clock
from core.domain.calls import EndedBy
from core.domain.prompts import say
from core.errors import HotlineError, NotFound, Unavailable
from core.ids import CallId
from core.metrics import LOOP_ERRORS, MENU_EXITS
from ivr.menu.engine import MenuEngine
from ivr.menu.messages import (
    CaseAnswer,
    Command,
    Enqueue,
    Event,
    HandOver,
    Hangup,
    HangupReason,
    HungUp,
    Play,
    PlaybackDone,
    QueryCase,
    RecordVoicemail,
    Resumed,
    SaveRating,
    SetLanguage,
    StartTimer,
    StopPlay,
    TimerFired,
    UrgeAnswer,
    UrgeCase,
)
from ivr.menu.model import SURVEY
from ivr.menu.state import MenuState, Phase
from ivr.menu_states import MenuStates
from ivr.records import CallRecords, MenuCall
from ivr.telephone import Leaving, Telephone

logger = logging.getLogger(__name__)

#: More than anybody can press while one order is carried out; what is beyond is not heard.
_INBOX = 64
_RETRY_SECONDS = 2.0
#: Pauses between tries to write what the caller does not wait for.
_WRITE_AGAIN = (1.0, 2.0, 4.0, 8.0, 15.0)
_GENERAL = "general"


class Timer(Protocol):
    """A clock that can be stopped."""

    def cancel(self) -> None:
        """Stop it."""
        ...


class Cases(Protocol):
    """Answers questions about cases; never raises."""

    async def ask(self, number: str, phone_tail: str, *, caller_number: str) -> CaseAnswer:
        """The state of a case."""
        ...

    async def urge(self, number: str, *, call_id: CallId) -> UrgeAnswer:
        """Press for progress of a case."""
        ...


@dataclass(frozen=True, slots=True)
class MenuParts:
    """What every call of the process shares."""

    engine: MenuEngine
    records: CallRecords
    cases: Cases
    states: MenuStates
    clock: Clock
    later: Callable[[float, Callable[[], None]], Timer]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


class CallLeft(HotlineError):
    """The caller hung up, or the channel is not ours any more."""

    code = "call_left"


class CallSession:
    """Lives from StasisStart to StasisEnd: `run` in a task of its own, `tell` from the stream."""

    def __init__(
        self,
        call: MenuCall,
        telephone: Telephone,
        parts: MenuParts,
        state: MenuState | None = None,
    ) -> None:
        self.call = call
        self.state = state or MenuState()
        self._telephone = telephone
        self._parts = parts
        self._inbox: asyncio.Queue[Event] = asyncio.Queue(_INBOX)
        self._timer: Timer | None = None
        self._aside: asyncio.TaskGroup | None = None
        self._is_announced = False
        self._is_written = False
        self._writing = asyncio.Lock()
        self._took_message = False

    def tell(self, event: Event) -> None:
        """Something happened. A flood of keys is cut off; a hang-up always gets through."""
        if isinstance(event, HungUp):
            while self._inbox.full():
                self._inbox.get_nowait()
        if isinstance(event, PlaybackDone):
            self._telephone.said(event.play)
        if self._inbox.full():
            logger.warning("menu inbox full", extra={"call_id": self.call.call_id})
            return
        self._inbox.put_nowait(event)

    def left(self, how: Leaving) -> None:
        """The channel left the application, or could not."""
        self._telephone.left(how)
        if how is not Leaving.REFUSED:
            self.tell(HungUp())

    async def run(self, first: Event) -> None:
        """Serve the call until it leaves; whatever fails here fails for this call alone."""
        logs.bind(call_id=self.call.call_id)
        try:
            async with asyncio.TaskGroup() as aside:
                self._aside = aside
                await self._serve_or_fall_back(first)
        except* Exception:  # the outermost loop of one call: no other call may suffer
            logger.exception("menu call failed")
            LOOP_ERRORS.labels("menu_call").inc()
        finally:
            self._stop_timer()

    async def _serve_or_fall_back(self, first: Event) -> None:
        try:
            await self._serve(first)
        except CallLeft:
            MENU_EXITS.labels("hung_up").inc()
            await self._ended(EndedBy.CALLER)
        except (HotlineError, OSError) as error:
            logger.warning("menu cannot go on", extra={"why": type(error).__name__})
            await self._fall_back(has_database=not isinstance(error, Unavailable))
        except Exception:  # a mistake of ours must not cost the caller the call
            logger.exception("menu failed")
            LOOP_ERRORS.labels("menu_call").inc()
            await self._fall_back(has_database=False)

    async def _serve(self, first: Event) -> None:
        await self._take(first)
        while self.state.phase is not Phase.GONE:
            await self._take(await self._inbox.get())

    async def _take(self, event: Event) -> None:
        if isinstance(event, HungUp):
            raise CallLeft
        before = self.state
        self.state, orders = self._parts.engine.step(before, event, self._parts.clock.now())
        # Written down before it is done: after a crash every order may be given again. Only the
        # last one, which gives the call away, is noted when it has happened.
        is_last = self.state.phase is Phase.GONE
        self._announce(orders)
        if self.state != before and not is_last:
            await self._parts.states.save(self.call.call_id, self.state)
        try:
            for order in orders:
                await self._carry_out(order)
        except ChannelGone as gone:
            raise CallLeft from gone
        except AriUnreachable:
            # The call may well live on in Asterisk: give the orders again when it answers.
            logger.warning("asterisk does not answer, trying again")
            self.state = before if is_last else self.state
            self._start_timer(_RETRY_SECONDS, Resumed())
            return
        if is_last:
            await self._parts.states.save(self.call.call_id, self.state)

    async def _carry_out(self, order: Command) -> None:
        match order:
            case Play(play, says):
                if not await self._telephone.say(play, says, self.state.language):
                    self.tell(PlaybackDone(play))
            case StopPlay(play):
                await self._telephone.be_quiet(play)
            case StartTimer(timer, seconds):
                self._start_timer(seconds, TimerFired(timer))
            case SetLanguage():
                pass  # the state knows it, and every sentence carries it
            case RecordVoicemail(seconds):
                await self._record(seconds)
            case HandOver() | Hangup():
                await self._let_go(order)
            case _:
                await self._record_or_ask(order)

    async def _record_or_ask(self, order: Command) -> None:
        match order:
            case Enqueue():
                await self._put_in_line(order)
            case SaveRating(score):
                self._do_aside(lambda: self._parts.records.rated(self.call.call_id, score))
            case QueryCase(number, tail):
                caller = self.call.caller_number
                self._answer_aside(self._parts.cases.ask(number, tail, caller_number=caller))
            case UrgeCase(number):
                self._answer_aside(self._parts.cases.urge(number, call_id=self.call.call_id))
            case _:
                raise TypeError(f"unknown order {type(order).__name__}")

    # --- the end ------------------------------------------------------------------------------

    async def _let_go(self, order: HandOver | Hangup) -> None:
        if isinstance(order, Hangup):
            await self._telephone.hang_up()
            MENU_EXITS.labels(order.reason.value).inc()
            is_survey = order.reason is HangupReason.SURVEY
            await self._ended(EndedBy.AGENT if is_survey else EndedBy.SYSTEM)
            return
        if await self._telephone.hand_over() is Leaving.HUNG_UP:
            raise CallLeft
        MENU_EXITS.labels("handed_over").inc()

    async def _fall_back(self, *, has_database: bool) -> None:
        """The next rung of the ladder takes the call; a survey that cannot go on just ends."""
        try:
            if self.state.flow == SURVEY or self.call.is_callback:
                await self._telephone.hang_up()
                await self._ended(EndedBy.SYSTEM if self.call.is_callback else EndedBy.AGENT)
                return
            rung = "acd" if has_database and await self._is_queued() else "queue"
            language = self.state.language or "zh"
            await self._telephone.give_back(rung, (say("apology_fault"),), language)
            MENU_EXITS.labels("fell_back").inc()
        except ChannelGone:
            await self._ended(EndedBy.CALLER)
        except Unavailable:
            # Asterisk itself is away; the call is adopted again once it is back, if it lives.
            logger.warning("call could not be given to the next rung")

    async def _is_queued(self) -> bool:
        """Put the call in line by hand, so that agents can take it without the menu."""
        order = Enqueue(
            queue=self.state.queue or _GENERAL,
            skills=self.state.skills,
            priority=self.state.priority,
            language=self.state.language or "zh",
            menu_path=self.state.path,
        )
        try:
            await self._put_in_line(order)
        except HotlineError:
            return False
        return True

    async def _ended(self, ended_by: EndedBy) -> None:
        """The caller has gone: nobody waits, so this may take its time."""
        if self.call.is_callback:
            answer = VoiceAnswer(self.state.solved, self.state.rating)
            self._do_aside(
                lambda: self._parts.records.answered(self.call.call_id, answer, ended_by)
            )
            return
        took_message, now = self._took_message, self._parts.clock.now()
        if self.state.flow == SURVEY:
            ended_by = EndedBy.AGENT  # the agent put the phone down before the survey began

        async def write() -> None:
            if self.state.flow != SURVEY:
                await self._parts.records.arrived(self.call)
            await self._parts.records.ended(
                self.call.call_id, ended_by, voicemail=took_message, at=now
            )

        self._do_aside(write)
        if took_message:
            self._do_aside(self._telephone.forget_recording)

    # --- things done beside ---------------------------------------------------------------------

    def _announce(self, orders: Sequence[Command]) -> None:
        """Have the arrival written, unless it is about to be with the place in line."""
        if not self._is_announced and not any(isinstance(order, Enqueue) for order in orders):
            self._spawn(self._write_arrival)
        self._is_announced = True

    async def _write_arrival(self) -> None:
        """Once written it is not written again; while it cannot be, the caller goes on."""
        async with self._writing:
            if self._is_written or self.state.flow == SURVEY or self.call.is_callback:
                return
            try:
                await self._parts.records.arrived(self.call)
            except Unavailable:
                logger.warning("arrival not written yet")
                return
            self._is_written = True

    async def _put_in_line(self, order: Enqueue) -> None:
        """The place in line, and with it the arrival if that is not written yet."""
        async with self._writing:
            await self._parts.records.queued(self.call, order)
            self._is_written = True

    async def _record(self, seconds: float) -> None:
        self._took_message = True
        self._do_aside(lambda: self._parts.records.taking_message(self.call.call_id))
        await self._telephone.record(seconds)

    def _answer_aside(self, question: Awaitable[CaseAnswer | UrgeAnswer]) -> None:
        async def answer() -> None:
            self.tell(await question)

        self._spawn(answer)

    def _do_aside(self, act: Callable[[], Awaitable[None]]) -> None:
        """Do something the caller does not wait for; try again for a while if it cannot be."""

        async def insist() -> None:
            for pause in (*_WRITE_AGAIN, None):
                try:
                    await act()
                except NotFound:
                    return  # never written; the journal on disk knows of the call
                except Unavailable:
                    if pause is not None:
                        await self._parts.pause(pause)
                else:
                    return
            logger.warning("menu could not write")

        self._spawn(insist)

    def _spawn(self, act: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            try:
                await act()
            except Exception:  # the outermost loop of a side task: the call itself goes on
                logger.exception("side task of a menu call failed")
                LOOP_ERRORS.labels("menu_aside").inc()

        if self._aside is not None:
            self._aside.create_task(run())

    def _start_timer(self, seconds: float, event: Event) -> None:
        self._stop_timer()
        self._timer = self._parts.later(seconds, lambda: self.tell(event))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
