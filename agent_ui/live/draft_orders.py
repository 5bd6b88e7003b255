"""What a desk orders about its drafts: fields, places, warnings, captions, other callers' cases."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from agent_ui.live import draft_messages as p
from agent_ui.live.message import ClientMessage
from core.actions.corrections import learn_caption, learn_place
from core.actions.drafts import (
    choose_place,
    dismiss_tripwire,
    edit_draft,
    open_draft,
    submit_draft,
    undo_edit,
)
from core.actions.recordings import edit_utterance
from core.actions.same_trouble import join_case, not_same
from core.db.engine import Database
from core.db.tables.calls import UtteranceRow
from core.db.tables.cases import CaseRow
from core.errors import NotAllowed
from core.ids import AgentId, CallId, CaseId
from core.vault import Vault

Answer = Mapping[str, object]
#: Fields of the form that hold yes or no; a form sends text.
_YES_NO = frozenset({"wants_callback", "confidential"})


class Agent(Protocol):
    """Who orders."""

    @property
    def agent_id(self) -> AgentId: ...


class DraftOrders:
    """Each order in one transaction; the call has been checked to be the agent's own."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self.table: dict[type[ClientMessage], Callable[..., Awaitable[Answer]]] = {
            p.EditDraft: self._edit,
            p.SubmitDraft: self._submit,
            p.UndoEdit: self._undo,
            p.ChoosePlace: self._choose_place,
            p.DismissTripwire: self._dismiss,
            p.EditCaption: self._edit_caption,
            p.JoinCase: self._join,
            p.NotSame: self._not_same,
        }

    async def _edit(self, agent: Agent, message: p.EditDraft) -> Answer:
        async with self._database.work() as work:
            case_id = message.case_id
            if not case_id:
                case_id = (await open_draft(work, CallId(message.call_id))).id
            await _check_case_of_call(work.session, case_id, message.call_id)
            value: Any = message.value
            if message.field in _YES_NO:
                value = message.value == "true"
            changes = {message.field: value}
            case = await edit_draft(work, CaseId(case_id), changes, actor=agent.agent_id)
            revision = case.revision
            await work.commit()
        return {"case_id": case_id, "revision": revision}

    async def _submit(self, agent: Agent, message: p.SubmitDraft) -> Answer:
        async with self._database.work() as work:
            await _check_case_of_call(work.session, message.case_id, message.call_id)
            case = await submit_draft(
                work,
                CaseId(message.case_id),
                actor=agent.agent_id,
                vault=self._vault,
                answered=message.handling == "answered",
            )
            number = case.number
            await work.commit()
        return {"case_number": number}

    async def _undo(self, agent: Agent, message: p.UndoEdit) -> Answer:
        async with self._database.work() as work:
            await _check_case_of_call(work.session, message.case_id, message.call_id)
            await undo_edit(work, CaseId(message.case_id), message.field, actor=agent.agent_id)
            await work.commit()
        return {}

    async def _choose_place(self, agent: Agent, message: p.ChoosePlace) -> Answer:
        async with self._database.work() as work:
            await _check_case_of_call(work.session, message.case_id, message.call_id)
            _, chosen = await choose_place(
                work, CaseId(message.case_id), message.place_id, actor=agent.agent_id
            )
            heard, name = str(chosen.get("words") or ""), str(chosen["value"])
            await learn_place(work, heard, place_id=message.place_id, name=name)
            await work.commit()
        return {}

    async def _dismiss(self, agent: Agent, message: p.DismissTripwire) -> Answer:
        async with self._database.work() as work:
            await _check_case_of_call(work.session, message.case_id, message.call_id)
            await dismiss_tripwire(
                work, CaseId(message.case_id), message.wire, message.reason, actor=agent.agent_id
            )
            await work.commit()
        return {}

    async def _edit_caption(self, agent: Agent, message: p.EditCaption) -> Answer:
        async with self._database.work() as work:
            row = await work.session.get(UtteranceRow, message.utterance_id)
            if row is None or row.call_id != message.call_id:
                raise NotAllowed("该字幕不属于这通电话")
            heard = row.text
            row = await edit_utterance(work, row.id, message.text, actor=agent.agent_id)
            await learn_caption(work, heard, row.text)
            await work.commit()
        return {}

    async def _join(self, agent: Agent, message: p.JoinCase) -> Answer:
        async with self._database.work() as work:
            await _check_case_of_call(work.session, message.case_id, message.call_id)
            case = await join_case(
                work,
                CaseId(message.case_id),
                CaseId(message.master_id),
                actor=agent.agent_id,
                vault=self._vault,
            )
            number = case.number
            await work.commit()
        return {"case_number": number}

    async def _not_same(self, agent: Agent, message: p.NotSame) -> Answer:
        async with self._database.work() as work:
            await _check_case_of_call(work.session, message.case_id, message.call_id)
            await not_same(
                work, CaseId(message.case_id), CaseId(message.other_id), actor=agent.agent_id
            )
            await work.commit()
        return {}


async def _check_case_of_call(session: AsyncSession, case_id: str, call_id: str) -> None:
    case = await session.get(CaseRow, case_id)
    if case is None or case.call_id != call_id:
        raise NotAllowed("该草稿不属于这通电话")
