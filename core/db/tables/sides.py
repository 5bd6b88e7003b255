"""What accompanies a case: stage clocks, conferences, mediation, joint supervision, city rules."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


class StageClockRow(Base):
    """The clock of our own work on a case; stage: ACCEPT, DISPATCH, VERIFY, CHECK, CALLBACK.

    due_at already contains ended pauses; late: it stopped after due.
    """

    __tablename__ = "stage_clock"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    stage: Mapped[str]
    limit_type: Mapped[str]
    limit_value: Mapped[float]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        Index(
            "ix_stage_clock_open", "stage", "due_at", postgresql_where=text("stopped_at IS NULL")
        ),
    )


class ConferenceRow(Base):
    """A conference about who must act, or how (疑难会商). units: ids of those invited.

    precedent: the decision was written into the duty catalogue.
    """

    __tablename__ = "conference"
    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    topic: Mapped[str]
    units: Mapped[list[str]] = mapped_column(default=list)
    convener: Mapped[str] = mapped_column(default="")
    called_by: Mapped[str]
    called_at: Mapped[datetime]
    minutes: Mapped[str] = mapped_column(default="")
    lead_id: Mapped[str | None]
    precedent: Mapped[bool] = mapped_column(default=False)
    concluded_by: Mapped[str | None]
    concluded_at: Mapped[datetime | None]


class MediationRow(Base):
    """A dispute handed to the mediation centre (调解). The parties are sealed, the mask is shown.

    sessions: [{"at", "by", "words"}]; result: one of core.domain.sides.MEDIATION_RESULTS.
    """

    __tablename__ = "mediation"
    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    dispute_type: Mapped[str]
    parties_sealed: Mapped[str] = mapped_column(default="")
    parties_mask: Mapped[str] = mapped_column(default="")
    amount: Mapped[str] = mapped_column(default="")
    received_by: Mapped[str] = mapped_column(default="")
    mediator: Mapped[str] = mapped_column(default="")
    sessions: Mapped[list[Any]] = mapped_column(default=list)
    result: Mapped[str | None]
    agreement_number: Mapped[str] = mapped_column(default="")
    performed: Mapped[bool | None]
    confirmation_number: Mapped[str] = mapped_column(default="")
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class JointRow(Base):
    """A matter handed to the discipline, legal or petition bodies (联合督办).

    state: SENT, ACCEPTED, DECLINED, CONCLUDED.
    """

    __tablename__ = "joint"
    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    problem_kind: Mapped[str]
    receiving_body: Mapped[str]
    evidence: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="SENT")
    opinion: Mapped[str] = mapped_column(default="")
    conclusion: Mapped[str] = mapped_column(default="")
    accountability: Mapped[str] = mapped_column(default="")
    sent_by: Mapped[str]
    sent_at: Mapped[datetime]
    concluded_at: Mapped[datetime | None]


class RuleSettingRow(Base):
    """One rule of the city that an administrator edits; name: a field of CaseLimits."""

    __tablename__ = "rule_setting"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB())
    note: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[str] = mapped_column(default="system")
    changed_at: Mapped[datetime | None]
