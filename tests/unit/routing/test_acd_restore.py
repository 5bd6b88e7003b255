"""A process that starts in mid-shift goes on from what the database remembers."""

from datetime import timedelta

from core.domain.agents import AgentState, NotReadyReason
from core.ids import AgentId, CallId, OfferId
from routing.acd.restore import KeptAgent, KeptTalk, restore
from routing.acd.state import AcdState, Agent, Phase
from tests.unit.routing.acd_driver import GENERAL, MORNING

ANN = AgentId("ann")


def restored(state: AgentState, **fields: object) -> Agent:
    kept = KeptAgent(agent_id=ANN, skills=frozenset(), state=state, **fields)  # type: ignore[arg-type]
    return restore(AcdState(), [kept], [], MORNING).agents[ANN]


def test_who_was_rung_is_ready_with_the_old_turn() -> None:
    earlier = MORNING - timedelta(minutes=3)
    agent = restored(AgentState.RINGING, idle_since=earlier)
    assert (agent.state, agent.idle_since) == (AgentState.READY, earlier)


def test_who_talked_on_a_call_that_ended_writes_it_up() -> None:
    agent = restored(AgentState.TALKING)
    assert agent.state is AgentState.WRAP_UP
    assert agent.until is not None
    assert agent.until > MORNING


def test_a_break_goes_on() -> None:
    assert restored(AgentState.NOT_READY, reason="MEAL").reason is NotReadyReason.MEAL


def test_an_unknown_reason_is_no_obstacle() -> None:
    assert restored(AgentState.NOT_READY, reason="?").reason is NotReadyReason.SIGNED_IN


def test_a_running_talk_is_with_its_agent() -> None:
    talk = KeptTalk(
        call_id=CallId("one"),
        agent_id=ANN,
        offer_id=OfferId("one.1"),
        queue=GENERAL,
        since=MORNING,
        answered_at=MORNING,
        priority=50,
        offers=1,
    )
    kept = KeptAgent(agent_id=ANN, skills=frozenset(), state=AgentState.TALKING)
    state = restore(AcdState(), [kept], [talk], MORNING)
    assert state.callers[CallId("one")].phase is Phase.TALKING
    assert state.agents[ANN].state is AgentState.TALKING
