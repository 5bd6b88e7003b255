"""Everything the department's page of one case shows, gathered through the mask."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from agent_ui.clocks import ClockView, clock_view
from agent_ui.i18n import mark
from agent_ui.looks import CASE_LOOKS, LEG_LOOKS, URGENCY_LOOKS, Look
from core.actions.legs import clock_of
from core.auth import Role
from core.clock import city_time
from core.db.repos import unit_case
from core.db.repos.case_views import Sight, case_row, case_view, views_of
from core.db.repos.cases import timeline
from core.db.repos.persons import person_of
from core.db.repos.rules import calendar
from core.db.tables.cases import CaseEventRow
from core.db.tables.handling import DutyRow, LegRow, RequestRow, SuperviseRow
from core.db.tables.people import AccountRow
from core.db.tables.units import AttachmentRow
from core.domain.case_views import CaseView
from core.domain.cases import FINAL, CaseStatus
from core.domain.legs import OPEN_LEGS, LegRole, LegStatus
from core.domain.redaction import Clues
from core.domain.sla import CaseClock
from core.domain.workdays import Limit, LimitType, WorkCalendar

CENTRE = mark("12345 中心")
SYSTEM = mark("系统")
#: Words of entries that other parts of the system write.
_WORDS = {"contact_citizen": "联系诉求人", "urge": "催办"}
_UNIT_ROLES = frozenset({Role.UNIT_OPS.value, Role.UNIT_LEAD.value, Role.UNIT3.value})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline: what, when, which house; never who the citizen is."""

    action: str
    at: datetime
    house: str
    note: str


@dataclass(frozen=True, slots=True)
class OtherLeg:
    """What the page shows of a leg beside the own one."""

    leg: LegRow
    unit: str
    look: Look
    clock: ClockView


@dataclass(frozen=True, slots=True)
class Urging:
    """A citizen's or supervisor's pressing, without who it was."""

    at: datetime
    words: str
    read_at: datetime | None


@dataclass(slots=True)
class UnitCase:
    """The page of one case as a department sees it. mask: for every other text about it."""

    case: CaseView
    mask: Callable[[str], str]
    look: Look
    urgency: Look
    leg: LegRow | None = None
    leg_look: Look | None = None
    clock: ClockView | None = None
    sign_clock: ClockView | None = None
    instruction: str = ""
    duty: DutyRow | None = None
    others: Sequence[OtherLeg] = ()
    events: Sequence[Entry] = ()
    urges: Sequence[Urging] = ()
    orders: Sequence[SuperviseRow] = ()
    requests: Sequence[RequestRow] = ()
    files: Sequence[AttachmentRow] = ()
    similar: Sequence[CaseView] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    below: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether the unit still owes something."""
        return self.leg is not None and LegStatus(self.leg.status) in OPEN_LEGS

    @property
    def leads(self) -> bool:
        """Whether the unit is the lead."""
        return self.leg is not None and self.leg.role == LegRole.LEAD.value

    @property
    def ended(self) -> bool:
        """Whether the case is closed."""
        return CaseStatus(self.case.status) in FINAL

    @property
    def unread(self) -> int:
        """Urgings that nobody of the unit has marked as read."""
        return sum(urge.read_at is None for urge in self.urges)


async def gather(session: AsyncSession, sight: Sight, key: str, now: datetime) -> UnitCase:
    """The whole page. Raises NotFound when the case is not this unit's."""
    row = await case_row(session, sight.principal, key)
    person = await person_of(session, row, sight.vault)
    view = case_view(row, sight.principal, person)
    unit = sight.principal.department_id or ""
    days = await calendar(session)
    found = UnitCase(
        case=view,
        mask=lambda text: view.masking.shown_text(text, person.clues),
        look=CASE_LOOKS[view.status],
        urgency=URGENCY_LOOKS.get(view.urgency, URGENCY_LOOKS["一般"]),
        duty=await unit_case.why_ours(session, row, city_time(now).date()),
        orders=await unit_case.orders_to(session, row.id, unit),
        requests=await unit_case.requests_of(session, row.id, unit),
        files=await unit_case.attachments_of(session, row.id, unit),
        units=await unit_case.department_names(session),
        below=await unit_case.units_below(session, unit),
    )
    await _add_legs(session, found, unit, person.clues, (now, days))
    await _add_story(session, found, person.clues)
    similar = await unit_case.similar_closed(session, row, unit)
    found.similar = await views_of(session, sight, similar)
    return found


async def _add_legs(
    session: AsyncSession,
    found: UnitCase,
    unit: str,
    clues: Clues,
    at: tuple[datetime, WorkCalendar],
) -> None:
    leg = await unit_case.leg_of(session, found.case.id, unit)
    if leg is None:
        return
    found.leg, found.leg_look = leg, LEG_LOOKS[leg.status]
    found.clock = clock_view(clock_of(leg), *at)
    if leg.signed_at is None and found.is_open:
        found.sign_clock = sign_clock(leg, *at)
    found.instruction = found.case.masking.shown_text(leg.instruction, clues)
    found.others = [
        OtherLeg(
            other,
            found.units.get(other.department_id, ""),
            LEG_LOOKS[other.status],
            clock_view(clock_of(other), *at),
        )
        for other in await unit_case.legs_beside(session, found.case.id, leg.round)
        if other.id != leg.id
    ]


def sign_clock(leg: LegRow, now: datetime, days: WorkCalendar) -> ClockView:
    """The clock until which the unit must have signed."""
    clock = CaseClock(Limit(LimitType.WORK_HOUR, 4), leg.dispatched_at, leg.sign_due_at)
    return clock_view(clock, now, days)


async def _add_story(session: AsyncSession, found: UnitCase, clues: Clues) -> None:
    events = await timeline(session, found.case.id)
    people = await unit_case.actors_of(session, [event.actor for event in events])
    masking = found.case.masking
    found.events = [
        Entry(
            _WORDS.get(event.action, event.action),
            event.at,
            house_of(people.get(event.actor), event, found.units),
            masking.shown_text(event.note, clues),
        )
        for event in events
    ]
    found.urges = [
        Urging(urge.at, masking.shown_text(urge.words, clues), urge.read_at)
        for urge in await unit_case.urges_of(session, found.case.id)
    ]


def house_of(account: AccountRow | None, event: CaseEventRow, units: Mapping[str, str]) -> str:
    """Which house acted: a unit by its name, else the centre or the machine; nobody by name."""
    unit = event.facts.get("unit")
    if unit in units:
        return units[str(unit)]
    if account is None:
        return SYSTEM if event.actor == "system" else CENTRE
    if account.role in _UNIT_ROLES:
        return units.get(account.department_id or "", CENTRE)
    return CENTRE
