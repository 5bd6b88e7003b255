"""The honest waiting time: the line ahead is played through with the talk times of today."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from core.domain.agents import AgentState
from core.domain.skills import fits_ever
from core.ids import AgentId, CallId
from routing.acd.state import Agent, Caller, Phase

#: Without this many finished calls there is nothing to base minutes on: only the place is said.
ENOUGH_CALLS = 8
_ROUNDS = 24
_LONGEST_LINE = 40
_WIDEST_MINUTES = 15
_WORKING = frozenset({AgentState.READY, AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP})


def callers_ahead(callers: Mapping[CallId, Caller], caller: Caller) -> list[Caller]:
    """Those of the same queue who are served before this caller, in order."""
    ahead = [
        other
        for other in callers.values()
        if other.queue == caller.queue
        and other.phase in (Phase.WAITING, Phase.OFFERED)
        and other.not_before is None
        and other.place < caller.place
    ]
    return sorted(ahead, key=lambda other: other.place)


def minutes_to_wait(
    caller: Caller,
    ahead: Sequence[Caller],
    agents: Mapping[AgentId, Agent],
    handled: Sequence[timedelta],
    now: datetime,
) -> tuple[int, int] | None:
    """Between how many minutes the caller will probably wait; None where that cannot be known.

    The line is served in order by the agents at work; how long a talk that has lasted a while
    will still take is drawn from the talks that lasted at least as long.
    """
    working = [
        agent
        for agent in agents.values()
        if agent.here and agent.state in _WORKING and fits_ever(caller.rings, agent.skills)
    ]
    if len(handled) < ENOUGH_CALLS or not working or len(ahead) > _LONGEST_LINE:
        return None
    seconds = sorted(talk.total_seconds() for talk in handled)
    busy = [_worked(agent, now) for agent in working]
    dice = Random(f"{caller.call_id}{len(ahead)}")  # noqa: S311 - a forecast, not a secret
    waits = sorted(_play(len(ahead), busy, seconds, dice) for _ in range(_ROUNDS))
    low = max(1, math.floor(waits[_ROUNDS // 5] / 60))
    high = max(low, math.ceil(waits[_ROUNDS - 1 - _ROUNDS // 5] / 60))
    return (low, high) if high - low <= _WIDEST_MINUTES else None


def _worked(agent: Agent, now: datetime) -> float | None:
    """Seconds into the present call and its wrap-up; None for an agent who is free."""
    if agent.state is AgentState.READY:
        return None
    return max(0.0, (now - agent.busy_since).total_seconds()) if agent.busy_since else 0.0


def _play(
    ahead: int, busy: Sequence[float | None], seconds: Sequence[float], dice: Random
) -> float:
    """One round: when the first agent is free for us, after `ahead` others have been served."""
    free_at = [0.0 if worked is None else _remaining(worked, seconds, dice) for worked in busy]
    for _ in range(ahead):
        next_free = min(range(len(free_at)), key=free_at.__getitem__)
        free_at[next_free] += dice.choice(seconds)
    return min(free_at)


def _remaining(worked: float, seconds: Sequence[float], dice: Random) -> float:
    """What is left of a call that has lasted `worked` seconds."""
    longer = [talk for talk in seconds if talk > worked]
    if not longer:  # longer than any we know: guess that it is two thirds over
        return worked / 2
    return dice.choice(longer) - worked
