"""Mediation of a dispute between two parties, and the seal over who they are."""

import json
from collections.abc import Mapping

from sqlalchemy import func, select

from core.actions import legs
from core.actions.asked import Asked, at_work
from core.db.tables.sides import MediationRow
from core.domain.cases import CaseStatus
from core.domain.sides import DISPUTE_TYPES, MEDIATION_RESULTS
from core.errors import TransitionRefused
from core.ids import new_id
from core.vault import Vault, mask_phone


def seal_parties(vault: Vault, parties: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The `given` of a hand-over to mediation for parties {"A": {"name", "phone"}, "B": ...}."""
    shown = [
        f"{side}：{_mask_name(party.get('name', ''))} {mask_phone(party.get('phone', ''))}".strip()
        for side, party in sorted(parties.items())
    ]
    return {
        "parties_sealed": vault.seal(
            json.dumps({side: dict(party) for side, party in parties.items()}, ensure_ascii=False)
        ),
        "parties_mask": "；".join(shown),
    }


def _mask_name(name: str) -> str:
    return name[:1] + "*" * max(0, len(name) - 1)


async def start_mediation(asked: Asked) -> None:
    """Both are willing: clocks stop while the mediation centre has the dispute.

    given: dispute_type, both_parties_willing, amount, received_by, mediator, and what
    `seal_parties` made.
    """
    await legs.pause_legs(asked)
    count = select(func.count()).where(MediationRow.case_id == asked.case.id)
    already = int(await asked.work.session.scalar(count) or 0)
    asked.work.session.add(
        MediationRow(
            id=new_id(),
            number=f"{asked.case.number or ''}-T{already + 1}",
            case_id=asked.case.id,
            dispute_type=asked.choice("dispute_type", DISPUTE_TYPES),
            parties_sealed=asked.text("parties_sealed"),
            parties_mask=asked.text("parties_mask"),
            amount=asked.text("amount"),
            received_by=asked.text("received_by"),
            mediator=asked.text("mediator"),
            opened_by=asked.by.agent_id,
            opened_at=asked.now,
        )
    )


async def note_session(asked: Asked) -> None:
    """One meeting of the parties. given: words, mediator."""
    mediation = await open_mediation(asked)
    if mediation is None:
        raise TransitionRefused("该工单没有进行中的调解")
    entry = {"at": asked.now.isoformat(), "by": asked.by.agent_id, "words": asked.text("words")}
    mediation.sessions = [*mediation.sessions, entry]
    mediation.mediator = asked.text("mediator") or mediation.mediator


async def end_mediation(asked: Asked) -> CaseStatus | None:
    """Agreed or not: the clocks go on, and the unit replies with what came of it.

    given: result, agreement_number, performed, confirmation_number.
    """
    result = asked.choice("result", MEDIATION_RESULTS)
    mediation = await open_mediation(asked)
    if mediation is not None:
        mediation.result = result
        mediation.agreement_number = asked.text("agreement_number")
        mediation.confirmation_number = asked.text("confirmation_number")
        given = asked.given.get("performed") not in (None, "")
        mediation.performed = asked.flag("performed") if given else None
        mediation.closed_at = asked.now
    await legs.resume_legs(asked)
    return at_work(asked.case)


async def open_mediation(asked: Asked) -> MediationRow | None:
    """The mediation that is going on, locked."""
    query = (
        select(MediationRow)
        .where(MediationRow.case_id == asked.case.id, MediationRow.closed_at.is_(None))
        .with_for_update()
    )
    return (await asked.work.session.scalars(query)).first()
