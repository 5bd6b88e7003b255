"""Who is offered to whom: the ACD's rules one by one."""

from datetime import timedelta

from core.domain.agents import AgentState, NotReadyReason
from core.domain.calls import OfferOutcome
from core.domain.queues import CallbackEnd, CallbackPolicy, Priority, QueuePolicy, VoicemailReason
from core.domain.skills import Ring, Skill
from core.ids import AgentId, CallId, OfferId, QueueId
from routing.acd import commands as c
from routing.acd import events as e
from routing.acd.state import Phase
from tests.unit.routing.acd_driver import GENERAL, MORNING, Acd

PLAIN = QueuePolicy(queue=GENERAL, callback=CallbackPolicy(enabled=False))
WATER = QueueId("water")
ANN, BOB = AgentId("ann"), AgentId("bob")
ONE, TWO, BACK = CallId("one"), CallId("two"), CallId("back")


def test_the_agent_who_has_been_idle_longest_is_rung() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("ann")
    acd.passes(seconds=5)
    acd.sign_in("bob")
    acd.enter("one")
    acd.enter("two")
    assert acd.offers() == [("one", "ann"), ("two", "bob")]


def test_an_agent_who_is_not_ready_is_rung_only_after_saying_so() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("ann", ready=False)
    acd.enter("one")
    assert acd.offers() == []
    acd.happens(e.AgentReady(ANN))
    assert acd.offers() == [("one", "ann")]


def test_more_urgent_callers_go_first_and_equals_in_the_order_of_arrival() -> None:
    acd = Acd(PLAIN)
    for call, priority in (
        ("ordinary", Priority.ORDINARY),
        ("later", Priority.ORDINARY),
        ("leader", Priority.LEADER),
        ("police", Priority.POLICE_TRANSFER),
        ("elder", Priority.SOS_ELDER),
    ):
        acd.enter(call, priority=priority)
        acd.passes(seconds=1)
    for number in range(5):
        acd.sign_in(f"agent-{number}")
    assert [call for call, _ in acd.offers()] == ["elder", "police", "leader", "ordinary", "later"]


def test_an_unanswered_call_keeps_its_place_and_its_agent_is_not_ready() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("ann")
    acd.enter("one")
    acd.enter("two")
    acd.passes(seconds=20)
    assert acd.said(c.EndOffer)[0].outcome is OfferOutcome.UNANSWERED
    assert acd.state_of("ann") is AgentState.NOT_READY
    assert acd.agent("ann").reason is NotReadyReason.UNANSWERED
    acd.sign_in("bob")
    assert acd.offers() == [("one", "ann"), ("one", "bob")]


def test_a_phone_that_cannot_be_rung_is_not_tried_again() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("ann")
    acd.enter("one")
    acd.happens(e.OfferFailed(ONE, OfferId("one.1")))
    assert acd.agent("ann").reason is NotReadyReason.PHONE_LOST
    assert acd.caller("one").phase is Phase.WAITING


def test_a_caller_who_hangs_up_while_it_rings_costs_the_agent_no_turn() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("ann")
    acd.passes(seconds=5)
    acd.sign_in("bob")
    acd.enter("one")
    acd.passes(seconds=3)
    acd.happens(e.CallLeft(ONE))
    acd.enter("two")
    assert acd.offers()[-1] == ("two", "ann")


def test_a_late_answer_is_hung_up() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("ann")
    acd.enter("one")
    acd.happens(e.CallLeft(ONE))
    assert acd.happens(e.OfferAccepted(ONE, OfferId("one.1"))) == [
        c.HangUpAgent(ONE, OfferId("one.1"))
    ]


def test_the_server_keeps_the_wrap_up_clock() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("ann")
    acd.enter("one")
    acd.answer("one")
    acd.happens(e.CallFinished(ONE))
    acd.enter("two")
    acd.passes(seconds=179)
    assert acd.state_of("ann") is AgentState.WRAP_UP
    acd.passes(seconds=1)
    assert acd.offers()[-1] == ("two", "ann")


def test_wrap_up_can_be_made_longer_but_not_endless() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("ann")
    acd.enter("one")
    acd.answer("one")
    acd.happens(e.CallFinished(ONE))
    acd.happens(e.WrapUpExtended(ANN, timedelta(hours=3)))
    assert acd.agent("ann").until == acd.now + PLAIN.most_wrap_up


def test_a_break_asked_for_in_a_call_begins_after_the_wrap_up() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("ann")
    acd.enter("one")
    acd.answer("one")
    acd.happens(e.AgentNotReady(ANN, NotReadyReason.MEAL))
    assert acd.state_of("ann") is AgentState.TALKING
    acd.happens(e.CallFinished(ONE))
    acd.passes(seconds=180)
    assert acd.agent("ann").reason is NotReadyReason.MEAL


def test_a_lost_desk_is_not_rung_and_its_ringing_goes_to_the_next() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("ann")
    acd.passes(seconds=1)
    acd.sign_in("bob")
    acd.enter("one")
    acd.happens(e.AgentGone(ANN))
    assert acd.offers() == [("one", "ann"), ("one", "bob")]
    assert acd.agent("ann").reason is NotReadyReason.DESK_LOST


def test_a_lost_desk_in_a_talk_does_not_end_the_talk() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("ann")
    acd.enter("one")
    acd.answer("one")
    acd.happens(e.AgentGone(ANN))
    assert acd.state_of("ann") is AgentState.TALKING
    acd.happens(e.CallFinished(ONE))
    acd.passes(seconds=180)
    assert acd.agent("ann").reason is NotReadyReason.DESK_LOST


def test_skills_relax_ring_by_ring() -> None:
    rings = (
        Ring(timedelta(), frozenset({Skill("water"), Skill("senior")})),
        Ring(timedelta(seconds=20), frozenset({Skill("water")})),
        Ring(timedelta(seconds=40), frozenset()),
    )
    acd = Acd(QueuePolicy(queue=WATER, rings=rings))
    acd.sign_in("generalist")
    acd.sign_in("plumber", "water")
    acd.enter("one", queue=WATER)
    assert acd.offers() == []
    acd.passes(seconds=19)
    assert acd.offers() == []
    acd.passes(seconds=1)
    assert acd.offers() == [("one", "plumber")]


def test_a_calls_own_skill_relaxes_after_a_while() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("ann")
    acd.enter("one", skills=frozenset({Skill("12319")}))
    acd.passes(seconds=14)
    assert acd.offers() == []
    acd.passes(seconds=1)
    assert acd.offers() == [("one", "ann")]


def test_a_language_is_asked_for_before_anybody_takes_the_call() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("ann")
    acd.sign_in("bob", "lang:en")
    acd.enter("one", language="en")
    acd.enter("two", language="en")
    assert acd.offers() == [("one", "bob")]
    acd.answer("one")
    acd.passes(seconds=60)
    assert acd.offers()[-1] == ("two", "ann")


def test_a_failed_transfer_returns_to_the_agent_who_writes_about_it() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("ann")
    acd.enter("one")
    acd.answer("one")
    acd.happens(e.CallFinished(ONE))
    acd.sign_in("bob")
    acd.happens(e.CallReturned(call_id=ONE, queue=GENERAL, since=MORNING, agent_id=ANN, offers=1))
    assert acd.offers()[-1] == ("one", "ann")
    assert acd.state_of("bob") is AgentState.READY


def test_a_returned_call_nobody_picks_up_goes_to_another_agent() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("bob")
    acd.happens(e.CallReturned(call_id=ONE, queue=GENERAL, since=MORNING, agent_id=ANN))
    assert acd.offers() == [("one", "bob")]


def test_an_ordinary_caller_is_asked_for_a_message_when_nobody_is_signed_in() -> None:
    acd = Acd(PLAIN)
    acd.enter("one")
    acd.enter("elder", priority=Priority.SOS_ELDER)
    acd.passes(seconds=120)
    assert [said.reason for said in acd.said(c.SendToVoicemail)] == [
        VoicemailReason.NOBODY_SIGNED_IN
    ]
    assert list(acd.state.callers) == ["elder"]


def test_a_full_queue_takes_only_the_urgent() -> None:
    acd = Acd(QueuePolicy(queue=GENERAL, max_waiting=1))
    acd.enter("one")
    acd.enter("two")
    acd.enter("elder", priority=Priority.SOS_ELDER)
    assert [said.call_id for said in acd.said(c.SendToVoicemail)] == ["two"]
    assert list(acd.state.callers) == ["one", "elder"]


def test_the_place_is_told_without_minutes_as_long_as_nothing_is_known() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("ann")
    for call in ("one", "two", "three"):
        acd.enter(call)
    acd.passes(seconds=15)
    told = {said.call_id: (said.place, said.minutes) for said in acd.said(c.AnnounceWait)}
    assert told == {"two": (2, None), "three": (3, None)}


def test_the_minutes_come_from_the_talks_of_today() -> None:
    acd = Acd(PLAIN)
    acd.sign_in("ann")
    for number in range(10):
        call = f"talk-{number}"
        acd.enter(call)
        acd.answer(call)
        acd.passes(seconds=240)
        acd.happens(e.CallFinished(CallId(call)))
        acd.passes(seconds=60)
        acd.happens(e.AgentReady(ANN))
    acd.enter("busy")
    acd.answer("busy")
    acd.enter("one")
    acd.enter("two")
    acd.passes(seconds=15)
    told = {said.call_id: said.minutes for said in acd.said(c.AnnounceWait)}
    assert told["one"] == (4, 5)
    assert told["two"] == (9, 10)


def asked_for_callback(acd: Acd) -> None:
    acd.enter("one", number_hash="hash-1")
    acd.passes(seconds=60)
    acd.happens(e.CallbackAccepted(ONE, BACK, "hash-1"))


def test_a_callback_keeps_the_place_of_its_caller() -> None:
    acd = Acd()
    asked_for_callback(acd)
    assert acd.said(c.OfferCallback) == [c.OfferCallback(ONE)]
    assert acd.said(c.ConfirmCallback) == [c.ConfirmCallback(ONE, BACK, MORNING)]
    acd.enter("two")
    acd.sign_in("ann")
    assert acd.offers() == [("back", "ann")]
    assert acd.said(c.StartCallbackDial) == []
    acd.happens(e.OfferAccepted(BACK, OfferId("back.1")))
    assert len(acd.said(c.StartCallbackDial)) == 1
    acd.happens(e.CallConnected(BACK))
    assert acd.said(c.CloseCallback) == [c.CloseCallback(BACK, CallbackEnd.ANSWERED)]


def test_one_callback_waits_per_number() -> None:
    acd = Acd()
    asked_for_callback(acd)
    acd.enter("two", number_hash="hash-1")
    acd.happens(e.CallbackAccepted(TWO, CallId("other"), "hash-1"))
    assert acd.said(c.RefuseCallback) == [c.RefuseCallback(TWO, CallId("other"))]


def test_nobody_at_home_is_tried_thrice_and_the_agent_keeps_the_turn() -> None:
    acd = Acd()
    asked_for_callback(acd)
    acd.sign_in("ann")
    for number, pause in ((1, 5), (2, 30), (3, 0)):
        acd.happens(e.OfferAccepted(BACK, OfferId(f"back.{number}")))
        acd.happens(e.CallbackDialFailed(BACK))
        assert acd.state_of("ann") is AgentState.READY
        acd.passes(minutes=pause)
    assert len(acd.said(c.StartCallbackDial)) == 3
    assert acd.said(c.CloseCallback) == [c.CloseCallback(BACK, CallbackEnd.NOT_REACHED)]


def test_nobody_is_phoned_in_the_quiet_hours() -> None:
    acd = Acd(now=MORNING + timedelta(hours=10, minutes=58))  # 20:58 in the city
    asked_for_callback(acd)
    acd.passes(minutes=2)
    acd.sign_in("ann")
    assert acd.offers() == []
    acd.passes(hours=11)
    assert acd.offers() == [("back", "ann")]
