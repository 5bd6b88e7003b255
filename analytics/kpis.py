"""What every figure counts: its cohort, its denominator and its numerator as conditions.

Source: domain.md 3. One condition serves the table and the list of cases behind it, so that the
two cannot disagree. A cohort says which instant puts a leg or a case into a period:

- SETTLED: the due instant, or the reply's if that came earlier (应办结). Each leg falls into
  exactly one period, however late it is finished.
- DISPATCHED: when a unit was given its leg.
- CLOSED: when the case was closed; satisfaction belongs here.
- RULED: when somebody ruled on a unit's request.
- ACCEPTED: when the case was accepted; the second view of every figure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy import case as when

from core.db.tables.cases import CaseRow
from core.db.tables.handling import CallbackAttemptRow, CaseLinkRow, LegRow, RequestRow
from core.domain.case_limits import CaseLimits
from core.domain.cases import CaseStatus, CaseType
from core.domain.legs import LegRole, LegStatus

Condition: TypeAlias = ColumnElement[bool]
SATISFIED = ("非常满意", "满意", "基本满意")
#: The citizen's word on whether it is solved, and the unit's for cases nobody could ask about.
SOLVED = ("解决", "已解决")
PARTLY = "部分解决"
_NOT_ACCEPTED = (CaseStatus.DRAFT.value, CaseStatus.VOID.value)
#: Legs of the third level are a unit's inner matter.
_LEVEL = 2
_NOT_THEIRS = (LegStatus.RETURNED.value, LegStatus.WITHDRAWN.value)


class Cohort(StrEnum):
    """Which instant puts a case or a leg into a period."""

    SETTLED = "SETTLED"
    DISPATCHED = "DISPATCHED"
    CLOSED = "CLOSED"
    RULED = "RULED"
    ACCEPTED = "ACCEPTED"


class Subject(StrEnum):
    """What is counted."""

    LEG = "LEG"
    CASE = "CASE"
    REQUEST = "REQUEST"


class Better(StrEnum):
    """Which way a figure is good."""

    HIGHER = "HIGHER"
    LOWER = "LOWER"


@dataclass(frozen=True, slots=True)
class Rules:
    """What an administrator may set about figures (analytics.settings) and about causes.

    partly: how much of a case a partly solved one counts. appraisal: leave out what an approved
    appeal exempted; as a fact it stays in.
    """

    praise_counts: bool = False
    direct_consult_counts: bool = False
    partly: Decimal = Decimal("0.5")
    province_baseline: Decimal = Decimal(85)
    ranking: bool = False
    appraisal: bool = False
    subjective: tuple[str, ...] = CaseLimits().subjective_causes


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant a figure is taken at, and the rules in force."""

    now: datetime
    rules: Rules = field(default_factory=Rules)


Make = Callable[[Moment], Condition]


class Mark(StrEnum):
    """A set of cases that rows of another table pick out; the value names it in a query.

    Joined as sets: a question asked for each of a year's cases would keep the database from
    counting them in parallel.
    """

    JUDGED = "judged"
    FAULT = "fault"
    REPEATED = "repeated"

    def holds(self) -> Condition:
        """Whether a case is in the set."""
        return literal_column(f"{self.value}.case_id").is_not(None)

    def cases(self, moment: Moment) -> Subquery:
        """The set: found unreasonable; sent back for the unit's own fault; a repeat."""
        query: Select[str] = {
            Mark.JUDGED: select(RequestRow.case_id).where(
                RequestRow.kind == "UNREASONABLE", RequestRow.verdict == "ALLOWED"
            ),
            Mark.FAULT: select(CallbackAttemptRow.case_id).where(
                CallbackAttemptRow.cause.in_(moment.rules.subjective)
            ),
            Mark.REPEATED: select(CaseLinkRow.case_id).where(CaseLinkRow.kind == "REPEAT"),
        }[self]
        return query.distinct().subquery(self.value)


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure.

    weight: what a numerator row counts, where it is not one; marks: sets its conditions ask of.
    """

    code: str
    name: str
    cohort: Cohort
    subject: Subject
    den: Make
    num: Make
    better: Better = Better.HIGHER
    weight: Callable[[Moment], ColumnElement[Any]] | None = None
    marks: tuple[Mark, ...] = ()


_INSTANTS: Mapping[Cohort, ColumnElement[Any]] = {
    Cohort.SETTLED: func.least(LegRow.due_at, LegRow.stopped_at),
    Cohort.DISPATCHED: LegRow.dispatched_at.expression,
    Cohort.CLOSED: CaseRow.closed_at.expression,
    Cohort.RULED: RequestRow.ruled_at.expression,
    Cohort.ACCEPTED: CaseRow.submitted_at.expression,
}


def instant_of(cohort: Cohort) -> ColumnElement[Any]:
    """The column (or expression) that puts a row into a period."""
    return _INSTANTS[cohort]


def base_of(subject: Subject) -> Condition:
    """Rows that are counted at all: lead legs of the second level, returns, accepted cases."""
    if subject is Subject.LEG:
        return and_(LegRow.role == LegRole.LEAD.value, LegRow.level == _LEVEL)
    if subject is Subject.REQUEST:
        return and_(RequestRow.kind == "RETURN", RequestRow.verdict.is_not(None))
    return CaseRow.status.not_in(_NOT_ACCEPTED)


def _due(moment: Moment) -> Condition:
    """Legs that should be finished by now; an exempted one leaves the appraisal only.

    A reply that waits for our review counts neither way: that time is not charged to the unit.
    """
    running = and_(
        LegRow.stopped_at.is_(None),
        LegRow.paused_at.is_(None),
        LegRow.status != LegStatus.REPLIED.value,
    )
    due = and_(
        LegRow.status.not_in(_NOT_THEIRS),
        or_(LegRow.stopped_at.is_not(None), and_(running, LegRow.due_at <= moment.now)),
    )
    return and_(due, LegRow.exempt.is_(False)) if moment.rules.appraisal else due


def _finished(_moment: Moment) -> Condition:
    return LegRow.stopped_at.is_not(None)


def _in_time(_moment: Moment) -> Condition:
    return LegRow.stopped_at <= LegRow.due_at


def _sign_over(moment: Moment) -> Condition:
    """Signed, or the time to sign ran out while the unit had the leg."""
    had_until = func.coalesce(LegRow.stopped_at, moment.now)
    return or_(LegRow.signed_at.is_not(None), LegRow.sign_due_at <= had_until)


def _contact_over(moment: Moment) -> Condition:
    had_until = func.coalesce(LegRow.stopped_at, moment.now)
    over = or_(LegRow.contacted_at.is_not(None), LegRow.contact_due_at <= had_until)
    return and_(LegRow.contact_due_at.is_not(None), over)


def _signed_in_time(_moment: Moment) -> Condition:
    return LegRow.signed_at <= LegRow.sign_due_at


def _contacted_in_time(_moment: Moment) -> Condition:
    return LegRow.contacted_at <= LegRow.contact_due_at


def _every(_moment: Moment) -> Condition:
    return true()


def _returned(_moment: Moment) -> Condition:
    return LegRow.status == LegStatus.RETURNED.value


def _kept(_moment: Moment) -> Condition:
    return LegRow.status != LegStatus.RETURNED.value


def _not_unreasonable() -> Condition:
    """A reviewed flag, never a feeling (domain.md 3): the state, the code or an allowed request."""
    return and_(
        CaseRow.status != CaseStatus.CLOSED_UNREASONABLE.value,
        func.coalesce(CaseRow.close_code, "") != "不合理",
        ~Mark.JUDGED.holds(),
    )


def _asked(moment: Moment) -> Condition:
    """Effective callbacks (有效回访): the citizen was reached and gave an answer."""
    return and_(CaseRow.satisfaction_final.is_not(None), *_counted(moment), _not_unreasonable())


def _asked_solved(moment: Moment) -> Condition:
    return and_(_asked(moment), CaseRow.solved.is_not(None))


def _counted(moment: Moment) -> Sequence[Condition]:
    """Praise and advice that was answered at once are left out unless the rules take them in."""
    conditions: list[Condition] = []
    if not moment.rules.praise_counts:
        conditions.append(func.coalesce(CaseRow.case_type, "") != CaseType.PRAISE.value)
    if not moment.rules.direct_consult_counts:
        conditions.append(
            or_(
                CaseRow.status != CaseStatus.ANSWERED.value,
                func.coalesce(CaseRow.case_type, "") != CaseType.CONSULT.value,
            )
        )
    return conditions


def _satisfied(_moment: Moment) -> Condition:
    return CaseRow.satisfaction_final.in_(SATISFIED)


def _satisfied_at_first(_moment: Moment) -> Condition:
    return CaseRow.satisfaction_first.in_(SATISFIED)


def _solved(_moment: Moment) -> Condition:
    return CaseRow.solved.in_((*SOLVED, PARTLY))


def _solved_weight(moment: Moment) -> ColumnElement[Any]:
    return when((CaseRow.solved == PARTLY, moment.rules.partly), else_=Decimal(1))


def _called_back(_moment: Moment) -> Condition:
    return and_(CaseRow.status == CaseStatus.CLOSED.value, CaseRow.satisfaction_final.is_not(None))


def _second_for_cause(_moment: Moment) -> Condition:
    """A further round because of the unit's own fault."""
    return and_(CaseRow.round > 1, Mark.FAULT.holds())


def _closed(_moment: Moment) -> Condition:
    return CaseRow.status == CaseStatus.CLOSED.value


def _handled_again(_moment: Moment) -> Condition:
    return CaseRow.round > 1


def _at_once(_moment: Moment) -> Condition:
    content = or_(CaseRow.satisfaction_final.in_(SATISFIED), CaseRow.solved.in_(SOLVED))
    return and_(CaseRow.round == 1, content)


def _refused(_moment: Moment) -> Condition:
    return RequestRow.verdict == "REFUSED"


def _answered(_moment: Moment) -> Condition:
    return CaseRow.status == CaseStatus.ANSWERED.value


def _repeated(_moment: Moment) -> Condition:
    return Mark.REPEATED.holds()


_C, _S, _B = Cohort, Subject, Better
KPIS: Mapping[str, Kpi] = {
    kpi.code: kpi
    for kpi in (
        Kpi("closing", "案件办结率", _C.SETTLED, _S.LEG, _due, _finished),
        Kpi("timely", "及时办结率", _C.SETTLED, _S.LEG, _due, _in_time),
        Kpi(
            "satisfaction", "群众满意率", _C.CLOSED, _S.CASE, _asked, _satisfied,
            marks=(Mark.JUDGED,),
        ),
        Kpi(
            "first_satisfaction", "首次满意率", _C.CLOSED, _S.CASE, _asked, _satisfied_at_first,
            marks=(Mark.JUDGED,),
        ),
        Kpi(
            "solved", "解决率", _C.CLOSED, _S.CASE, _asked_solved, _solved, weight=_solved_weight,
            marks=(Mark.JUDGED,),
        ),
        Kpi(
            "second_assignment", "二次交办率", _C.CLOSED, _S.CASE, _called_back, _second_for_cause,
            better=_B.LOWER, marks=(Mark.FAULT,),
        ),
        Kpi("at_once", "一次办结率", _C.CLOSED, _S.CASE, _closed, _at_once),
        Kpi("again", "重办率", _C.CLOSED, _S.CASE, _closed, _handled_again, better=_B.LOWER),
        Kpi("response", "响应率", _C.DISPATCHED, _S.LEG, _contact_over, _contacted_in_time),
        Kpi("signing", "签收及时率", _C.DISPATCHED, _S.LEG, _sign_over, _signed_in_time),
        Kpi("returns", "退单率", _C.DISPATCHED, _S.LEG, _every, _returned, better=_B.LOWER),
        Kpi("dispatch_right", "派单准确率", _C.DISPATCHED, _S.LEG, _every, _kept),
        Kpi(
            "improper_returns", "不当退单率", _C.RULED, _S.REQUEST, _every, _refused,
            better=_B.LOWER,
        ),
        Kpi("direct", "直办率", _C.ACCEPTED, _S.CASE, _every, _answered),
        Kpi(
            "repeats", "重复投诉率", _C.ACCEPTED, _S.CASE, _every, _repeated, better=_B.LOWER,
            marks=(Mark.REPEATED,),
        ),
    )
}  # fmt: skip
