"""Other callers' matters beside each draft: candidates kept in memory, scored after each telling.

All open matters are read once and then only those that an event names; scoring is pure and looks
only at matters of the same kind or place, so that a call costs milliseconds whatever is open.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.actions.same_trouble import BurstSeen, notice_burst, suggest_alike
from core.clock import Clock
from core.db.engine import Database
from core.db.repos.cases import drafts_of_call
from core.db.repos.same_trouble import matters_of, not_same_pairs, open_matters, reporters
from core.db.tables.cases import CaseRow
from core.domain.cases import FINAL, STATUS_NAMES, CaseStatus
from core.domain.draft_events import CaseJoined
from core.domain.events import CaseStatusChanged, CaseSubmitted, DraftUpdated, Event
from core.ids import CallId, CaseId
from recordings.drafting.same_trouble import (
    LONGEST,
    NEAR_METRES,
    Burst,
    Likeness,
    Matter,
    best_matches,
    bursts,
    distance,
    groups,
)

_TELLS_OF_A_CASE = (DraftUpdated, CaseSubmitted, CaseStatusChanged, CaseJoined)
_MOST_MATTERS = 5_000
_MOST_COMPARED = 200
_READ_AGAIN = timedelta(minutes=10)
_NO_CATEGORY = ("", "")


@dataclass(frozen=True, slots=True)
class Known:
    """One matter with what the desk shows of it."""

    matter: Matter
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What a draft may be the same as."""

    alike: tuple[Likeness, ...]
    burst: Burst | None


class OpenMatters:
    """Every matter that is open now; kept in step by events, healed by reading all again."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[str, Known] = {}
        self._stale: set[str] = set()
        self._read_at: datetime | None = None

    def take(self, event: Event) -> None:
        """Something has happened to a case: read it again before it is compared."""
        if isinstance(event, _TELLS_OF_A_CASE):
            self._stale.add(event.case_id)
        if isinstance(event, CaseJoined):
            self._stale.add(event.master_id)

    async def current(self) -> dict[str, Known]:
        """All open matters by case id, as they are now."""
        now = self._clock.now()
        if self._read_at is None or now - self._read_at >= _READ_AGAIN:
            self._stale.clear()
            async with self._database.work() as work:
                rows = await open_matters(work.session, now - LONGEST, limit=_MOST_MATTERS)
                counts = await reporters(work.session, [row.id for row in rows])
            self._known = {row.id: known(row, counts[row.id]) for row in rows}
            self._read_at = now
        elif self._stale:
            stale, self._stale = self._stale, set()
            await self._read(stale)
        return dict(self._known)  # another call may have them read again meanwhile

    async def _read(self, ids: Collection[str]) -> None:
        async with self._database.work() as work:
            rows = await matters_of(work.session, ids)
            counts = await reporters(work.session, ids)
        fresh = {row.id: row for row in rows if CaseStatus(row.status) not in FINAL}
        for case_id in ids:
            if case_id in fresh:
                self._known[case_id] = known(fresh[case_id], counts[case_id])
            else:
                self._known.pop(case_id, None)


class SameTrouble:
    """`suggest` puts the best candidates beside every draft of a call."""

    def __init__(self, database: Database, matters: OpenMatters) -> None:
        self._database = database
        self._matters = matters

    async def suggest(self, call_id: CallId) -> None:
        """Score the call's drafts against what is open, and keep what was found."""
        others = await self._matters.current()
        async with self._database.work() as work:
            rows = await drafts_of_call(work.session, call_id)
            drafts = [row for row in rows if row.status == CaseStatus.DRAFT.value]
            refused = await not_same_pairs(work.session, [row.id for row in drafts])
            strangers = [one for one in others.values() if one.facts["call_id"] != call_id]
            for row in drafts:
                one = known(row, 1).matter
                found = await asyncio.to_thread(compare, one, strangers, refused)
                await self._keep(work, row, found, others)
            await work.commit()

    async def _keep(self, work: Any, row: CaseRow, found: Found, others: dict[str, Known]) -> None:
        one = known(row, 1).matter
        alike = [shown(one, like, others[like.id]) for like in found.alike]
        burst = told_burst(found.burst)
        await suggest_alike(work, CaseId(row.id), alike, burst)
        if found.burst is not None:
            await notice_burst(work, seen(found.burst))


def compare(one: Matter, others: Iterable[Known], refused: Collection[frozenset[str]]) -> Found:
    """The most alike matters and the burst that this one belongs to; nothing without a category."""
    if one.category == _NO_CATEGORY:
        return Found((), None)
    near = [other.matter for other in others if _worth_comparing(one, other.matter)]
    near = sorted(near, key=lambda m: m.at, reverse=True)[:_MOST_COMPARED]
    alike = best_matches(one, near, not_same=refused)
    mine = next(
        (b for b in bursts(groups([*near, one], not_same=refused)) if one.id in b.ids), None
    )
    return Found(tuple(alike), mine)


def _worth_comparing(one: Matter, other: Matter) -> bool:
    """Without the same category, a shared place or nearness no two matters score high enough."""
    if one.category == other.category or set(one.places) & set(other.places):
        return True
    metres = distance(one, other)
    return metres is not None and metres <= 2 * NEAR_METRES


def known(row: CaseRow, count: int) -> Known:
    """A case as likeness and the desk need it."""
    values = {name: field.get("value") for name, field in row.fields.items()}
    point = _first_choice(row, "place_text")
    top, _, low = (row.category or "").partition("/")
    said = values.get("category") or ()
    parts = said.replace("、", "/").split("/") if isinstance(said, str) else list(said)
    category = (str(parts[0]), str(parts[1])) if len(parts) == len(_NO_CATEGORY) else (top, low)
    place_text = str(values.get("place_text") or row.place_text)
    matter = Matter(
        id=row.id,
        category=category,
        text=str(values.get("summary") or row.content),
        at=row.created_at,
        places=tuple(str(name) for name in values.get("places") or ()),
        town=str(_first_choice(row, "places").get("town") or ""),
        lat=point.get("lat"),
        lon=point.get("lon"),
    )
    facts = {
        "case_id": row.id,
        "call_id": row.call_id,
        "number": row.number or "",
        "title": str(values.get("title") or row.title),
        "category": "/".join(part for part in category if part),
        "place": place_text,
        "status": row.status,
        "status_name": STATUS_NAMES.get(CaseStatus(row.status), row.status),
        "department": str(values.get("department") or row.department or ""),
        "due_at": row.due_at.isoformat() if row.due_at else None,
        "at": row.created_at.isoformat(),
        "reporters": count,
    }
    return Known(matter, facts)


def shown(one: Matter, like: Likeness, other: Known) -> dict[str, Any]:
    """A candidate as the desk shows it, with why it is one."""
    metres = distance(one, other.matter)
    return {
        **other.facts,
        "score": like.score,
        "reasons": list(like.reasons),
        "metres": None if metres is None else round(metres),
        "lat": other.matter.lat,
        "lon": other.matter.lon,
        "can_join": other.facts["status"] != CaseStatus.DRAFT.value,
    }


def told_burst(burst: Burst | None) -> dict[str, Any]:
    """A burst as the desk shows it; empty when there is none."""
    if burst is None:
        return {}
    return {
        "count": len(burst.ids),
        "mother_id": burst.mother,
        "category": burst.category[1] or burst.category[0],
        "place": burst.place,
    }


def seen(burst: Burst) -> BurstSeen:
    """A burst as it is kept."""
    return BurstSeen(
        mother_id=CaseId(burst.mother),
        category="/".join(burst.category),
        place=burst.place,
        case_ids=burst.ids,
        first_at=burst.start,
        last_at=burst.end,
    )


def _first_choice(row: CaseRow, field: str) -> dict[str, Any]:
    choices: Sequence[dict[str, Any]] = (row.fields.get(field) or {}).get("choices") or ()
    return dict(choices[0]) if choices else {}
