"""The person behind a case, opened: only for a mask, a clue list, a reveal, a call."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.tables.access import CaseIdentityRow
from core.db.tables.cases import CaseRow
from core.domain.redaction import Clues
from core.errors import NotFound
from core.vault import Vault, normalise_phone


@dataclass(frozen=True, slots=True)
class Person:
    """Name, the number to call, and the number that called."""

    name: str = ""
    number: str = ""
    caller: str = ""

    @property
    def clues(self) -> Clues:
        """What must not stand in any text for outsiders."""
        numbers = {number for number in (self.number, self.caller) if number}
        return Clues((self.name,) if self.name else (), tuple(sorted(numbers)))


def identity_vault(vault: Vault) -> Vault:
    """The seal of the identities behind confidential cases: a key of its own."""
    return Vault(vault.subkey("identity"))


async def persons_of(
    session: AsyncSession, rows: Iterable[CaseRow], vault: Vault
) -> dict[str, Person]:
    """The persons behind these cases, by case id."""
    rows = list(rows)
    secret = [row.id for row in rows if row.confidential]
    kept: dict[str, CaseIdentityRow] = {}
    if secret:
        query = select(CaseIdentityRow).where(CaseIdentityRow.case_id.in_(secret))
        kept = {found.case_id: found for found in (await session.scalars(query)).all()}
    apart = identity_vault(vault)
    return {
        row.id: _opened(row, kept[row.id], apart) if row.id in kept else _opened(row, row, vault)
        for row in rows
    }


async def person_of(session: AsyncSession, row: CaseRow, vault: Vault) -> Person:
    """The person behind one case."""
    return (await persons_of(session, [row], vault))[row.id]


async def number_to_dial(session: AsyncSession, case_id: str, vault: Vault) -> str:
    """The number for a call through the platform; it goes to Asterisk, never to a screen."""
    row = await session.get(CaseRow, case_id)
    number = (await person_of(session, row, vault)).number if row is not None else ""
    if not number:
        raise NotFound("该工单没有可拨打的号码")
    return number


def _opened(row: CaseRow, sealed: CaseRow | CaseIdentityRow, vault: Vault) -> Person:
    def plain(text: str) -> str:
        return vault.open(text) if text else ""

    caller = plain(sealed.caller_sealed)
    typed = normalise_phone(_draft_value(row, "phone"))
    return Person(
        name=plain(sealed.name_sealed) or _draft_value(row, "caller_name"),
        number=plain(sealed.phone_sealed) or typed or caller,
        caller=caller,
    )


def _draft_value(row: CaseRow, name: str) -> str:
    """While it is a draft, the fields still hold what was heard or typed."""
    value = (loaded_fields(row).get(name) or {}).get("value")
    return str(value) if value else ""


def loaded_fields(row: CaseRow) -> Mapping[str, Any]:
    """The draft's fields; none where a list of submitted cases left them in the database."""
    return {} if "fields" in inspect(row).unloaded else row.fields
