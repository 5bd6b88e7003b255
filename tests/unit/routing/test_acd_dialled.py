"""Calls that an agent's desk dials: the engine's part."""

import pytest

from core.domain.agents import AgentState, NotReadyReason
from core.domain.outgoing import OutgoingOutcome
from core.ids import AgentId, CallId
from routing.acd.commands import CloseDialled, OfferCall, StartCallbackDial
from routing.acd.events import (
    AgentDials,
    AgentNotReady,
    CallbackDialFailed,
    CallConnected,
    CallFinished,
    ConnectFailed,
    OfferAccepted,
    OfferRefused,
)
from tests.unit.routing.acd_driver import Acd

ANN, BOB, OUT = AgentId("ann"), AgentId("bob"), CallId("out")


def dials(acd: Acd) -> OfferCall:
    said = acd.happens(AgentDials(OUT, ANN))
    return next(command for command in said if isinstance(command, OfferCall))


def closed(acd: Acd) -> OutgoingOutcome:
    return next(c.outcome for c in acd.commands if isinstance(c, CloseDialled))


@pytest.fixture
def acd() -> Acd:
    acd = Acd()
    acd.sign_in("ann", "queue:general")
    acd.sign_in("bob", "queue:general")
    return acd


def test_the_dialling_agents_own_phone_rings_and_then_the_citizens(acd: Acd) -> None:
    offer = dials(acd)
    assert (offer.agent_id, offer.callback) == (ANN, True)
    said = acd.happens(OfferAccepted(OUT, offer.offer_id))
    assert any(isinstance(command, StartCallbackDial) for command in said)


def test_after_the_talk_the_agent_writes_it_up_like_any_other(acd: Acd) -> None:
    acd.happens(OfferAccepted(OUT, dials(acd).offer_id))
    acd.happens(CallConnected(OUT))
    assert acd.agent("ann").state is AgentState.TALKING
    acd.happens(CallFinished(OUT))
    assert acd.agent("ann").state is AgentState.WRAP_UP
    assert not acd.state.callers


@pytest.mark.parametrize(
    ("cause", "why"),
    [(17, OutgoingOutcome.CITIZEN_BUSY), (19, OutgoingOutcome.CITIZEN_UNANSWERED)],
)
def test_a_citizen_who_is_not_reached_costs_the_agent_no_turn(
    acd: Acd, cause: int, why: OutgoingOutcome
) -> None:
    turn = acd.agent("ann").idle_since
    acd.happens(OfferAccepted(OUT, dials(acd).offer_id))
    acd.happens(CallbackDialFailed(OUT, cause))
    assert closed(acd) is why
    assert acd.agent("ann").state is AgentState.READY
    assert acd.agent("ann").idle_since == turn


def test_an_agent_who_gives_up_while_it_rings_is_ready_again(acd: Acd) -> None:
    acd.happens(OfferAccepted(OUT, dials(acd).offer_id))
    acd.happens(ConnectFailed(OUT))
    assert closed(acd) is OutgoingOutcome.GIVEN_UP
    assert acd.agent("ann").state is AgentState.READY


def test_a_refused_ring_of_the_own_phone_goes_to_nobody_else(acd: Acd) -> None:
    acd.happens(OfferRefused(OUT, dials(acd).offer_id))
    assert closed(acd) is OutgoingOutcome.GIVEN_UP
    assert acd.agent("ann").state is AgentState.READY
    assert acd.agent("bob").state is AgentState.READY


def test_an_own_phone_that_rings_out_ends_the_call(acd: Acd) -> None:
    dials(acd)
    acd.passes(minutes=2)
    assert closed(acd) is OutgoingOutcome.GIVEN_UP
    assert acd.agent("ann").reason is NotReadyReason.UNANSWERED


def test_whoever_was_not_ready_before_is_so_again(acd: Acd) -> None:
    acd.happens(AgentNotReady(ANN, NotReadyReason.BACK_OFFICE))
    acd.happens(OfferAccepted(OUT, dials(acd).offer_id))
    acd.happens(CallbackDialFailed(OUT, 19))
    agent = acd.agent("ann")
    assert (agent.state, agent.reason) == (AgentState.NOT_READY, NotReadyReason.BACK_OFFICE)


def test_a_busy_or_unknown_agent_dials_nobody(acd: Acd) -> None:
    dials(acd)
    for agent in (ANN, AgentId("nobody")):
        said = acd.happens(AgentDials(CallId("second"), agent))
        assert said == [CloseDialled(CallId("second"), OutgoingOutcome.GIVEN_UP)]
