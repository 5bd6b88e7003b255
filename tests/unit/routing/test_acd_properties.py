"""Whatever happens in whatever order, the ACD keeps its promises."""

from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
)

from core.domain.agents import AgentState, NotReadyReason
from core.domain.queues import (
    CallbackEnd,
    CallbackPolicy,
    Priority,
    QueuePolicy,
    is_ordinary,
    is_quiet,
)
from core.domain.skills import Ring, Skill, open_ring
from core.ids import AgentId, CallId, QueueId
from routing.acd import events
from routing.acd.commands import (
    CloseCallback,
    CloseDialled,
    Command,
    OfferCall,
    SendToVoicemail,
    StartCallbackDial,
)
from routing.acd.deadlines import next_deadline
from routing.acd.selection import may_be_offered
from routing.acd.state import Caller, CallerKind, Phase
from tests.unit.routing.acd_driver import GENERAL, Acd

WATER = QueueId("water")
SKILLS = (Skill("water"), Skill("lang:en"))
AGENTS = tuple(AgentId(f"agent-{number}") for number in range(5))
HASHES = ("hash-1", "hash-2", "hash-3")
POLICIES = (
    QueuePolicy(queue=GENERAL, callback=CallbackPolicy(offer_after=timedelta(seconds=30))),
    QueuePolicy(
        queue=WATER,
        rings=(
            Ring(timedelta(), frozenset({Skill("water")})),
            Ring(timedelta(seconds=40), frozenset()),
        ),
        max_wait=timedelta(minutes=10),
    ),
)
BUSY = (Phase.OFFERED, Phase.CONNECTING, Phase.TALKING)


class AcdMachine(RuleBasedStateMachine):
    """Calls, agents and time in any order; the promises are checked after every event."""

    calls = Bundle("calls")

    def __init__(self) -> None:
        super().__init__()
        self.acd = Acd(*POLICIES)
        self.inside: dict[CallId, tuple[int, object]] = {}
        self.numbers = iter(range(1_000_000))

    # -- what happens ------------------------------------------------------------------

    def happens(self, event: events.Event) -> None:
        before = self.acd.state
        self.check_commands(self.acd.happens(event))
        if not isinstance(event, events.CallEntered | events.CallReturned):
            for call_id, caller in self.acd.state.callers.items():
                old = before.callers.get(call_id)
                assert old is None or old.place == caller.place, "the place in line is kept"

    @initialize()
    def start_with_two_agents(self) -> None:
        for agent in AGENTS[:2]:
            self.happens(events.AgentSignedIn(agent, frozenset(SKILLS)))
            self.happens(events.AgentReady(agent))

    @rule(
        target=calls,
        queue=st.sampled_from((GENERAL, WATER)),
        priority=st.sampled_from(Priority),
        language=st.sampled_from(("zh", "en")),
        number_hash=st.sampled_from((*HASHES, None)),
    )
    def enter(
        self, queue: QueueId, priority: Priority, language: str, number_hash: str | None
    ) -> CallId:
        call_id = CallId(f"call-{next(self.numbers)}")
        self.inside[call_id] = (priority, self.acd.now)
        self.happens(
            events.CallEntered(
                call_id=call_id,
                queue=queue,
                since=self.acd.now,
                priority=priority,
                language=language,
                number_hash=number_hash,
            )
        )
        return call_id

    @rule(call_id=calls)
    def leave(self, call_id: CallId) -> None:
        caller = self.acd.state.callers.get(call_id)
        is_live = caller is None or caller.kind is CallerKind.LIVE
        if is_live or caller.phase is Phase.TALKING:
            self.inside.pop(call_id, None)
        self.happens(events.CallLeft(call_id))

    @rule(call_id=calls)
    def finish(self, call_id: CallId) -> None:
        caller = self.acd.state.callers.get(call_id)
        if caller is not None and caller.phase is Phase.TALKING:
            self.inside.pop(call_id, None)
        self.happens(events.CallFinished(call_id))

    @rule(target=calls, agent=st.sampled_from(AGENTS))
    def dial(self, agent: AgentId) -> CallId:
        call_id = CallId(f"dialled-{next(self.numbers)}")
        self.inside[call_id] = (Priority.ORDINARY, self.acd.now)
        self.happens(events.AgentDials(call_id, agent))
        return call_id

    @rule(
        call_id=consumes(calls),
        agent_id=st.sampled_from(AGENTS),
        back_to=st.sampled_from((*AGENTS, None)),
    )
    def come_back_from_a_failed_transfer(
        self, call_id: CallId, agent_id: AgentId, back_to: AgentId | None
    ) -> None:
        if call_id in self.acd.state.callers:
            return
        self.inside[call_id] = (Priority.ORDINARY, self.acd.now)
        self.happens(
            events.CallReturned(
                call_id=call_id,
                queue=GENERAL,
                since=self.acd.now,
                agent_id=agent_id,
                back_to=back_to,
                offers=9,
            )
        )

    @precondition(lambda self: self.in_phase(Phase.OFFERED))
    @rule(data=st.data(), how=st.sampled_from(("accept", "refuse", "time out", "fail", "stale")))
    def end_an_offer(self, data: st.DataObject, how: str) -> None:
        caller = data.draw(st.sampled_from(self.in_phase(Phase.OFFERED)))
        assert caller.offer_id is not None
        kinds: dict[str, type] = {
            "accept": events.OfferAccepted,
            "refuse": events.OfferRefused,
            "time out": events.OfferTimedOut,
            "fail": events.OfferFailed,
            "stale": events.OfferAccepted,
        }
        offer_id = caller.offer_id if how != "stale" else type(caller.offer_id)("old")
        self.happens(kinds[how](caller.call_id, offer_id))

    @precondition(lambda self: self.in_phase(Phase.CONNECTING))
    @rule(data=st.data(), how=st.sampled_from(("talk", "talk", "broken", "nobody at home")))
    def join(self, data: st.DataObject, how: str) -> None:
        caller = data.draw(st.sampled_from(self.in_phase(Phase.CONNECTING)))
        if how == "talk":
            self.happens(events.CallConnected(caller.call_id))
            assert self.acd.caller(caller.call_id).phase is Phase.TALKING
        elif how == "broken":
            self.happens(events.ConnectFailed(caller.call_id))
        else:
            self.happens(events.CallbackDialFailed(caller.call_id))

    @rule(agent=st.sampled_from(AGENTS), skills=st.sets(st.sampled_from(SKILLS)))
    def sign_in(self, agent: AgentId, skills: set[Skill]) -> None:
        self.happens(events.AgentSignedIn(agent, frozenset(skills)))

    @rule(
        agent=st.sampled_from(AGENTS),
        kind=st.sampled_from(
            (
                events.AgentReady,
                events.AgentReady,
                events.AgentReady,
                events.AgentSignedOut,
                events.AgentGone,
                events.AgentCameBack,
            )
        ),
    )
    def change_agent(self, agent: AgentId, kind: type) -> None:
        self.happens(kind(agent))

    @rule(agent=st.sampled_from(AGENTS), reason=st.sampled_from(NotReadyReason))
    def pause(self, agent: AgentId, reason: NotReadyReason) -> None:
        self.happens(events.AgentNotReady(agent, reason))

    @rule(agent=st.sampled_from(AGENTS), seconds=st.integers(1, 2000))
    def extend(self, agent: AgentId, seconds: int) -> None:
        self.happens(events.WrapUpExtended(agent, timedelta(seconds=seconds)))

    @rule(target=calls, call_id=calls, number_hash=st.sampled_from(HASHES))
    def ask_for_a_callback(self, call_id: CallId, number_hash: str) -> CallId:
        callback_id = CallId(f"callback-{next(self.numbers)}")
        self.happens(events.CallbackAccepted(call_id, callback_id, number_hash))
        if callback_id in self.acd.state.callers:
            self.inside[callback_id] = self.inside.pop(call_id)
        return callback_id

    @rule(call_id=calls)
    def cancel_a_callback(self, call_id: CallId) -> None:
        self.happens(events.CallbackCancelled(call_id))

    @rule(seconds=st.sampled_from((0.5, 3, 20, 60, 181, 600, 3600, 40_000)))
    def time_passes(self, seconds: float) -> None:
        end = self.acd.now + timedelta(seconds=seconds)
        for _ in range(200):
            due = next_deadline(self.acd.state, self.acd.now)
            if due is None or due > end:
                break
            assert due > self.acd.now, "time goes forward"
            self.acd.now = due
            self.happens(events.Tick())
        self.acd.now = end
        self.happens(events.Tick())

    # -- what must hold ----------------------------------------------------------------

    def in_phase(self, *phases: Phase) -> list[Caller]:
        return [caller for caller in self.acd.state.callers.values() if caller.phase in phases]

    def check_commands(self, commands: list[Command]) -> None:
        """Only voicemail and a closed callback may take somebody out of the line."""
        offered = [command for command in commands if isinstance(command, OfferCall)]
        assert len({offer.agent_id for offer in offered}) == len(offered)
        assert len({offer.call_id for offer in offered}) == len(offered)
        for offer in offered:
            self.check_order(offer)
        for command in commands:
            if isinstance(command, SendToVoicemail):
                priority, _ = self.inside.pop(command.call_id)
                assert is_ordinary(priority)
            elif isinstance(command, CloseCallback) and command.end is not CallbackEnd.ANSWERED:
                self.inside.pop(command.callback_id, None)
            elif isinstance(command, CloseDialled):
                self.inside.pop(command.call_id, None)
            elif isinstance(command, StartCallbackDial):
                assert self.acd.caller(command.callback_id).kind is not CallerKind.LIVE

    def check_order(self, offer: OfferCall) -> None:
        """Nobody was passed over in the line, and no agent who had waited longer."""
        state, now = self.acd.state, self.acd.now
        caller, agent = state.callers[offer.call_id], state.agents[offer.agent_id]
        if caller.wanted == agent.agent_id or caller.kind is CallerKind.DIALLED:
            return
        for other in self.in_phase(Phase.WAITING):
            if may_be_offered(other, state.policies, now) and other.place < caller.place:
                assert open_ring(other.rings, agent.skills, now - other.since) is None
        ring = open_ring(caller.rings, agent.skills, now - caller.since)
        assert ring is not None, "no offer without the skills"
        for free in state.agents.values():
            fits = open_ring(caller.rings, free.skills, now - caller.since)
            if free.state is AgentState.READY and fits is not None and fits <= ring:
                assert fits == ring
                assert free.idle_since is not None
                assert agent.idle_since is not None
                assert free.idle_since >= agent.idle_since

    @invariant()
    def nobody_is_lost(self) -> None:
        assert set(self.inside) == set(self.acd.state.callers)

    @invariant()
    def a_call_is_with_one_agent_and_an_agent_with_one_call(self) -> None:
        busy = self.in_phase(*BUSY)
        with_agents = [caller.agent_id for caller in busy]
        assert None not in with_agents
        assert len(set(with_agents)) == len(with_agents)
        for caller in busy:
            assert caller.agent_id is not None
            assert self.acd.agent(caller.agent_id).call_id == caller.call_id
        for caller in self.in_phase(Phase.WAITING):
            assert caller.agent_id is None
            assert caller.offer_id is None

    @invariant()
    def an_agents_state_tells_what_the_agent_does(self) -> None:
        by_agent = {caller.agent_id: caller.phase for caller in self.in_phase(*BUSY)}
        for agent in self.acd.state.agents.values():
            phase = by_agent.get(agent.agent_id)
            assert (agent.state is AgentState.TALKING) == (phase is Phase.TALKING)
            ringing = phase in (Phase.OFFERED, Phase.CONNECTING)
            assert (agent.state is AgentState.RINGING) == ringing
            assert (agent.call_id is not None) == (phase is not None)
            if agent.state is AgentState.READY:
                assert agent.here
                assert agent.idle_since is not None
                assert agent.idle_since <= self.acd.now
            if phase is Phase.OFFERED:
                assert agent.here, "no call rings an empty chair"

    @invariant()
    def nobody_waits_while_an_agent_is_free_for_the_call(self) -> None:
        """Who waits could not be served."""
        state, now = self.acd.state, self.acd.now
        ready = [a for a in state.agents.values() if a.state is AgentState.READY]
        for caller in state.callers.values():
            if may_be_offered(caller, state.policies, now):
                waited = now - caller.since
                assert not [
                    a for a in ready if open_ring(caller.rings, a.skills, waited) is not None
                ]

    @invariant()
    def what_a_desk_dials_never_stands_in_line(self) -> None:
        for caller in self.in_phase(Phase.WAITING):
            assert caller.kind is not CallerKind.DIALLED

    @invariant()
    def one_callback_waits_per_number_and_is_dialled_only_by_a_reserved_agent(self) -> None:
        waiting = [c for c in self.acd.state.callers.values() if c.kind is CallerKind.CALLBACK]
        numbers = [caller.number_hash for caller in waiting]
        assert len(set(numbers)) == len(numbers)
        for caller in waiting:
            if caller.phase is Phase.OFFERED:
                policy = self.acd.state.policies[caller.queue].callback
                assert caller.offer_ends is not None
                started = caller.offer_ends - self.acd.state.policies[caller.queue].offer_timeout
                assert not is_quiet(policy, started)

    @invariant()
    def handling_times_stay_bounded(self) -> None:
        assert len(self.acd.state.handled) <= 100
        assert all(length >= timedelta() for length in self.acd.state.handled)


AcdMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
TestAcdKeepsItsPromises = AcdMachine.TestCase
