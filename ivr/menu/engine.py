"""The voice menu as a pure engine: what happens next when a caller does something, or nothing."""

from dataclasses import replace
from datetime import datetime

from core.domain.prompts import say
from ivr.menu.messages import (
    CallbackStarted,
    CallerFacts,
    CaseAnswer,
    CaseResult,
    Command,
    Digit,
    Event,
    HangupReason,
    HungUp,
    LineFacts,
    PlaybackDone,
    Profile,
    Resumed,
    SaveRating,
    SetLanguage,
    Started,
    StopPlay,
    SurveyStarted,
    TimerFired,
    UrgeAnswer,
    VoicemailDone,
)
from ivr.menu.model import (
    CALLBACK,
    CLOSED,
    INBOUND,
    KEYS,
    SURVEY,
    Field,
    Menu,
    MenuBook,
    MenuKind,
)
from ivr.menu.moves import Moves, Step
from ivr.menu.speech import case_says, closed_says, in_language
from ivr.menu.state import MenuState, Phase

#: Phases in which a key can change anything.
_KEYS_COUNT = frozenset({Phase.SAYING, Phase.LISTENING, Phase.ASKING, Phase.INVITING})
#: Phases that begin with a prompt and go on when it was said.
_PLAYING = frozenset({Phase.SAYING, Phase.CONNECTING, Phase.INVITING, Phase.PARTING})


class MenuEngine:
    """`step` is the whole of it: no clock, no telephone, no database, the same for every rung."""

    def __init__(self, book: MenuBook) -> None:
        self._book = book
        self._moves = Moves(book)

    def step(self, state: MenuState, event: Event, now: datetime) -> Step:
        """The new state and the orders to carry out, in their order."""
        if state.phase is Phase.GONE:
            return state, ()
        match event:
            case HungUp():
                return replace(state, phase=Phase.GONE), ()
            case Started(line, caller):
                return self._start(state, line, caller, now)
            case SurveyStarted() | CallbackStarted():
                return self._start_asking(state, event)
            case Resumed():
                return self._resume(state)
            case _:
                return self._go_on(state, event)

    def _go_on(self, state: MenuState, event: Event) -> Step:
        match event:
            case Digit(key):
                return self._digit(state, key)
            case PlaybackDone(play) if play == state.play and state.phase in _PLAYING:
                return self._prompt_over(state)
            case TimerFired(timer) if timer == state.timer:
                return self._clock_over(state)
            case CaseAnswer() | UrgeAnswer() if state.phase is Phase.ASKING:
                return self._answer(state, event)
            case VoicemailDone(seconds) if state.phase is Phase.RECORDING:
                return self._message_over(state, seconds)
            case _:
                return state, ()

    def _menu(self, state: MenuState) -> Menu:
        return self._book.menus[state.menu]

    # --- beginnings -------------------------------------------------------------------------

    def _start(
        self, state: MenuState, line: LineFacts | None, caller: CallerFacts, now: datetime
    ) -> Step:
        if state.phase is not Phase.NEW:
            return state, ()
        says = self._book.says
        state = replace(state, flow=INBOUND, language=self._known_language(caller.language))
        if line is None:
            words = in_language(state.language, says.unknown_line)
            return self._moves.part(state, HangupReason.UNKNOWN_LINE, words)
        if caller.blocked_until is not None and now < caller.blocked_until:
            words = in_language(state.language, says.blacklisted)
            return self._moves.part(state, HangupReason.BLOCKED, words)
        return self._open(state, line, caller, now)

    def _open(self, state: MenuState, line: LineFacts, caller: CallerFacts, now: datetime) -> Step:
        in_hours = line.hours is None or line.hours.is_open(now)
        is_open = in_hours or line.night_queue is not None
        state = replace(
            state,
            flow=INBOUND if is_open else CLOSED,
            queue=line.queue if in_hours else line.night_queue or line.queue,
            skills=line.skills,
            priority=min(line.priority, caller.priority),
        )
        lead = in_language(state.language, line.greeting, self._book.says.recording_notice)
        if line.announcement is not None and now < line.announcement.until:
            lead += in_language(state.language, line.announcement.prompt_id)
        if not is_open and line.hours is not None:
            lead += closed_says(line.hours, now, self._book.says, state.language)
        elif line.profile is Profile.DIRECT:
            return self._moves.leave(state, lead)
        return self._moves.enter(state, self._book.flows[state.flow].start, lead)

    def _start_asking(self, state: MenuState, event: SurveyStarted | CallbackStarted) -> Step:
        if isinstance(event, CallbackStarted):
            return self._start_callback(state, event)
        return self._start_survey(state, event.language)

    def _start_survey(self, state: MenuState, language: str | None) -> Step:
        if state.phase is not Phase.NEW:
            return state, ()
        spoken = self._known_language(language)
        state = replace(state, flow=SURVEY, language=spoken, greeted=True)
        return self._moves.enter(state, self._book.flows[SURVEY].start)

    def _start_callback(self, state: MenuState, event: CallbackStarted) -> Step:
        """Who calls and about what, before anything is asked."""
        if state.phase is not Phase.NEW:
            return state, ()
        spoken, says = self._known_language(event.language), self._book.says
        state = replace(state, flow=CALLBACK, language=spoken, case_number=event.case_number)
        number = say(says.case_number_is, spoken, number=event.case_number)
        opening = in_language(spoken, says.callback_opening, says.recording_notice)
        return self._moves.enter(state, self._book.flows[CALLBACK].start, (*opening, number))

    def _known_language(self, wish: str | None) -> str:
        known = any(language.code == wish for language in self._book.languages)
        return wish if wish is not None and known else self._book.default_language

    def _resume(self, state: MenuState) -> Step:
        """Give the last orders once more: nobody knows which of them were carried out."""
        match state.phase:
            case Phase.SAYING | Phase.LISTENING:
                return self._moves.say(replace(state, digits=""), Phase.SAYING, state.said)
            case Phase.INVITING:
                words = in_language(state.language, *self._menu(state).says)
                return self._moves.say(state, Phase.INVITING, words)
            case Phase.ASKING:
                return self._moves.ask(state)
            case Phase.RECORDING:
                return self._moves.record(state)
            case _:
                return self._resume_leaving(state)

    def _resume_leaving(self, state: MenuState) -> Step:
        if state.phase is Phase.CONNECTING:
            again = (StopPlay(state.play), self._moves.enqueue_order(state))
            state, orders = self._moves.hand_over(state)
            return state, (*again, *orders)
        if state.phase is Phase.PARTING:
            rating = self._rating_order(state)
            state, orders = self._moves.hang_up(state)
            return state, (*rating, *orders)
        return state, ()

    @staticmethod
    def _rating_order(state: MenuState) -> tuple[Command, ...]:
        """A mark for the agent is written at once, what a callback heard as a whole at its end."""
        is_mark = state.rating and state.flow != CALLBACK
        return (SaveRating(state.rating),) if is_mark else ()

    # --- what the caller does, or does not do ---------------------------------------------

    def _prompt_over(self, state: MenuState) -> Step:
        match state.phase:
            case Phase.SAYING:
                # The opening, and with it the recording notice, is the first thing that plays.
                state = replace(state, greeted=state.greeted or state.play == 1)
                return self._moves.listen(state, self._book.limits.silence_seconds)
            case Phase.CONNECTING:
                return self._moves.hand_over(state)
            case Phase.INVITING:
                return self._moves.record(state)
            case _:
                return self._moves.hang_up(state)

    def _clock_over(self, state: MenuState) -> Step:
        match state.phase:
            case Phase.LISTENING:
                return self._silence(state)
            case Phase.ASKING:
                return self._answer(state, CaseAnswer(CaseResult.UNAVAILABLE))
            case Phase.RECORDING:
                return self._message_over(state, None)
            case Phase.NEW:
                return state, ()
            case _:
                # A prompt whose end was never told: go on as if it had been.
                return self._prompt_over(state)

    def _silence(self, state: MenuState) -> Step:
        state = replace(state, silent=state.silent + 1)
        if state.silent >= self._book.limits.silences:
            return self._moves.enter(state, self._menu(state).on_silence)
        return self._moves.again(state, in_language(state.language, self._book.says.no_input))

    def _digit(self, state: MenuState, key: str) -> Step:
        if len(key) != 1 or key not in KEYS or state.phase not in _KEYS_COUNT:
            return state, ()
        state = replace(state, keys=state.keys + 1)
        if state.keys > self._book.limits.keys:
            return self._moves.leave(state)
        if state.phase in (Phase.INVITING, Phase.ASKING):
            return self._key_meanwhile(state, key)
        match self._menu(state).kind:
            case MenuKind.NUMBER:
                return self._key_of_number(state, key)
            case MenuKind.RATING:
                return self._key_of_rating(state, key)
            case _:
                return self._key_of_choice(state, key)

    def _key_meanwhile(self, state: MenuState, key: str) -> Step:
        """A key while a message is asked for, or a case: # goes on to the tone, 0 goes out."""
        if state.phase is Phase.INVITING and key == self._book.control.back:
            quiet = self._moves.quiet(state)
            state, orders = self._moves.record(state)
            return state, (*quiet, *orders)
        is_exit = self._book.flows[state.flow].exit == state.menu
        if key == self._book.control.person and not is_exit:
            return self._moves.leave(state)
        return state, ()

    def _message_over(self, state: MenuState, seconds: float | None) -> Step:
        """Nothing said: ask once more, but only once."""
        menu = self._menu(state)
        if seconds is None or seconds >= menu.least_seconds or state.silent:
            return self._moves.enter(state, menu.then)
        words = in_language(state.language, self._book.says.voicemail_too_short)
        return self._moves.say(replace(state, silent=1), Phase.INVITING, words)

    def _key_of_choice(self, state: MenuState, key: str) -> Step:
        control, menu = self._book.control, self._menu(state)
        if key == control.back and state.swallow_hash:
            return replace(state, swallow_hash=False), ()
        state = replace(state, swallow_hash=False)
        if key in menu.keys:
            return self._moves.enter(state, menu.keys[key])
        if key == control.person:
            return self._moves.leave(state)
        if key == control.repeat:
            return self._moves.again(state)
        if key == control.back:
            return self._moves.back(state)
        return self._language_or_wrong(state, key)

    def _language_or_wrong(self, state: MenuState, key: str) -> Step:
        language = self._book.language_of_key(key, state.language)
        if language is None:
            return self._wrong(state)
        state, orders = self._moves.enter(replace(state, language=language), state.menu)
        return state, (SetLanguage(language), *orders)

    def _key_of_rating(self, state: MenuState, key: str) -> Step:
        control, menu = self._book.control, self._menu(state)
        if key == control.repeat:
            return self._moves.again(state)
        if key in (control.person, control.back):
            return self._moves.leave(state)
        if key > str(menu.highest):
            return self._wrong(state)
        if menu.fills is Field.SOLVED:
            return self._moves.enter(replace(state, solved=int(key)), menu.then)
        state = replace(state, rating=int(key))
        state, orders = self._moves.enter(state, menu.then)
        return state, (*self._rating_order(state), *orders)

    def _key_of_number(self, state: MenuState, key: str) -> Step:
        control = self._book.control
        if key == control.repeat:
            return self._moves.again(state)
        if key == control.back:
            return self._end_of_number(state)
        state = replace(state, swallow_hash=False, digits=state.digits + key)
        if len(state.digits) == self._menu(state).length:
            return self._number_complete(replace(state, swallow_hash=True))
        quiet = self._moves.quiet(state)
        state, orders = self._moves.listen(state, self._book.limits.between_keys_seconds)
        return state, (*quiet, *orders)

    def _end_of_number(self, state: MenuState) -> Step:
        """# ends a number; without one it means back; right after a full one it means nothing."""
        if state.swallow_hash:
            return replace(state, swallow_hash=False), ()
        return self._wrong(state) if state.digits else self._moves.back(state)

    def _number_complete(self, state: MenuState) -> Step:
        menu = self._menu(state)
        if menu.fills is Field.PHONE_TAIL:
            state = replace(state, phone_tail=state.digits)
        else:
            state = replace(state, case_number=state.digits)
        return self._moves.enter(state, menu.then)

    def _wrong(self, state: MenuState) -> Step:
        state = replace(state, wrong=state.wrong + 1)
        if state.wrong >= self._book.limits.wrong_keys:
            return self._moves.leave(state)
        words = self._menu(state).says_wrong or self._book.says.invalid_key
        return self._moves.again(state, in_language(state.language, words))

    def _answer(self, state: MenuState, answer: CaseAnswer | UrgeAnswer) -> Step:
        menu, says = self._menu(state), self._book.says
        if isinstance(answer, UrgeAnswer):
            if answer.noted:
                lead = in_language(state.language, says.case_urged)
                return self._moves.enter(state, menu.then, lead)
            return self._moves.leave(state, in_language(state.language, says.apology))
        state = replace(state, phone_tail="")
        match answer.result:
            case CaseResult.FOUND:
                words = case_says(answer, says, state.language)
                return self._moves.enter(state, menu.then, words)
            case CaseResult.UNKNOWN:
                return self._case_unknown(state)
            case CaseResult.TOO_MANY:
                return self._moves.leave(state)
            case CaseResult.UNAVAILABLE:
                return self._moves.leave(state, in_language(state.language, says.apology))

    def _case_unknown(self, state: MenuState) -> Step:
        """A wrong number and a wrong phone tail sound the same: nothing is to be guessed here."""
        state = replace(state, unknown_cases=state.unknown_cases + 1)
        if state.unknown_cases >= self._book.limits.unknown_cases:
            return self._moves.leave(state)
        lead = in_language(state.language, self._book.says.case_not_found)
        return self._moves.enter(state, self._menu(state).otherwise, lead)
