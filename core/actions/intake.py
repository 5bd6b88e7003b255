"""A matter that did not come by a call: letter, visit, web form, another platform."""

from collections.abc import Mapping
from typing import Any

from core.actions.drafts import check_changes, submit_draft
from core.actions.stages import ACCEPT, start_stage
from core.auth import Principal
from core.db.engine import UnitOfWork
from core.db.repos.rules import case_limits
from core.db.tables.cases import CaseRow
from core.domain.cases import CaseStatus, Channel
from core.domain.drafts import FieldOrigin, FieldValue, merge_person
from core.ids import CaseId, new_id
from core.vault import Vault


async def take_in(
    work: UnitOfWork,
    fields: Mapping[str, Any],
    *,
    channel: Channel,
    by: Principal,
    vault: Vault,
    accused: str = "",
) -> CaseRow:
    """Make a case of these fields (names as in a draft); it has its number and waits for dispatch.

    accused: whom the citizen complains about; that unit never gets the case nor sees it.
    Raises InputRefused for an unknown field, an oversized value, or without type and summary.
    """
    case = await _write_form(work, fields, channel=channel, by=by, accused=accused)
    return await submit_draft(work, CaseId(case.id), actor=by.agent_id, vault=vault)


async def open_form(
    work: UnitOfWork,
    fields: Mapping[str, Any],
    *,
    channel: Channel,
    by: Principal,
    accused: str = "",
) -> CaseRow:
    """A draft of such a matter that somebody will go through before it is submitted.

    The clock of accepting it runs from now on.
    """
    case = await _write_form(work, fields, channel=channel, by=by, accused=accused)
    await start_stage(work, case, ACCEPT, await case_limits(work.session))
    return case


async def _write_form(
    work: UnitOfWork,
    fields: Mapping[str, Any],
    *,
    channel: Channel,
    by: Principal,
    accused: str,
) -> CaseRow:
    check_changes(fields)
    written: dict[str, FieldValue] = {}
    for name, value in fields.items():
        written = merge_person(written, name, value, origin=FieldOrigin.CALLER)
    case = CaseRow(
        id=new_id(),
        status=CaseStatus.DRAFT.value,
        channel=channel.value,
        fields={name: field.as_json() for name, field in written.items()},
        accused=accused,
        created_by=by.agent_id,
        created_at=work.clock.now(),
    )
    work.session.add(case)
    await work.session.flush()
    return case
