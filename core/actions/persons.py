"""Puts the person behind a case under seal; behind a confidential one apart from the case."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core.actions.base import take
from core.auth import Principal
from core.db.engine import UnitOfWork
from core.db.repos.persons import Person, identity_vault, person_of
from core.db.tables.access import CaseIdentityRow
from core.db.tables.cases import CaseRow
from core.db.tables.drafting import FieldEditRow
from core.domain.case_views import PERSONAL_FIELDS
from core.domain.redaction import surname_only
from core.ids import CaseId
from core.vault import Vault, mask_phone

_TAIL = 4


async def seal_person(work: UnitOfWork, case: CaseRow, person: Person, vault: Vault) -> None:
    """Write name and numbers encrypted, their keyed hashes for exact search, and empty the draft.

    The hashes stay on the case: by them a caller's own history and the status page find it.
    """
    number = person.number
    case.phone_hash = vault.fingerprint(number) if number else ""
    case.phone_tail_hash = vault.fingerprint(f"tail:{number[-_TAIL:]}") if number else ""
    case.phone_mask = mask_phone(number) if number else ""
    case.caller_mask = case.caller_mask or case.phone_mask
    seal = identity_vault(vault) if case.confidential else vault
    sealed = {
        "phone_sealed": seal.seal(number) if number else "",
        "name_sealed": seal.seal(person.name) if person.name else "",
        "caller_sealed": seal.seal(person.caller) if person.caller else "",
    }
    if case.confidential:
        await _keep_apart(work, case, sealed)
        sealed = dict.fromkeys(sealed, "")
    for column, value in sealed.items():
        setattr(case, column, value)
    case.fields = {name: _emptied(name, data) for name, data in case.fields.items()}
    await _empty_edits(work, case.id)


async def make_confidential(
    work: UnitOfWork, case_id: CaseId, *, by: Principal, vault: Vault
) -> CaseRow:
    """From now on the identity is kept apart and departments see no trace of it."""
    case = await take(work, CaseRow, case_id, what="工单")
    if not case.confidential:
        person = await person_of(work.session, case, vault)
        case.confidential = True
        await seal_person(work, case, person, vault)
        work.audit(
            actor=by.agent_id, action="make_confidential", entity="case", entity_id=case.id,
            facts={},
        )  # fmt: skip
    return case


async def _keep_apart(work: UnitOfWork, case: CaseRow, sealed: dict[str, str]) -> None:
    await work.session.flush()  # the identity refers to the case
    values = {**sealed, "sealed_at": work.clock.now()}
    statement = insert(CaseIdentityRow).values(case_id=case.id, **values)
    await work.session.execute(
        statement.on_conflict_do_update(index_elements=["case_id"], set_=values)
    )


async def _empty_edits(work: UnitOfWork, case_id: str) -> None:
    """Who typed a number and when stays on record; which number it was is under seal now."""
    query = select(FieldEditRow).where(
        FieldEditRow.case_id == case_id, FieldEditRow.field.in_(PERSONAL_FIELDS)
    )
    for edit in (await work.session.scalars(query)).all():
        edit.before = _emptied(edit.field, edit.before) if edit.before else None
        edit.after = _emptied(edit.field, edit.after)


def told_fields(fields: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Fields as an event tells them: events lie in the outbox and on the bus, so masked."""
    return {
        name: {**_emptied(name, data), "value": _masked(name, data.get("value"))}
        if name in PERSONAL_FIELDS
        else data
        for name, data in fields.items()
    }


def _masked(name: str, value: object) -> str:
    text = str(value or "")
    return mask_phone(text) if name == "phone" else surname_only(text)


def _emptied(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """A personal field keeps only that it was filled, by whom, and its second of audio."""
    if name not in PERSONAL_FIELDS:
        return data
    sources = data.get("sources")
    spans = [{**span, "words": ""} for span in (sources if isinstance(sources, list) else [])]
    return {**data, "value": "", "suggestion": None, "choices": [], "sources": spans}
