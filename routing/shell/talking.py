"""What an agent does to a running talk: hold, resume, mute, read out a case number."""

from core.actions import calls
from core.db.engine import UnitOfWork
from core.db.repos.cases import drafts_of_call
from core.domain.prompts import say
from core.errors import NotFound, TransitionRefused
from core.ids import AgentId
from routing.shell.board import Talk
from routing.shell.exchange import Exchange


class Talking:
    """Changes a talk; each method raises HotlineError with a sentence for the agent."""

    def __init__(self, exchange: Exchange) -> None:
        self._x = exchange

    async def hold(self, talk: Talk, agent_id: AgentId) -> None:
        """Music for the caller; out of the bridge neither hears the other."""
        if talk.held:
            return
        await self._x.ari.bridges.remove(talk.bridge_id, talk.caller)
        await self._x.ari.channels.start_moh(talk.caller)
        talk.held = True

        async def held(work: UnitOfWork) -> None:
            await calls.hold_call(work, talk.call_id, agent_id)

        self._x.note(held, calls=[talk.call_id])

    async def resume(self, talk: Talk, agent_id: AgentId) -> None:
        """Back to the caller."""
        if not talk.held:
            return
        await self._x.ari.channels.stop_moh(talk.caller)
        await self._x.ari.bridges.add(talk.bridge_id, talk.caller)
        talk.held = False

        async def resumed(work: UnitOfWork) -> None:
            await calls.resume_call(work, talk.call_id, agent_id)

        self._x.note(resumed, calls=[talk.call_id])

    async def mute(self, talk: Talk, agent_id: AgentId, *, on: bool) -> None:
        """The caller does not hear the agent."""
        if on:
            await self._x.ari.channels.mute(talk.agent_leg, "in")
        else:
            await self._x.ari.channels.unmute(talk.agent_leg, "in")

        async def muted(work: UnitOfWork) -> None:
            await calls.mute_call(work, talk.call_id, agent_id, on=on)

        self._x.note(muted, calls=[talk.call_id])

    async def hang_up(self, talk: Talk) -> None:
        """The agent ends the talk."""
        talk.agent_hung_up = True
        await self._x.ari.channels.hangup(talk.agent_leg)

    async def read_out(self, talk: Talk) -> None:
        """Say the newest case number of this call to both, so that the agent knows it was heard."""
        if talk.held:
            raise TransitionRefused("请先取消保持，再播报工单编号")
        async with self._x.database.sessions() as session:
            numbers = [case.number for case in await drafts_of_call(session, talk.call_id)]
        given = [number for number in numbers if number]
        if not given:
            raise NotFound("这通电话还没有已提交的工单")
        sentence = say("case_number_is", number=given[-1])
        sounds = self._x.sounds.media(sentence, language=talk.language)
        await self._x.ari.bridges.play(talk.bridge_id, sounds)
