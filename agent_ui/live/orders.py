"""Carries out what a desk asks for: checks whose call it is, then acts or tells routing."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Protocol

from agent_ui.live import protocol as p
from agent_ui.live.draft_orders import DraftOrders
from agent_ui.live.topics import command_id
from core.auth import Permission, Principal
from core.db.engine import Database
from core.db.tables.calls import CallRow
from core.db.tables.people import AgentRow
from core.errors import NotAllowed
from core.events.bus import Command, EventBus
from core.ids import AgentId, new_id
from core.metrics import POP_SECONDS
from core.vault import Vault

logger = logging.getLogger(__name__)
Answer = Mapping[str, object]
_NOTHING: Answer = {}


class Softphones(Protocol):
    """Gives a log-in the telephone endpoint that its browser registers."""

    async def open(self, principal: Principal, session_key: str) -> Mapping[str, object]:
        """What the browser needs to register: address, name, secret. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person behind a socket: proven at the handshake by the session cookie."""

    principal: Principal
    session_key: str

    @property
    def agent_id(self) -> AgentId:
        return self.principal.agent_id


class Orders:
    """Every message of a desk except those about the connection itself."""

    def __init__(
        self, *, database: Database, bus: EventBus, vault: Vault, softphones: Softphones
    ) -> None:
        self._database = database
        self._bus = bus
        self._softphones = softphones
        self._own: dict[type[p.ClientMessage], Callable[..., Awaitable[Answer]]] = {
            **DraftOrders(database, vault).table,
            p.OpenSoftphone: self._open_softphone,
            p.PopSeen: self._pop_seen,
        }

    async def take(self, visitor: Visitor, message: p.ClientMessage) -> Answer:
        """Do what was asked; the answer's data. Raises HotlineError."""
        supervises = isinstance(message, p.SupervisorMessage)
        visitor.principal.check_can(
            Permission.MONITOR_CALLS if supervises else Permission.TAKE_CALLS
        )
        if isinstance(message, p.CallMessage):
            await self._check_own_call(visitor.agent_id, message.call_id)
        act = self._own.get(type(message))
        if act is not None:
            return await act(visitor, message)
        await self._bus.send_command(_command(visitor.agent_id, message))
        return _NOTHING

    async def _check_own_call(self, agent_id: AgentId, call_id: str) -> None:
        """An agent may only touch the call in hand or one that was answered at this desk."""
        async with self._database.sessions() as session:
            agent = await session.get(AgentRow, agent_id)
            if agent is not None and agent.call_id == call_id:
                return
            call = await session.get(CallRow, call_id)
            if call is None or call.agent_id != agent_id:
                # The same answer for a call that does not exist: nothing can be probed.
                raise NotAllowed("这不是您的通话")

    async def _open_softphone(self, visitor: Visitor, _message: p.OpenSoftphone) -> Answer:
        return await self._softphones.open(visitor.principal, visitor.session_key)

    async def _pop_seen(self, _visitor: Visitor, message: p.PopSeen) -> Answer:
        async with self._database.sessions() as session:
            call = await session.get(CallRow, message.call_id)
        if call is not None and call.queued_at is not None and call.answered_at is None:
            waited = self._database.clock.now() - call.queued_at
            POP_SECONDS.observe(waited.total_seconds())
        return _NOTHING


def _command(agent_id: AgentId, message: p.ClientMessage) -> Command:
    args = asdict(message)
    own_id = str(args.pop("id")) or new_id()
    call_id = args.pop("call_id", None)
    return Command(
        command_id=command_id(agent_id, own_id),
        kind=message.type,
        agent_id=agent_id,
        call_id=call_id,
        args=args,
    )
