"""What holds for every caller, whatever is pressed, said, lost or restarted."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.cases import CaseStatus
from ivr.menu.engine import MenuEngine
from ivr.menu.messages import (
    CallerFacts,
    CaseAnswer,
    CaseResult,
    Digit,
    Enqueue,
    Event,
    HandOver,
    Hangup,
    HungUp,
    LineFacts,
    Play,
    PlaybackDone,
    Profile,
    Resumed,
    Started,
    StartTimer,
    SurveyStarted,
    TimerFired,
    UrgeAnswer,
    VoicemailDone,
)
from ivr.menu.model import KEYS
from ivr.menu.state import MenuState, Phase
from tests.unit.ivr.menu_driver import NOON, shipped_book
from tests.unit.ivr.test_engine import OFFICE

ENGINE = MenuEngine(shipped_book())
LIMITS = shipped_book().limits
#: No caller needs more events than this to leave: keys, and for every move a prompt and a clock.
MOST_EVENTS = LIMITS.keys + 4 * LIMITS.moves + 20

lines = st.builds(
    LineFacts,
    line_id=st.just("12345"),
    greeting=st.just("greeting_12345"),
    queue=st.just("general"),
    profile=st.sampled_from(Profile),
    hours=st.sampled_from([None, OFFICE]),
    night_queue=st.sampled_from([None, "night"]),
)
callers = st.builds(
    CallerFacts,
    blocked_until=st.sampled_from([None, NOON, NOON + timedelta(days=1)]),
    language=st.sampled_from([None, "zh", "en", "xx"]),
)
beginnings: st.SearchStrategy[Event] = st.one_of(
    st.builds(Started, line=lines, caller=callers),
    st.builds(SurveyStarted, language=st.sampled_from([None, "en"])),
)
moments = st.integers(0, 24 * 14).map(lambda hours: NOON + timedelta(hours=hours))
answers = st.one_of(
    st.builds(
        CaseAnswer,
        result=st.sampled_from(CaseResult),
        status=st.sampled_from(CaseStatus),
        due_on=st.sampled_from([None, date(2026, 12, 1)]),
    ),
    st.builds(UrgeAnswer, noted=st.booleans()),
)
keys = st.sampled_from(KEYS).map(Digit)
events: st.SearchStrategy[Event] = st.one_of(
    keys,
    keys,
    keys,
    answers,
    st.builds(PlaybackDone, play=st.integers(0, 40)),
    st.builds(TimerFired, timer=st.integers(0, 40)),
    st.builds(VoicemailDone, seconds=st.floats(0, 200)),
    st.just(Resumed()),
)
sequences = st.lists(events, max_size=60)


def run(state: MenuState, told: list[Event]) -> MenuState:
    for event in told:
        state, _ = ENGINE.step(state, event, NOON)
    return state


def is_served(state: MenuState) -> bool:
    """Out of the menus, or on the way to a person with a clock that takes the call there."""
    return state.phase is Phase.GONE


@given(beginnings, moments, sequences)
def test_from_everywhere_silence_leads_out_of_the_menus(
    begin: Event, now: object, told: list[Event]
) -> None:
    state = run(ENGINE.step(MenuState(), begin, now)[0], told)  # type: ignore[arg-type]
    for _ in range(4 * LIMITS.moves):
        if is_served(state):
            return
        state, _ = ENGINE.step(state, TimerFired(state.timer), NOON)
    raise AssertionError(f"still in the menus: {state}")


@given(st.builds(Started, line=lines, caller=st.just(CallerFacts())), sequences)
def test_from_every_open_menu_the_way_out_is_a_person(begin: Event, told: list[Event]) -> None:
    state, orders = ENGINE.step(MenuState(), begin, NOON)
    given_orders = list(orders)
    for event in told:
        state, orders = ENGINE.step(state, event, NOON)
        given_orders += orders
    while state.phase is not Phase.GONE:
        state, orders = ENGINE.step(state, TimerFired(state.timer), NOON)
        given_orders += orders
    assert any(isinstance(order, Enqueue) for order in given_orders)
    assert isinstance(given_orders[-1], HandOver)
    assert not any(isinstance(order, Hangup) for order in given_orders)


@given(beginnings, moments, st.lists(keys, min_size=MOST_EVENTS, max_size=MOST_EVENTS))
@settings(max_examples=30)
def test_garbage_keys_alone_lead_out_too(begin: Event, now: object, told: list[Event]) -> None:
    state, _ = ENGINE.step(MenuState(), begin, now)  # type: ignore[arg-type]
    state = run(state, told)
    assert state.phase in {Phase.GONE, Phase.CONNECTING, Phase.PARTING, Phase.RECORDING} or (
        state.phase in {Phase.INVITING, Phase.ASKING}
    )


@given(beginnings, sequences)
def test_every_phase_that_waits_has_a_clock_running(begin: Event, told: list[Event]) -> None:
    state, orders = ENGINE.step(MenuState(), begin, NOON)
    for event in [None, *told]:
        if event is not None:
            before = state
            state, orders = ENGINE.step(state, event, NOON)
            if state.timer == before.timer:
                continue
        if state.phase is not Phase.GONE:
            assert StartTimer(state.timer, _seconds(orders)) in orders


def _seconds(orders: tuple[object, ...]) -> float:
    return [order.seconds for order in orders if isinstance(order, StartTimer)][-1]


@given(beginnings, sequences, sequences)
def test_nothing_changes_after_the_caller_hung_up(
    begin: Event, told: list[Event], late: list[Event]
) -> None:
    state = run(MenuState(), [begin, *told])
    gone, orders = ENGINE.step(state, HungUp(), NOON)
    assert orders == ()
    assert gone.phase is Phase.GONE
    for event in late:
        assert ENGINE.step(gone, event, NOON) == (gone, ())


@given(beginnings, sequences)
def test_a_state_survives_being_written_down(begin: Event, told: list[Event]) -> None:
    state = run(MenuState(), [begin, *told])
    assert MenuState.from_json(state.to_json()) == state


@given(beginnings, sequences, sequences)
def test_a_restart_never_changes_where_a_caller_can_get(
    begin: Event, told: list[Event], later: list[Event]
) -> None:
    """The same keys lead the same way from a state that was read back."""
    state = run(MenuState(), [begin, *told])
    again = MenuState.from_json(state.to_json())
    assert run(again, later) == run(state, later)


@given(beginnings, sequences)
def test_numbers_of_keys_moves_and_orders_are_bounded(begin: Event, told: list[Event]) -> None:
    state = run(MenuState(), [begin, *told])
    assert state.moves <= LIMITS.moves
    assert state.keys <= LIMITS.keys + 1
    assert len(state.path) <= LIMITS.moves


@given(beginnings, sequences)
def test_what_is_said_is_said_in_a_known_language(begin: Event, told: list[Event]) -> None:
    codes = {language.code for language in shipped_book().languages}
    state = MenuState()
    for event in [begin, *told]:
        state, orders = ENGINE.step(state, event, NOON)
        for order in orders:
            if isinstance(order, Play):
                assert order.says
                assert {sentence.language for sentence in order.says} <= codes
