"""Leads the lives of a living city through the real actions, with a clock set back.

All lives run on one time line: at each instant the step that is due is taken and the alarms that
are due are announced, so that every case has the past that it would have had.
"""

import heapq
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from core.actions.announcing import announce_due, resume_due
from core.actions.case_steps import attempt_step
from core.actions.intake import open_form, take_in
from core.auth import Principal, Role
from core.clock import city_time
from core.db.engine import Database
from core.db.repos.alarms import next_alarm_at
from core.db.repos.rules import calendar, duty_of
from core.db.tables.cases import CaseRow, DepartmentRow, PlaceRow
from core.db.tables.handling import DutyRow, RequestRow, SuperviseRow
from core.db.tables.outbox import OutboxRow
from core.db.tables.people import AccountRow
from core.domain.cases import Channel
from core.domain.codec import Envelope
from core.errors import HotlineError
from core.ids import AgentId, CaseId
from core.vault import Vault
from hotline.seed.lives import Life, Matter, begins_at, read_lives, times_of
from hotline.seed.turned_clock import TurnedClock

logger = logging.getLogger(__name__)
_PLACES = ("road", "community")
_NAMES = "赵钱孙李周吴郑王冯陈"
_CONTENT = ("非常满意", "满意", "满意", "基本满意")


@dataclass(slots=True)
class _Case:
    """A life that is being led."""

    life: Life
    matter: Matter
    duty: DutyRow
    times: list[datetime]
    id: CaseId = field(default=CaseId(""))
    stopped: bool = False


async def bring_to_life(url: str, *, vault: Vault, now: datetime, seed: int = 12345) -> int:
    """Lead every life of the file; how many cases there are now. Nothing where there are cases.

    A past that is lost in a crash is made again: its commits need not wait for the disk.
    """
    settings = {"server_settings": {"synchronous_commit": "off"}}
    engine = create_async_engine(url, pool_size=3, connect_args=settings)
    try:
        return await _lead_all(engine, vault=vault, now=now, seed=seed)
    finally:
        await engine.dispose()


async def _lead_all(engine: AsyncEngine, *, vault: Vault, now: datetime, seed: int) -> int:
    told: list[str] = []

    async def publish(envelopes: Sequence[Envelope]) -> None:
        told.extend(envelope.event_id for envelope in envelopes)

    clock = TurnedClock(now - timedelta(days=400))
    database = Database(engine, publish=publish, clock=clock)
    async with database.sessions() as session:
        if await session.scalar(select(func.count()).where(CaseRow.number.is_not(None))):
            return 0
    director = _Director(database, clock, vault, Random(seed))  # noqa: S311 - a play
    await director.cast(now)
    made = await director.lead(now)
    async with database.work() as work:  # a past is not news: nobody is told of it now
        for start in range(0, len(told), 5_000):
            batch = OutboxRow.id.in_(told[start : start + 5_000])
            await work.session.execute(update(OutboxRow).where(batch).values(sent_at=now))
        await work.commit()
    return made


class _Director:
    """Knows the people, the places and the units, and leads each life step by step."""

    def __init__(
        self, database: Database, clock: TurnedClock, vault: Vault, random: Random
    ) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault
        self._random = random
        self._people: dict[str, Principal] = {}
        self._desks: dict[str, Principal] = {}
        self._teams: dict[str, str] = {}
        self._units: dict[str, str] = {}
        self._places: list[str] = []
        self._cases: list[_Case] = []

    async def cast(self, now: datetime) -> None:
        """Read who and what there is, and plan every life."""
        async with self._database.sessions() as session:
            for account in (await session.scalars(select(AccountRow))).all():
                self._add_person(account)
            for unit in (await session.scalars(select(DepartmentRow))).all():
                self._units[unit.id] = unit.name
                if unit.parent_id:
                    self._teams.setdefault(unit.parent_id, unit.id)
            query = select(PlaceRow.name).where(
                PlaceRow.kind.in_(_PLACES), PlaceRow.in_jurisdiction
            )
            self._places = sorted((await session.scalars(query)).all()) or ["市区"]
            days = await calendar(session)
            matters, lives = read_lives()
            today = city_time(now).date()
            duties = [await duty_of(session, matter.category, None, today) for matter in matters]
        owned: dict[str, list[tuple[Matter, DutyRow]]] = {}
        for matter, duty in zip(matters, duties, strict=True):
            if duty is not None:
                owned.setdefault(duty.lead_id, []).append((matter, duty))
        for life in lives:
            for matter, duty in self._chosen(life, owned):
                start = begins_at(life, now, days, self._random)
                times = [start, *times_of(life.deeds, start, now)]
                self._cases.append(_Case(life, matter, duty, times))

    def _add_person(self, account: AccountRow) -> None:
        person = Principal(
            AgentId(account.id), account.account, account.name, Role(account.role),
            account.department_id,
        )  # fmt: skip
        self._people[account.account] = person
        if person.role is Role.UNIT_OPS and person.department_id:
            self._desks.setdefault(person.department_id, person)

    def _chosen(
        self, life: Life, owned: Mapping[str, list[tuple[Matter, DutyRow]]]
    ) -> list[tuple[Matter, DutyRow]]:
        """One matter for each unit that leads such a life; another unit comes first each time."""
        units = [unit for unit in owned if unit in self._teams] if life.needs_team else list(owned)
        if not units:
            return []
        first = self._random.randrange(len(units))
        chosen = [*units[first:], *units[:first]][: life.units]
        return [self._random.choice(self._fitting(life, owned[unit])) for unit in chosen]

    def _fitting(
        self, life: Life, matters: list[tuple[Matter, DutyRow]]
    ) -> list[tuple[Matter, DutyRow]]:
        return [pair for pair in matters if pair[0].type == life.type] or matters

    async def lead(self, now: datetime) -> int:
        """Take every step at its instant, and announce what is due between them."""
        line = [(case.times[0], n, 0) for n, case in enumerate(self._cases)]
        heapq.heapify(line)
        while line:
            at, n, step = heapq.heappop(line)
            case = self._cases[n]
            await self._announce_until(at)
            await self._take(case, step)
            if step < len(case.life.deeds) and not case.stopped:
                heapq.heappush(line, (case.times[step + 1], n, step + 1))
        await self._announce_until(now)
        return len(self._cases)

    async def _announce_until(self, instant: datetime) -> None:
        while True:
            async with self._database.sessions() as session:
                next_at = await next_alarm_at(session)
            if next_at is None or next_at > instant:
                break
            self._clock.turn_to(next_at)
            if not await announce_due(self._database) and not await resume_due(self._database):
                break
        self._clock.turn_to(instant)

    async def _take(self, case: _Case, step: int) -> None:
        """The step of this number; number 0 takes the matter in."""
        if step == 0:
            await self._begin(case)
            return
        deed = case.life.deeds[step - 1]
        given = {key: await self._looked_up(case, value) for key, value in deed.given.items()}
        by = self._desk_of(case) if deed.by == "unit" else self._people[deed.by]
        try:
            await attempt_step(self._database, case.id, deed.action, by=by, given=given)
        except HotlineError as refused:
            case.stopped = True
            facts = {"life": case.life.name, "step": deed.action.value, "code": refused.code}
            logger.warning("a life of the seed stopped: %s", refused.message, extra=facts)

    async def _begin(self, case: _Case) -> None:
        life, matter = case.life, case.matter
        place = self._random.choice(self._places)
        fields: dict[str, Any] = {
            "case_type": life.type or matter.type,
            "category": matter.category.split("/", 1),
            "title": life.title or f"{place}{matter.title}",
            "summary": (life.summary or matter.summary).format(place=place),
            "place_text": place,
            "urgency": "一般",
            "phone": f"139{self._random.randrange(10**8):08d}",
            "caller_name": f"{self._random.choice(_NAMES)}先生",
        }
        agent = self._people.get("agent01", next(iter(self._people.values())))
        channel = self._random.choice((Channel.PHONE, Channel.PHONE, Channel.WEB, Channel.LETTER))
        accused = self._units[self._other(case)] if life.accused else ""
        async with self._database.work() as work:
            if life.draft:
                row = await open_form(work, fields, channel=channel, by=agent, accused=accused)
            else:
                row = await take_in(
                    work, fields, channel=channel, by=agent, vault=self._vault, accused=accused
                )
            await work.commit()
        case.id = CaseId(row.id)

    def _desk_of(self, case: _Case) -> Principal:
        unit = case.duty.lead_id
        made = Principal(AgentId(f"unit-{unit}"), unit, self._units[unit], Role.UNIT_OPS, unit)
        return self._desks.get(unit, made)

    def _other(self, case: _Case) -> str:
        """Another unit of these matters than the one that leads the case."""
        leads = dict.fromkeys(other.duty.lead_id for other in self._cases)
        others = [unit for unit in leads if unit != case.duty.lead_id]
        return others[0] if others else case.duty.lead_id

    async def _looked_up(self, case: _Case, value: Any) -> Any:
        if isinstance(value, list):
            return [await self._looked_up(case, one) for one in value]
        if not isinstance(value, str) or not value.startswith("@"):
            return value
        if value in {"@request", "@order"}:
            return await self._open_row(case, RequestRow if value == "@request" else SuperviseRow)
        return self._word(case, value)

    def _word(self, case: _Case, word: str) -> str:
        today = city_time(self._clock.now()).date()
        masters = [
            other.id
            for other in self._cases
            if other.id and other.life.name in {"办理中", "待派遣"} and other is not case
        ]
        words = {
            "@category": case.matter.category,
            "@lead": case.duty.lead_id,
            "@basis": case.duty.basis,
            "@other": self._other(case),
            "@team": self._teams.get(case.duty.lead_id, ""),
            "@answer": case.matter.answer,
            "@content": self._random.choice(_CONTENT),
            "@master": masters[0] if masters else "",
            "@tomorrow": (today + timedelta(days=1)).isoformat(),
            "@next_month": (today + timedelta(days=30)).isoformat(),
        }
        return words[word]

    async def _open_row(self, case: _Case, row: type[RequestRow | SuperviseRow]) -> str:
        async with self._database.sessions() as session:
            query = select(row.id).where(row.case_id == case.id).order_by(row.id.desc())
            return str((await session.scalars(query.limit(1))).first() or "")
