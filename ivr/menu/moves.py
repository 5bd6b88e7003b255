"""The moves of the menu engine: say, enter a menu, leave through the flow's exit, ask, record."""

from dataclasses import dataclass, replace

from core.domain.prompts import Say, say
from ivr.menu.messages import (
    Command,
    Enqueue,
    HandOver,
    Hangup,
    HangupReason,
    Play,
    QueryCase,
    RecordVoicemail,
    StartTimer,
    StopPlay,
    UrgeCase,
)
from ivr.menu.model import CALLBACK, PERSON, SURVEY, Menu, MenuBook, MenuKind
from ivr.menu.speech import in_language
from ivr.menu.state import MenuState, Phase

Step = tuple[MenuState, tuple[Command, ...]]
Says = tuple[Say, ...]

#: Phases in which a prompt that may be cut short is playing.
_CAN_BE_CUT = frozenset({Phase.SAYING, Phase.INVITING})
#: Menus a caller can come back to with the back key.
_REMEMBERED = frozenset({MenuKind.CHOICE, MenuKind.NUMBER})
#: A recording that never reports its end is taken as ended this long after its longest length.
_RECORDING_SLACK_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Moves:
    """Everything a call can be made to do; every move leaves a clock running, so none can hang."""

    book: MenuBook

    def say(self, state: MenuState, phase: Phase, says: Says) -> Step:
        """Cut short what plays and say this."""
        quiet = self.quiet(state)
        state = replace(state, phase=phase, play=state.play + 1, timer=state.timer + 1)
        clock = StartTimer(state.timer, self.book.limits.prompt_seconds)
        return state, (*quiet, Play(state.play, says), clock)

    def quiet(self, state: MenuState) -> tuple[Command, ...]:
        """Stop what plays, if it is something that may be cut short."""
        return (StopPlay(state.play),) if state.phase in _CAN_BE_CUT else ()

    def enter(self, state: MenuState, menu_id: str, lead: Says = ()) -> Step:
        """Go to a menu; too many moves, and the word "person", lead out."""
        if menu_id == PERSON or state.moves >= self.book.limits.moves:
            return self.leave(state, lead)
        menu = self.book.menus[menu_id]
        state = replace(
            state,
            menu=menu_id,
            path=(*state.path, menu_id),
            moves=state.moves + 1,
            digits="",
            wrong=0,
            silent=0,
        )
        if menu.kind in _REMEMBERED and state.trail[-1:] != (menu_id,):
            state = replace(state, trail=(*state.trail, menu_id))
        return self._begin(state, menu, lead)

    def leave(self, state: MenuState, lead: Says = ()) -> Step:
        """Go out: to an agent, or to what stands for one when nobody is there."""
        menu = self.book.menus[self.book.flows[state.flow].exit]
        return self._begin(replace(state, menu=menu.menu_id), menu, lead)

    def back(self, state: MenuState) -> Step:
        """To the menu before; at the first one this says it again."""
        trail = state.trail[:-1] or state.trail
        state = replace(state, trail=trail)
        return self.enter(state, trail[-1] if trail else PERSON)

    def again(self, state: MenuState, lead: Says = ()) -> Step:
        """Say the present menu again; counted as a move, so that it ends some time."""
        if state.moves >= self.book.limits.moves:
            return self.leave(state, lead)
        state = replace(state, moves=state.moves + 1, digits="")
        return self.say(state, Phase.SAYING, lead + state.said)

    def listen(self, state: MenuState, seconds: float) -> Step:
        """Wait for a key."""
        state = replace(state, phase=Phase.LISTENING, timer=state.timer + 1)
        return state, (StartTimer(state.timer, seconds),)

    def record(self, state: MenuState) -> Step:
        """Record the message."""
        longest = self.book.menus[state.menu].max_seconds
        state = replace(state, phase=Phase.RECORDING, timer=state.timer + 1)
        clock = StartTimer(state.timer, longest + _RECORDING_SLACK_SECONDS)
        return state, (RecordVoicemail(longest), clock)

    def ask(self, state: MenuState) -> Step:
        """Ask for the case, or note that it is pressed for."""
        quiet = self.quiet(state)
        state = replace(state, phase=Phase.ASKING, timer=state.timer + 1)
        question: Command = QueryCase(state.case_number, state.phone_tail)
        if self.book.menus[state.menu].kind is MenuKind.URGE:
            question = UrgeCase(state.case_number)
        clock = StartTimer(state.timer, self.book.limits.lookup_seconds)
        return state, (*quiet, question, clock)

    def part(self, state: MenuState, reason: HangupReason, says: Says) -> Step:
        """Say the last words; the hang-up follows them."""
        return self.say(replace(state, hangup=reason), Phase.PARTING, says)

    def hang_up(self, state: MenuState) -> Step:
        """End the call."""
        return replace(state, phase=Phase.GONE), (Hangup(state.hangup),)

    def hand_over(self, state: MenuState) -> Step:
        """The call is the agents' now."""
        return replace(state, phase=Phase.GONE), (HandOver(),)

    def enqueue_order(self, state: MenuState) -> Enqueue:
        """The order that puts this call in line; the same however often it is given."""
        return Enqueue(
            queue=state.queue,
            skills=state.skills,
            priority=state.priority,
            language=state.language,
            menu_path=state.path,
        )

    def _begin(self, state: MenuState, menu: Menu, lead: Says) -> Step:
        if menu.kind in (MenuKind.LOOKUP, MenuKind.URGE):
            return self.ask(state)
        if menu.kind is MenuKind.QUEUE:
            return self._queue(state, menu, lead)
        says = in_language(state.language, *menu.says)
        if menu.kind is MenuKind.GOODBYE:
            return self.part(state, HangupReason(menu.reason), lead + says)
        if menu.kind is MenuKind.VOICEMAIL:
            return self.say(state, Phase.INVITING, self._notice(state, lead) + says)
        says += self._language_offers(state)
        opening = state.play == 0
        state = replace(state, said=says if opening else lead + says)
        return self.say(state, Phase.SAYING, lead + says)

    def _queue(self, state: MenuState, menu: Menu, lead: Says) -> Step:
        says = self._notice(state, lead)
        if state.path or not lead:
            # A direct line connects while it greets: it need not say so as well.
            says += in_language(state.language, *menu.says)
        skills = tuple(dict.fromkeys((*state.skills, *menu.skills)))
        state = replace(
            state,
            skills=skills,
            priority=min(state.priority, menu.priority),
            greeted=True,
        )
        # Quiet first, for whoever pressed a key; then the place in line, and only then the words.
        quiet = self.quiet(state)
        state, orders = self.say(replace(state, phase=Phase.CONNECTING), Phase.CONNECTING, says)
        return state, (*quiet, self.enqueue_order(state), *orders)

    def _notice(self, state: MenuState, lead: Says) -> Says:
        """Who cut the opening short still hears that the call is recorded."""
        notice = in_language(state.language, self.book.says.recording_notice)
        if state.greeted or notice[0] in lead:
            return lead
        return notice + lead

    def _language_offers(self, state: MenuState) -> Says:
        if state.menu != self.book.flows[state.flow].start or state.flow in (SURVEY, CALLBACK):
            return ()
        return tuple(
            say(self.book.says.language_choice, language.code)
            for language in self.book.languages
            if language.code != state.language
        )
