"""The ACD's figures of the moment."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.agents import AgentState
from core.ids import QueueId
from routing.acd.state import AcdState, CallerKind, Phase


@dataclass(frozen=True, slots=True)
class Figures:
    """waiting: live callers without an agent, by queue; callbacks wait beside them."""

    waiting: dict[QueueId, int]
    callbacks: int
    oldest_wait: timedelta
    agents: dict[AgentState, int]


def figures(state: AcdState, now: datetime) -> Figures:
    """Count callers and agents as they are now."""
    waiting: Counter[QueueId] = Counter()
    oldest = timedelta()
    callbacks = 0
    for caller in state.callers.values():
        if caller.phase not in (Phase.WAITING, Phase.OFFERED) or caller.kind is CallerKind.DIALLED:
            continue
        if caller.kind is CallerKind.CALLBACK:
            callbacks += 1
        else:
            waiting[caller.queue] += 1
            oldest = max(oldest, now - caller.since)
    agents = Counter(agent.state for agent in state.agents.values())
    return Figures(dict(waiting), callbacks, oldest, dict(agents))
