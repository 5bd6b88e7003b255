"""Places the calls that departments ask for: their phone, the citizen, both together."""

import logging
from collections.abc import Sequence
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from core.actions.outgoing import connect_outgoing, end_outgoing, step_outgoing
from core.asterisk.channels import Origination
from core.asterisk.errors import AriRefused
from core.db.engine import UnitOfWork
from core.db.repos.persons import number_to_dial
from core.db.tables.calls import CallRow
from core.db.tables.outgoing import OutgoingRow
from core.domain.calls import EndedBy
from core.domain.events import OutgoingAsked
from core.domain.outgoing import OutgoingKind, OutgoingOutcome, OutgoingState
from core.errors import HotlineError
from core.ids import AgentId, CallId
from core.vault import Vault
from routing.acd.events import AgentDials
from routing.outgoing.engine import (
    Answered,
    Begun,
    Broken,
    Command,
    Dial,
    Event,
    Finish,
    Gone,
    Join,
    Line,
    Party,
    Progress,
    Ring,
    step,
)
from routing.shell.board import Leg, Role
from routing.shell.exchange import Exchange
from routing.shell.people import TRUNK

logger = logging.getLogger(__name__)
_PHONE_RINGS_S = 30
_CITIZEN_RINGS_S = 40
_ROLES = {Party.PHONE: Role.UNIT, Party.CITIZEN: Role.CITIZEN}
_PARTIES = {role: party for party, role in _ROLES.items()}


class Outgoing:
    """Carries out what the engine wants; each call in its own lane."""

    def __init__(self, exchange: Exchange) -> None:
        self._x = exchange
        self._lines: dict[CallId, Line] = {}

    def asked(self, event: OutgoingAsked) -> None:
        """A call is wanted. What a desk dials goes through the agent's own state."""
        if event.kind == OutgoingKind.MACHINE.value:
            return  # the voice menus place it themselves
        if event.kind == OutgoingKind.DESK.value:
            self._x.feed(AgentDials(CallId(event.call_id), AgentId(event.asked_by)))
        else:
            self._x.do(CallId(event.call_id), partial(self._take_up, CallId(event.call_id)))

    def holds(self, call_id: CallId) -> bool:
        """Whether this call is ours."""
        return call_id in self._lines

    async def _take_up(self, call_id: CallId) -> None:
        async with self._x.database.sessions() as session:
            row = await session.get(OutgoingRow, call_id)
        if row is None or row.ended_at is not None or call_id in self._lines:
            return
        self._lines[call_id] = Line(call_id, row.asked_at)
        self.feed(call_id, Begun())

    # -- what happens ----------------------------------------------------------------------

    def answered(self, leg: Leg) -> None:
        """A party's phone is answered; nobody waits for it any more when the call is over."""
        line = self._lines.get(leg.call_id)
        if line is None:
            self._x.do(leg.call_id, partial(self._x.ari.channels.hangup, leg.channel_id))
        else:
            self.feed(leg.call_id, Answered(_PARTIES[leg.role]))

    def gone(self, leg: Leg) -> None:
        """A party's channel is no more."""
        party = _PARTIES[leg.role].value
        logger.info(
            "party gone", extra={"call_id": leg.call_id, "party": party, "cause": leg.cause}
        )
        self.feed(leg.call_id, Gone(_PARTIES[leg.role], leg.cause))

    def feed(self, call_id: CallId, event: Event) -> None:
        """Let the engine decide, and have done what it wants."""
        line = self._lines.get(call_id)
        if line is None:
            return
        self._lines[call_id], commands = step(line, event, self._x.clock.now())
        for command in commands:
            self._x.do(call_id, partial(self._perform, call_id, command))

    # -- what is wanted --------------------------------------------------------------------

    async def _perform(self, call_id: CallId, command: Command) -> None:
        try:
            await self._act(call_id, command)
        except HotlineError as failed:
            logger.warning("call out failed", extra={"call_id": call_id, "code": failed.code})
            self.feed(call_id, Broken())

    async def _act(self, call_id: CallId, command: Command) -> None:
        match command:
            case Progress(state):
                self._note_progress(call_id, state)
            case Dial(party):
                await self._dial(call_id, party)
            case Ring():
                await self._x.ari.channels.ring(self._channel(call_id, Role.UNIT))
            case Join():
                await self._join(call_id)
            case Finish():
                await self._finish(call_id, command)

    def _note_progress(self, call_id: CallId, state: OutgoingState) -> None:
        async def progress(work: UnitOfWork) -> None:
            await step_outgoing(work, call_id, state)

        self._x.note(progress, calls=[call_id])

    async def _dial(self, call_id: CallId, party: Party) -> None:
        async with self._x.database.sessions() as session:
            call = await session.get_one(CallRow, call_id)
            row = await session.get_one(OutgoingRow, call_id)
            to_phone = party is Party.PHONE
            endpoint = self._phone(row) if to_phone else await self._citizen(session, call)
        leg = Leg(f"{call_id}-out-{party.value}", call_id, _ROLES[party])
        self._x.board.add_leg(leg)
        await self._x.ari.channels.originate(
            Origination(
                endpoint=endpoint,
                channel_id=leg.channel_id,
                context="unit-leg" if to_phone else "callee-leg",
                # Both sides see the hotline's number only.
                caller_id=f"{call.did} <{call.did}>",
                timeout_s=_PHONE_RINGS_S if to_phone else _CITIZEN_RINGS_S,
                formats="alaw",
                told=endpoint.endswith(f"@{TRUNK}"),
                variables={"CALL_UID": call_id, "DID": call.did, "OFFER_ID": ""},
            )
        )

    async def _citizen(self, session: AsyncSession, call: CallRow) -> str:
        return f"PJSIP/{await citizens_number(session, call, self._x.vault)}@{TRUNK}"

    def _phone(self, row: OutgoingRow) -> str:
        if row.phone.isdigit():
            return f"PJSIP/{row.phone}@{TRUNK}"
        person = self._x.people.get(AgentId(row.asked_by))
        if person is None:
            raise AriRefused("该账号没有话机")
        return person.endpoint

    def _channel(self, call_id: CallId, role: Role) -> str:
        found = [leg for leg in self._x.board.legs_of(call_id) if leg.role is role]
        if not found:
            raise AriRefused("通话一方已离开")
        return found[-1].channel_id

    async def _join(self, call_id: CallId) -> None:
        phone = self._channel(call_id, Role.UNIT)
        citizen = self._channel(call_id, Role.CITIZEN)
        await self._stop_ring(phone)
        bridge_id = bridge_of(call_id)
        await self._x.ari.bridges.create(bridge_id, name=call_id)
        await self._x.ari.bridges.add(bridge_id, citizen, phone)

        async def connected(work: UnitOfWork) -> None:
            await connect_outgoing(
                work, call_id, citizen_channel=citizen, phone_channel=phone, bridge_id=bridge_id
            )

        self._x.note(connected, calls=[call_id])

    async def _stop_ring(self, channel_id: str) -> None:
        try:
            await self._x.ari.channels.stop_ring(channel_id)
        except AriRefused:
            logger.debug("nothing rang")

    async def _finish(self, call_id: CallId, command: Finish) -> None:
        async def ended(work: UnitOfWork) -> None:
            await end_outgoing(work, call_id, command.outcome, ended_by=command.ended_by)

        self._x.note(ended, calls=[call_id])
        self._lines.pop(call_id, None)
        for leg in self._x.board.legs_of(call_id):
            self._x.board.legs.pop(leg.channel_id, None)
            await self._x.ari.channels.hangup(leg.channel_id)
        await self._x.ari.bridges.destroy(bridge_of(call_id))

    # -- after a restart -------------------------------------------------------------------

    def adopt(self, rows: Sequence[tuple[OutgoingRow, CallRow]], channels: set[str]) -> None:
        """Take up running talks again; what was only ringing is let go, fresh requests begin."""
        for row, call in rows:
            call_id = CallId(row.id)
            if row.kind == OutgoingKind.MACHINE.value:
                continue
            if row.kind == OutgoingKind.DESK.value:
                self._adopt_desk(call_id)
                continue
            both = {call.channel_id, call.agent_channel_id}
            self._lines[call_id] = Line(call_id, row.asked_at, OutgoingState(row.state))
            if row.state == OutgoingState.ASKED.value:
                self.feed(call_id, Begun())
            elif row.state == OutgoingState.CONNECTED.value and both <= channels:
                self._know(call_id, call)
            else:
                for channel_id in channels:
                    if channel_id.startswith(f"{call_id}-out-"):
                        self._x.board.add_leg(Leg(channel_id, call_id, Role.UNIT, is_up=True))
                self.feed(call_id, _lost(row.state))

    def _adopt_desk(self, call_id: CallId) -> None:
        """A talk was adopted with its agent; what was only ringing has come to nothing."""
        talk = self._x.board.talks.get(call_id)
        if talk is not None and talk.is_talking:
            talk.dialled = True
            return

        async def ended(work: UnitOfWork) -> None:
            await end_outgoing(work, call_id, OutgoingOutcome.FAILED, ended_by=EndedBy.SYSTEM)

        self._x.note(ended, calls=[call_id])

    def _know(self, call_id: CallId, call: CallRow) -> None:
        for channel_id, role in (
            (call.channel_id, Role.CITIZEN),
            (call.agent_channel_id, Role.UNIT),
        ):
            self._x.board.add_leg(Leg(channel_id, call_id, role, is_up=True))


def _lost(state: str) -> Event:
    """What has happened to a call that nobody watched: a talk has ended, a ringing has failed."""
    return Gone(Party.PHONE) if state == OutgoingState.CONNECTED.value else Broken()


async def citizens_number(session: AsyncSession, call: CallRow, vault: Vault) -> str:
    """The number to dial: that of the case now, or of the call that is to be returned."""
    if call.case_id is not None:
        return await number_to_dial(session, call.case_id, vault)
    return vault.open(call.caller_sealed)


def bridge_of(call_id: CallId) -> str:
    """The id of the bridge of a call going out."""
    return f"out-{call_id}"
