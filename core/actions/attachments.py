"""Writes about the files that departments attach to a case."""

import base64
import hashlib
from collections.abc import Sequence

from sqlalchemy import func, select

from core.auth import Principal
from core.db.engine import UnitOfWork
from core.db.tables.units import AttachmentRow
from core.domain.uploads import Upload
from core.errors import InputRefused
from core.ids import CaseId, new_id
from core.vault import Vault

#: More files than this belong into a file server, not into a case.
MOST_ON_A_CASE = 60


async def attach(
    work: UnitOfWork,
    case_id: CaseId,
    files: Sequence[Upload],
    *,
    purpose: str,
    by: Principal,
    vault: Vault,
) -> list[AttachmentRow]:
    """Keep the files, sealed, with the change they belong to. Raises InputRefused."""
    if not files:
        return []
    query = select(func.count()).where(AttachmentRow.case_id == case_id)
    if (await work.session.scalar(query) or 0) + len(files) > MOST_ON_A_CASE:
        raise InputRefused("该工单的附件已达上限", fields=["attachments"])
    rows = [_row(work, case_id, file, purpose=purpose, by=by, vault=vault) for file in files]
    work.session.add_all(rows)
    work.audit(
        actor=by.agent_id, action="attach", entity="case", entity_id=case_id,
        facts={"purpose": purpose, "files": len(rows), "bytes": sum(row.size for row in rows)},
    )  # fmt: skip
    return rows


def _row(
    work: UnitOfWork, case_id: CaseId, file: Upload, *, purpose: str, by: Principal, vault: Vault
) -> AttachmentRow:
    return AttachmentRow(
        id=new_id(),
        case_id=case_id,
        department_id=by.department_id or "",
        purpose=purpose,
        name=file.name,
        kind=file.kind,
        size=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(),
        sealed=vault.seal(base64.b64encode(file.content).decode()).encode(),
        added_by=by.agent_id,
        added_at=work.clock.now(),
    )


def content_of(row: AttachmentRow, vault: Vault) -> bytes:
    """The file as it was given. Raises VaultError when it was altered."""
    return base64.b64decode(vault.open(row.sealed.decode()))
