"""Every look at personal data is written down first: views, reveals, listens, prints, exports."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from core.auth import Principal
from core.db.engine import Database, UnitOfWork
from core.db.repos.case_views import case_row
from core.db.repos.persons import Person, person_of
from core.db.tables.handling import PiAccessRow
from core.domain.access import START, AccessEntry, SeenField, check_reason
from core.domain.masking import may_reveal
from core.errors import NotAllowed
from core.vault import Vault

#: One writer at a time: the chain has no forks. Held until the transaction ends, so keep it short.
_CHAIN_LOCK = 0x70695F6163636573


@dataclass(frozen=True, slots=True)
class Seen:
    """One look. case_id "" when it was not at one case (a search by number)."""

    case_id: str
    field: SeenField
    reason: str = ""
    address: str = ""


def chain_key(vault: Vault) -> bytes:
    """The key of the chain's hashes."""
    return vault.subkey("access-log")


async def log_seen(work: UnitOfWork, seen: Sequence[Seen], *, by: Principal, vault: Vault) -> None:
    """Append to the log; do it last in a transaction, for it makes other writers wait."""
    session = work.session
    await session.execute(select(func.pg_advisory_xact_lock(_CHAIN_LOCK)))
    query = select(PiAccessRow.seq, PiAccessRow.hash).order_by(PiAccessRow.seq.desc()).limit(1)
    last = (await session.execute(query)).first()
    seq, before = (last[0], last[1]) if last else (0, START)
    for number, look in enumerate(seen, seq + 1):
        entry = AccessEntry(
            seq=number,
            at=work.clock.now(),
            account_id=by.agent_id,
            department_id=by.department_id,
            case_id=look.case_id,
            field=look.field.value,
            reason=look.reason,
            address=look.address,
        )
        before = entry.chained(before, chain_key(vault))
        session.add(
            PiAccessRow(
                seq=entry.seq, at=entry.at, account_id=entry.account_id,
                department_id=entry.department_id, case_id=entry.case_id, field=entry.field,
                reason=entry.reason, address=entry.address, hash=before,
            )
        )  # fmt: skip
    await session.flush()


async def note_seen(
    database: Database, seen: Sequence[Seen], *, by: Principal, vault: Vault
) -> None:
    """Append in a transaction of its own, so that a page holds the lock for an instant only."""
    async with database.work() as work:
        await log_seen(work, seen, by=by, vault=vault)
        await work.commit()


async def reveal_person(
    work: UnitOfWork, key: str, *, by: Principal, vault: Vault, reason: str, address: str = ""
) -> Person:
    """Open number and name of a case, with a reason; the log has it before anybody reads it.

    Raises NotFound (may not see the case), InputRefused (no reason), NotAllowed (post).
    """
    reason = check_reason(reason)
    case = await case_row(work.session, by, key)
    if not may_reveal(by.role, confidential=case.confidential):
        raise NotAllowed("您的岗位不能查看该工单的号码")
    field = SeenField.IDENTITY if case.confidential else SeenField.PHONE
    person = await person_of(work.session, case, vault)
    await log_seen(work, [Seen(case.id, field, reason, address)], by=by, vault=vault)
    return person


async def anchor_chain(work: UnitOfWork, *, by: Principal) -> int:
    """Write the chain's present end into the audit trail: what is cut off later is missed there."""
    query = select(PiAccessRow.seq, PiAccessRow.hash).order_by(PiAccessRow.seq.desc()).limit(1)
    last = (await work.session.execute(query)).first()
    if last is None:
        return 0
    work.audit(
        actor=by.agent_id, action="anchor_access_log", entity="pi_access",
        entity_id=str(last[0]), facts={"hash": last[1]},
    )  # fmt: skip
    return int(last[0])
