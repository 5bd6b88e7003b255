"""A supervisor on a call: hears both, is heard by the agent alone, or by everybody."""

from functools import partial

from core.asterisk.channels import Origination
from core.auth import Permission
from core.errors import NotAllowed, NotFound
from core.ids import AgentId, CallId, new_id
from routing.shell.board import Leg, Role, Talk
from routing.shell.exchange import Exchange

#: How a supervisor takes part, and what the snoop channel says to whom.
WHISPER = {"listen": "none", "whisper": "out"}
_RING_SECONDS = 20


class Monitoring:
    """Rings the supervisor's own phone and joins it to an ear on the agent's channel."""

    def __init__(self, exchange: Exchange) -> None:
        self._x = exchange

    async def start(self, supervisor: AgentId, call_id: CallId, how: str) -> None:
        """Begin to take part. Raises NotAllowed, NotFound or AriRefused."""
        person = self._x.people.get(supervisor)
        if person is None or not person.can(Permission.MONITOR_CALLS):
            raise NotAllowed("您没有监听通话的权限")
        talk = self._x.board.talks.get(call_id)
        if talk is None or not talk.is_talking:
            raise NotFound("这通电话没有在通话中")
        await self.stop(supervisor)
        leg = Leg(f"{call_id}-supervisor-{new_id()}", call_id, Role.SUPERVISOR, agent_id=supervisor)
        self._x.board.add_leg(leg)
        await self._x.ari.channels.originate(
            Origination(
                endpoint=person.endpoint,
                channel_id=leg.channel_id,
                app_args=("supervisor", call_id, how),
                caller_id="12345 <12345>",
                timeout_s=_RING_SECONDS,
                formats="alaw",
            )
        )

    def answered(self, talk: Talk, leg: Leg, how: str) -> None:
        """The supervisor's phone is answered."""
        self._x.do(talk.call_id, partial(self._join, talk, leg, how))

    async def _join(self, talk: Talk, leg: Leg, how: str) -> None:
        if not talk.is_talking:
            await self._x.ari.channels.hangup(leg.channel_id)
        elif how in WHISPER:
            snoop = Leg(f"{talk.call_id}-ear-{new_id()}", talk.call_id, Role.SNOOP)
            snoop.agent_id = leg.agent_id
            self._x.board.add_leg(snoop)
            await self._x.ari.channels.snoop(
                talk.agent_leg,
                snoop_id=snoop.channel_id,
                spy="both",
                whisper=WHISPER[how],
                args=("ear", talk.call_id, leg.channel_id),
            )
        else:
            await self._x.ari.bridges.add(talk.bridge_id, leg.channel_id)

    def ear_ready(self, snoop_id: str, leg_id: str) -> None:
        """The ear is in our application: join it with the supervisor's phone."""
        leg = self._x.board.legs.get(leg_id)
        if leg is not None:
            self._x.do(leg.call_id, partial(self._join_ear, snoop_id, leg_id))

    async def _join_ear(self, snoop_id: str, leg_id: str) -> None:
        bridge_id = f"ear-{snoop_id}"
        await self._x.ari.bridges.create(bridge_id)
        await self._x.ari.bridges.add(bridge_id, snoop_id, leg_id)

    def gone(self, leg: Leg) -> None:
        """A supervisor's phone or ear has ended: the other and their bridge end too."""
        others = [
            other
            for other in self._x.board.legs.values()
            if other.agent_id == leg.agent_id and other.role in (Role.SUPERVISOR, Role.SNOOP)
        ]
        self._x.do(leg.call_id, partial(self._clear, [leg, *others]))

    async def stop(self, supervisor: AgentId) -> None:
        """The supervisor takes part no longer."""
        await self._clear(
            [
                leg
                for leg in self._x.board.legs.values()
                if leg.agent_id == supervisor and leg.role in (Role.SUPERVISOR, Role.SNOOP)
            ]
        )

    async def _clear(self, legs: list[Leg]) -> None:
        for leg in legs:
            await self._x.ari.channels.hangup(leg.channel_id)
            if leg.role is Role.SNOOP:
                await self._x.ari.bridges.destroy(f"ear-{leg.channel_id}")
