"""Messages of 110 taken in: each (jjdbh, seq) once, each alarm one case."""

import hashlib
import json
from typing import Any

from sqlalchemy import func, select

from core.actions.base import told
from core.actions.intake import take_in
from core.auth import Principal
from core.db.engine import UnitOfWork
from core.db.tables.cases import CaseEventRow, CaseRow
from core.db.tables.exchange import ExchangeCaseRow, ExchangeMessageRow
from core.domain.cases import CaseType, Channel, Urgency
from core.domain.events import CaseNoted
from core.domain.exchange110 import NAMES, ExchangeKind, Message
from core.errors import Conflict, InputRefused, NotFound
from core.ids import new_id
from core.vault import Vault

_FIELDS = {
    "case_type": "case_type", "content": "summary", "place": "place_text", "title": "title",
    "caller_name": "caller_name", "phone": "phone", "urgency": "urgency",
}  # fmt: skip


async def receive_message(
    work: UnitOfWork, message: Message, *, client_id: str, by: Principal, vault: Vault
) -> dict[str, Any]:
    """Take a message in and say what became of it; the same one again gets the same answer.

    Raises Conflict when (jjdbh, seq) was used for another content, NotFound for an alarm that
    became no case here, InputRefused for an order that cannot be a case.
    """
    session = work.session
    # One message of an alarm at a time: two orders at once must not become two cases.
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(message.jjdbh))))
    fingerprint = _fingerprint(message)
    earlier = await session.get(ExchangeMessageRow, (message.jjdbh, message.seq))
    if earlier is not None:
        if earlier.body_hash != fingerprint:
            raise Conflict("同一接警单号和序号已用于另一条消息")
        return dict(earlier.answer)
    if message.kind is ExchangeKind.ORDER:
        case = await _order(work, message, by=by, vault=vault)
    else:
        case = await _case_of(work, message.jjdbh)
        _note(work, case, message, by=by)
    answer = {
        "JJDBH": message.jjdbh, "seq": message.seq, "accepted": True, "number": case.number,
        "status": case.status,
    }  # fmt: skip
    session.add(
        ExchangeMessageRow(
            jjdbh=message.jjdbh,
            seq=message.seq,
            kind=message.kind.value,
            body_hash=fingerprint,
            body_sealed=vault.seal(json.dumps(dict(message.values), ensure_ascii=False)),
            case_id=case.id,
            answer=answer,
            client_id=client_id,
            received_at=work.clock.now(),
        )
    )
    work.audit(
        actor=by.agent_id, action=f"exchange:{message.kind.value}", entity="case",
        entity_id=case.id, facts={"jjdbh": message.jjdbh, "seq": message.seq},
    )  # fmt: skip
    return answer


async def _order(work: UnitOfWork, message: Message, *, by: Principal, vault: Vault) -> CaseRow:
    """A non-police alarm becomes a case; the same alarm pushed again is the case it was."""
    known = await work.session.get(ExchangeCaseRow, message.jjdbh)
    if known is not None:
        return await work.session.get_one(CaseRow, known.case_id)
    if message.values["case_type"] not in {kind.value for kind in CaseType}:
        raise InputRefused("没有这种诉求类型", fields=["case_type"])
    if message.values.get("urgency", "一般") not in {one.value for one in Urgency}:
        raise InputRefused("没有这种紧急程度", fields=["urgency"])
    fields = {_FIELDS[name]: value for name, value in message.values.items()}
    case = await take_in(work, fields, channel=Channel.POLICE_110, by=by, vault=vault)
    await work.session.flush()
    work.session.add(
        ExchangeCaseRow(jjdbh=message.jjdbh, case_id=case.id, accepted_at=work.clock.now())
    )
    return case


async def _case_of(work: UnitOfWork, jjdbh: str) -> CaseRow:
    known = await work.session.get(ExchangeCaseRow, jjdbh)
    if known is None:
        raise NotFound("没有该接警单号对应的工单")
    return await work.session.get_one(CaseRow, known.case_id)


def _note(work: UnitOfWork, case: CaseRow, message: Message, *, by: Principal) -> None:
    now = work.clock.now()
    work.session.add(
        CaseEventRow(
            id=new_id(),
            case_id=case.id,
            at=now,
            action=NAMES[message.kind],
            actor=by.agent_id,
            from_status=case.status,
            to_status=case.status,
            note=message.in_words(),
            facts={"seq": message.seq},
        )
    )
    work.record(
        CaseNoted(
            case_id=case.id, status=case.status, action=NAMES[message.kind],
            actor=by.agent_id, at=told(now),
        )
    )  # fmt: skip


def _fingerprint(message: Message) -> str:
    content = json.dumps(dict(message.values), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(f"{message.kind.value}\n{content}".encode()).hexdigest()
