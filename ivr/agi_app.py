"""Rung 2: the same menus as a script over FastAGI, for times when our other processes are away.

Everything it needs lies on disk or in the call itself: no database, no Redis, no ARI. Its state
lives as long as the conversation; whoever loses it is led on by the dialplan.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from core.asterisk.agi_server import ANY_KEY, AgiSession
from core.asterisk.errors import AgiBroken
from core.asterisk.sounds import PromptSounds
from core.clock import Clock
from core.domain.calls import Rung
from core.metrics import CALLS_ARRIVED, MENU_EXITS
from core.vault import Vault, normalise_phone
from ivr.line_book import LineBook
from ivr.menu.engine import MenuEngine
from ivr.menu.messages import (
    CaseAnswer,
    CaseResult,
    Command,
    Digit,
    Event,
    HandOver,
    Hangup,
    Play,
    PlaybackDone,
    QueryCase,
    RecordVoicemail,
    Started,
    StartTimer,
    TimerFired,
    UrgeAnswer,
    UrgeCase,
    VoicemailDone,
)
from ivr.menu.state import MenuState, Phase

logger = logging.getLogger(__name__)

SCRIPT = "menu"
_VOICEMAIL_SILENCE_SECONDS = 8
#: More events than any call can need: a mistake must end with the next rung, not in a loop.
_MOST_STEPS = 2000
#: Without a database nobody knows a case; the engine then apologises and finds a person.
_ANSWERS: dict[type[Command], Event] = {
    QueryCase: CaseAnswer(CaseResult.UNAVAILABLE),
    UrgeCase: UrgeAnswer(noted=False),
}


class AgiMenus:
    """`handle` serves one call in a thread of its own; nothing in it is shared but read-only."""

    def __init__(
        self,
        engine: MenuEngine,
        sounds: PromptSounds,
        *,
        line_book: Callable[[], LineBook],
        vault: Vault,
        clock: Clock,
        calls_dir: Path,
    ) -> None:
        self._engine = engine
        self._sounds = sounds
        self._line_book = line_book
        self._vault = vault
        self._clock = clock
        self._calls_dir = calls_dir

    def handle(self, session: AgiSession) -> None:
        """Run the menus; returning without `finish` sends the caller to the next rung."""
        if session.script != SCRIPT:
            logger.warning("unknown agi script")
            return
        CALLS_ARRIVED.labels(str(Rung.AGI.value)).inc()
        conversation = AgiConversation(session, self._sounds, self._calls_dir)
        state = MenuState()
        events: list[Event] = [self._beginning(session)]
        for _ in range(_MOST_STEPS):
            event = events.pop(0) if events else conversation.next_event()
            state, orders = self._engine.step(state, event, self._clock.now())
            events += conversation.take(orders, state)
            if state.phase is Phase.GONE:
                conversation.leave()
                return
        logger.error("agi menu does not end")

    def _beginning(self, session: AgiSession) -> Started:
        book, now = self._line_book(), self._clock.now()
        line = book.line(session.get_variable("DID"), now)
        fingerprint = self._vault.fingerprint(normalise_phone(session.caller_number))
        return Started(line, book.caller(fingerprint))


class AgiConversation:
    """Turns the engine's orders into AGI's one-thing-at-a-time, and what comes back into events.

    Playing and waiting block, and end at a key: so only the last Play and the last clock of a
    batch of orders are kept, and carried out when the next event is wanted.
    """

    def __init__(self, session: AgiSession, sounds: PromptSounds, calls_dir: Path) -> None:
        self._session = session
        self._sounds = sounds
        self._calls_dir = calls_dir
        self._play: Play | None = None
        self._timer: StartTimer | None = None
        self._message: RecordVoicemail | None = None
        self._language = ""
        self._takes_keys = True
        self._next = ""

    def take(self, orders: tuple[Command, ...], state: MenuState) -> list[Event]:
        """Note the orders; questions that nobody can answer here are answered at once."""
        self._language = state.language
        # What must be heard is played to the end: a key would only be lost in it.
        self._takes_keys = state.phase in (Phase.SAYING, Phase.INVITING)
        for order in orders:
            self._note(order)
        return [_ANSWERS[type(order)] for order in orders if type(order) in _ANSWERS]

    def _note(self, order: Command) -> None:
        match order:
            case Play():
                self._play = order
            case StartTimer():
                self._timer = order
            case RecordVoicemail():
                self._message = order
            case HandOver():
                self._next = "acd"
            case Hangup(reason):
                self._next = "hangup"
                MENU_EXITS.labels(f"agi_{reason.value}").inc()
            case _:
                pass  # a language, a place in line: routing asks for neither on this rung

    def next_event(self) -> Event:
        """Play what is to be played, or record, or wait; blocks until something happens."""
        if self._play is not None:
            return self._say(self._play)
        if self._message is not None:
            return self._record(self._message)
        timer, self._timer = self._timer, None
        if timer is None:
            raise AgiBroken("菜单没有要等待的事")
        key = self._session.get_digit(timer.seconds)
        return Digit(key) if key else TimerFired(timer.timer)

    def leave(self) -> None:
        """Tell the dialplan that the script is done and where the call goes."""
        self._session.set_variable("GREETED", "1")
        self._session.finish(self._next or "queue")

    def _say(self, order: Play) -> Event:
        self._play = None
        paths = self._sounds.paths(order.says, self._language)
        key = self._session.play(paths, interrupt=ANY_KEY if self._takes_keys else "")
        return Digit(key) if key else PlaybackDone(order.play)

    def _record(self, order: RecordVoicemail) -> Event:
        self._message = None
        call_id = self._session.get_variable("CALL_UID")
        self._session.record(
            str(self._calls_dir / f"{call_id}-voicemail"),
            longest_s=order.max_seconds,
            silence_s=_VOICEMAIL_SILENCE_SECONDS,
        )
        # The journal tells those who come back later that a message waits for them.
        self._session.gosub("journal", "voicemail", "OK")
        return VoicemailDone()
