"""Which steps a person may take on a case now, each with its form and what can be chosen in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_ui.steps.fields import Kind, StepForm
from agent_ui.steps.forms import FORMS
from core.auth import Role
from core.clock import city_time
from core.db.repos.case_history import CaseHistory
from core.db.tables.cases import CategoryRow
from core.domain.case_steps import STEPS, CaseAction
from core.domain.cases import CaseStatus
from core.domain.sides import REQUEST_NAMES, SUPERVISION_KINDS

_S = CaseStatus
#: What a case in this state waits for: offered first, and laid open.
FIRST: Mapping[CaseStatus, tuple[str, ...]] = {
    _S.PENDING_ANALYSE: ("DISPATCH",),
    _S.PENDING_INFO: ("COMPLETE_INFO",),
    _S.PENDING_VERIFY: ("REPORT_VERIFY",),
    _S.RETURN_REVIEW: ("ALLOW_RETURN", "REFUSE_RETURN", "CALL_CONFERENCE"),
    _S.CONSULT: ("CONCLUDE_CONFERENCE",),
    _S.SUSPENDED: ("RESUME",),
    _S.MEDIATION: ("END_MEDIATION", "NOTE_SESSION"),
    _S.REPLIED: ("APPROVE_REPLY", "REWORK"),
    _S.PENDING_CHECK: ("REPORT_CHECK",),
    _S.PENDING_CALLBACK: ("SATISFIED", "DISSATISFIED"),
}
Options = Sequence[tuple[str, str]]


@dataclass(slots=True)
class Offer:
    """One step that can be taken. options: by field; values: what the form begins with."""

    action: CaseAction
    form: StepForm
    options: Mapping[str, Options]
    values: dict[str, Any] = field(default_factory=dict)
    first: bool = False
    asked_for: bool = False

    @property
    def slug(self) -> str:
        """The step's name in addresses."""
        return self.action.name.lower()


def steps_open(status: str, role: Role) -> list[CaseAction]:
    """The steps that the law opens to this post in this state and that have a form here."""
    state = CaseStatus(status)
    named = {action.name: action for action in CaseAction}
    first = FIRST.get(state, ())
    names = [*first, *(name for name in FORMS if name not in first)]
    actions = [named[name] for name in names if name in named]
    return [a for a in actions if (rule := STEPS.get((a, state))) and role in rule.roles]


async def offers_of(
    session: AsyncSession, status: str, role: Role, history: CaseHistory
) -> list[Offer]:
    """The forms of those steps; a step about a request or an order needs one that is open."""
    actions = steps_open(status, role)
    if not actions:
        return []
    query = select(CategoryRow).order_by(CategoryRow.position)
    categories = [f"{row.level1}/{row.level2}" for row in (await session.scalars(query)).all()]
    shared: dict[Kind, Options] = {
        Kind.UNIT: list(history.units.items()),
        Kind.UNITS: list(history.units.items()),
        Kind.CATEGORY: [(name, name) for name in categories],
        Kind.ORDER: _orders(history),
        Kind.JOINT: _joints(history),
        Kind.LEG: [],
    }
    waited_for = FIRST.get(CaseStatus(status), ())
    offers = [Offer(a, FORMS[a.name], {}, first=a.name in waited_for) for a in actions]
    for offer in offers:
        offer.options = {
            one.name: _requests(history, one.of) if one.kind is Kind.REQUEST else shared[one.kind]
            for one in offer.form.fields
            if one.kind is Kind.REQUEST or one.kind in shared
        }
    offers = [offer for offer in offers if _has_something_to_act_on(offer)]
    for offer in offers:
        _take_over(offer, history)
    return sorted(offers, key=lambda offer: not offer.asked_for)


#: Steps that grant what somebody asked for: the kind of request, and what its words fill in.
GRANTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "ALLOW_EXTENSION": ("EXTENSION", {}),
    "ALLOW_RETURN": ("RETURN", {"lead": "proposed_unit"}),
    "SUSPEND": ("SUSPENSION", {"condition": "words", "resume_on": "resume_on"}),
    "JUDGE_UNREASONABLE": ("UNREASONABLE", {"reason_code": "reason_code", "evidence": "words"}),
    "TERMINATE": ("TERMINATION", {"channel": "reason_code", "reason": "words"}),
    "REOPEN": ("REOPEN", {"reason": "words"}),
    "REVIEW_APPEAL": ("APPEAL", {}),
}


def _take_over(offer: Offer, history: CaseHistory) -> None:
    """Begin the form with what was asked, so that a ruler reads and does not copy."""
    kind, words = GRANTS.get(offer.action.name, ("", {}))
    asked = next((one for one in history.open_requests if one.kind == kind), None)
    if asked is None:
        return
    known = {**asked.facts, "words": asked.words, "reason_code": asked.reason_code}
    offer.asked_for = offer.first = True
    offer.values |= {field: str(known[name]) for field, name in words.items() if known.get(name)}


def _has_something_to_act_on(offer: Offer) -> bool:
    about = (Kind.REQUEST, Kind.ORDER, Kind.JOINT, Kind.LEG)
    return all(offer.options[one.name] for one in offer.form.fields if one.kind in about)


def _requests(history: CaseHistory, kinds: str) -> Options:
    wanted = kinds.split()
    return [
        (
            one.id,
            f"{REQUEST_NAMES.get(one.kind, one.kind)} · "
            f"{history.units.get(one.department_id, '')} · {city_time(one.asked_at):%m-%d %H:%M}",
        )
        for one in history.open_requests
        if one.kind in wanted
    ]


def _orders(history: CaseHistory) -> Options:
    return [
        (
            one.id,
            f"{SUPERVISION_KINDS.get(one.kind, one.kind)} · "
            f"{history.units.get(one.department_id, '')} · {city_time(one.issued_at):%m-%d %H:%M}",
        )
        for one in history.orders
        if one.closed_at is None
    ]


def _joints(history: CaseHistory) -> Options:
    return [
        (one.id, f"{one.receiving_body} · {city_time(one.sent_at):%m-%d %H:%M}")
        for one in history.joints
        if one.concluded_at is None
    ]
