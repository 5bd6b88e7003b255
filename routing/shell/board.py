"""The switchboard's memory: which channel is whose, call by call. Nothing here decides."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import StrEnum

from core.ids import AgentId, CallId, OfferId
from routing.acd.state import Caller

#: Calls remembered after their end, so that late news does not bring them back.
_REMEMBERED = 5_000


class Role(StrEnum):
    """What a channel is to its call."""

    CALLER = "caller"
    AGENT = "agent"
    SEAT = "seat"
    SUPERVISOR = "supervisor"
    SNOOP = "snoop"
    UNIT = "unit"
    CITIZEN = "citizen"


@dataclass(slots=True)
class Leg:
    """One channel of a call. cause: why it was hung up (Q.850), as far as it was told."""

    channel_id: str
    call_id: CallId
    role: Role
    offer_id: OfferId | None = None
    agent_id: AgentId | None = None
    is_up: bool = False
    cause: int = 0


@dataclass(slots=True)
class Talk:
    """One call on the switchboard.

    here: the caller's channel is in our application. led_on: it was given to another application
    or to the dialplan, so that its leaving us is no hang-up. recorder: it leaves a message there.
    agent_hung_up: the desk asked for the end. rejoining: the agent's phone was lost.
    outbound: we phoned the caller. dialled: because a desk wanted it.
    left_line: the place it had, kept for a failed transfer.
    """

    call_id: CallId
    caller: str = ""
    here: asyncio.Event = field(default_factory=asyncio.Event)
    led_on: bool = False
    recorder: bool = False
    language: str = "zh"
    agent_id: AgentId | None = None
    agent_leg: str = ""
    offer_id: OfferId | None = None
    legs_made: int = 0
    bridge_id: str = ""
    playback: str = ""
    asked: str = ""
    held: bool = False
    agent_hung_up: bool = False
    rejoining: bool = False
    seat_leg: str = ""
    seat_target: str = ""
    seat_kind: str = ""
    seat_state: str = ""
    seat_tries: int = 0
    left_line: Caller | None = None
    outbound: bool = False
    dialled: bool = False

    @property
    def is_talking(self) -> bool:
        """Whether caller and agent were joined, and the agent is still there."""
        return bool(self.bridge_id and self.agent_leg)


class Board:
    """All calls and all channels that routing holds."""

    def __init__(self) -> None:
        self.talks: dict[CallId, Talk] = {}
        self.legs: dict[str, Leg] = {}
        self._over: OrderedDict[CallId, None] = OrderedDict()

    def talk(self, call_id: CallId) -> Talk:
        """The call's entry, made at its first mention."""
        known = self.talks.get(call_id)
        if known is None:
            known = self.talks[call_id] = Talk(call_id)
        return known

    def add_leg(self, leg: Leg) -> Leg:
        """Remember whose channel this is."""
        self.legs[leg.channel_id] = leg
        return leg

    def legs_of(self, call_id: CallId) -> list[Leg]:
        return [leg for leg in self.legs.values() if leg.call_id == call_id]

    def leg_of_offer(self, offer_id: OfferId) -> Leg | None:
        """The agent's channel that rings, or was answered, for this offer."""
        found = [leg for leg in self.legs.values() if leg.offer_id == offer_id]
        return found[-1] if found else None

    def talk_of_agent(self, agent_id: AgentId) -> Talk | None:
        """The call this agent talks on."""
        for talk in self.talks.values():
            if talk.agent_id == agent_id and talk.agent_leg:
                return talk
        return None

    def forget(self, call_id: CallId) -> None:
        """The call has left routing for good."""
        self.talks.pop(call_id, None)
        self._over[call_id] = None
        while len(self._over) > _REMEMBERED:
            self._over.popitem(last=False)

    def is_over(self, call_id: CallId) -> bool:
        """Whether the call was here and has gone."""
        return call_id in self._over


def bridge_name(call_id: CallId) -> str:
    """The id of a call's bridge: after a restart it tells whose it was."""
    return f"call-{call_id}"


def agent_leg_name(call_id: CallId, number: int) -> str:
    """The channel id of the n-th agent leg of a call; its recording has the same number."""
    return f"{call_id}-agent-{number}"
