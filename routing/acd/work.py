"""One step in the making: the state's parts as they change, and the commands so far."""

from dataclasses import replace
from datetime import datetime

from core.domain.agents import AgentState, NotReadyReason
from core.domain.queues import QueuePolicy
from core.ids import AgentId, CallId, QueueId
from routing.acd.commands import Command, SetAgentState
from routing.acd.state import REMEMBERED, AcdState, Agent, Caller, Phase, policy_of


class Work:
    """A scratch copy of the state. It lives for one step only, so that `step` stays pure."""

    def __init__(self, state: AcdState, now: datetime) -> None:
        self.now = now
        self.policies = dict(state.policies)
        self.callers = dict(state.callers)
        self.agents = dict(state.agents)
        self.handled = state.handled
        self.arrivals = state.arrivals
        self.commands: list[Command] = []

    def result(self) -> AcdState:
        """The state after the step."""
        return AcdState(self.policies, self.callers, self.agents, self.handled, self.arrivals)

    def say(self, command: Command) -> None:
        self.commands.append(command)

    def policy(self, queue: QueueId) -> QueuePolicy:
        return policy_of(self.policies, queue)

    def put(self, caller: Caller) -> Caller:
        self.callers[caller.call_id] = caller
        return caller

    def drop(self, call_id: CallId) -> None:
        self.callers.pop(call_id, None)

    def wait_again(self, caller: Caller) -> Caller:
        """The caller stands in line again, at the same place."""
        return self.put(
            replace(caller, phase=Phase.WAITING, agent_id=None, offer_id=None, offer_ends=None)
        )

    def set_agent(self, agent: Agent, *, quiet: bool = False) -> Agent:
        """Keep the agent; say so unless only something invisible changed."""
        self.agents[agent.agent_id] = agent
        if not quiet:
            self.say(agent_command(agent))
        return agent

    def make_ready(self, agent: Agent, *, idle_since: datetime | None = None) -> Agent:
        """Ready, idle from now on, or from before if the agent lost nothing of the turn."""
        return self.set_agent(
            replace(
                agent,
                state=AgentState.READY,
                reason=None,
                idle_since=idle_since or self.now,
                call_id=None,
                until=None,
                after_call=None,
            )
        )

    def make_not_ready(self, agent: Agent, reason: NotReadyReason) -> Agent:
        return self.set_agent(
            replace(
                agent,
                state=AgentState.NOT_READY,
                reason=reason,
                idle_since=None,
                call_id=None,
                until=None,
                after_call=None,
            )
        )

    def sign_out(self, agent_id: AgentId) -> None:
        self.agents.pop(agent_id, None)
        self.say(SetAgentState(agent_id=agent_id, state=AgentState.SIGNED_OUT))

    def rest(self, agent: Agent) -> None:
        """A busy stretch is over: do what the agent asked for meanwhile, or be ready again."""
        if agent.busy_since is not None and agent.state is AgentState.WRAP_UP:
            self.handled = (*self.handled, self.now - agent.busy_since)[-REMEMBERED:]
        agent = replace(agent, busy_since=None, wrap_up_from=None)
        wish = agent.after_call
        if wish is not None and wish.state is AgentState.SIGNED_OUT:
            self.sign_out(agent.agent_id)
        elif wish is not None:
            self.make_not_ready(agent, wish.reason or NotReadyReason.BREAK)
        elif not agent.here:
            self.make_not_ready(agent, NotReadyReason.DESK_LOST)
        else:
            self.make_ready(agent, idle_since=agent.idle_since)

    def release(self, agent_id: AgentId | None) -> None:
        """An offer ended through no doing of the agent, who keeps the turn and the wrap-up."""
        agent = self.agents.get(agent_id) if agent_id is not None else None
        if agent is None:
            return
        if agent.until is not None and agent.until > self.now:
            self.set_agent(replace(agent, state=AgentState.WRAP_UP, call_id=None))
        else:
            self.rest(agent)

    def blame(self, agent_id: AgentId | None, reason: NotReadyReason) -> None:
        """An offer ended through the agent's doing: no further call until ready again."""
        agent = self.agents.get(agent_id) if agent_id is not None else None
        if agent is None:
            return
        wish = agent.after_call
        if wish is not None and wish.state is AgentState.SIGNED_OUT:
            self.sign_out(agent.agent_id)
        else:
            self.make_not_ready(agent, reason)


def agent_command(agent: Agent) -> SetAgentState:
    """The agent's present state as a command."""
    return SetAgentState(
        agent_id=agent.agent_id,
        state=agent.state,
        reason=agent.reason if agent.state is AgentState.NOT_READY else None,
        call_id=agent.call_id,
        until=agent.until if agent.state is AgentState.WRAP_UP else None,
        idle_since=agent.idle_since,
    )
