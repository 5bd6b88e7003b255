"""A case in the hands of departments: legs, clocks, requests, rulings, callbacks, duties."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


class LegRow(Base):
    """A department's part of a case (承办单). round counts from 1; parent: the leg it was given by.

    due_at already contains approved extensions and ended pauses; stopped_at is when the reply
    passed review; more_asked_at: more time has been asked for and nobody has ruled yet.
    """

    __tablename__ = "leg"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    parent_id: Mapped[str | None]
    department_id: Mapped[str]
    role: Mapped[str] = mapped_column(default="LEAD")
    level: Mapped[int] = mapped_column(default=2)
    round: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(default="TO_SIGN")
    instruction: Mapped[str] = mapped_column(default="")
    basis: Mapped[str] = mapped_column(default="")
    limit_type: Mapped[str]
    limit_value: Mapped[float]
    dispatched_at: Mapped[datetime]
    sign_due_at: Mapped[datetime]
    contact_due_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    warn_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    contacted_at: Mapped[datetime | None]
    replied_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    more_asked_at: Mapped[datetime | None]
    exempt: Mapped[bool] = mapped_column(default=False)
    reply: Mapped[dict[str, Any]] = mapped_column(default=dict)
    __table_args__ = (
        Index("ix_leg_inbox", "department_id", "status", "due_at"),
        Index("ix_leg_due", "department_id", "due_at"),
        # The figures of a year are read from these two alone (docs/decisions/0008).
        Index(
            "ix_leg_settled", text("LEAST(due_at, stopped_at)"),
            postgresql_include=[
                "department_id", "role", "level", "status", "due_at", "stopped_at", "paused_at",
                "exempt", "case_id",
            ],
        ),
        Index(
            "ix_leg_dispatched", "dispatched_at",
            postgresql_include=[
                "department_id", "role", "level", "status", "signed_at", "sign_due_at",
                "contacted_at", "contact_due_at", "stopped_at", "case_id",
            ],
        ),
    )  # fmt: skip


class ClockAlarmRow(Base):
    """A warning or breach that is still to be announced, or was; each exactly once.

    kind: SIGN_DUE, CONTACT_DUE, SOON, LATE (of a leg), CASE_LATE, STAGE_LATE (of our own work),
    ORDER_LATE (of a supervision order), RESUME (a suspended case goes on at this instant).
    subject: what else than a leg it is about: a stage, an order.
    """

    __tablename__ = "clock_alarm"
    id: Mapped[str] = mapped_column(primary_key=True)
    leg_id: Mapped[str | None] = mapped_column(ForeignKey("leg.id", ondelete="CASCADE"), index=True)
    case_id: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(default="")
    kind: Mapped[str]
    at: Mapped[datetime]
    announced_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("leg_id", "kind", "at"),
        Index("ix_clock_alarm_waiting", "at", postgresql_where=text("announced_at IS NULL")),
    )


class RequestRow(Base):
    """Something a department asks for and somebody rules on.

    kind: RETURN, EXTENSION, SUSPENSION, UNREASONABLE, TERMINATION, REOPEN, APPEAL.
    verdict: None while open, then ALLOWED, REFUSED or CONFERENCE.
    """

    __tablename__ = "request"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    leg_id: Mapped[str | None] = mapped_column(index=True)
    kind: Mapped[str]
    department_id: Mapped[str]
    reason_code: Mapped[str]
    words: Mapped[str] = mapped_column(default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    verdict: Mapped[str | None]
    ruling: Mapped[str] = mapped_column(default="")
    ruled_by: Mapped[str | None]
    ruled_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_request_open", "kind", "asked_at", postgresql_where=text("verdict IS NULL")),
        Index(
            "ix_request_ruled", "kind", "ruled_at",
            postgresql_include=["department_id", "verdict", "case_id"],
        ),
    )  # fmt: skip


class UrgeRow(Base):
    """A citizen or a supervisor presses for progress (催办); seq counts from 1 within the case."""

    __tablename__ = "urge"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    seq: Mapped[int] = mapped_column(default=1)
    by: Mapped[str]
    by_caller: Mapped[bool] = mapped_column(default=True)
    channel: Mapped[str] = mapped_column(default="PHONE")
    call_id: Mapped[str | None]
    words: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    read_by: Mapped[str | None]


class SuperviseRow(Base):
    """A supervision order (督办): level 1 telephone, 2 written, 3 special or joint.

    department_id: "" while nobody leads the case: the order goes to the centre itself.
    kind: timeout, leader, important, joint; state: one of core.domain.sides.OrderState.
    """

    __tablename__ = "supervise"
    __table_args__ = (
        Index(
            "ix_supervise_open",
            "department_id",
            "state",
            postgresql_where=text("closed_at IS NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    number: Mapped[str] = mapped_column(default="")
    kind: Mapped[str]
    level: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str]
    requirement: Mapped[str] = mapped_column(default="")
    department_id: Mapped[str]
    issued_by: Mapped[str]
    issued_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    reply: Mapped[str] = mapped_column(default="")
    replied_by: Mapped[str | None]
    replied_at: Mapped[datetime | None]
    withdrawal_reason: Mapped[str] = mapped_column(default="")
    review: Mapped[str] = mapped_column(default="")
    reviewed_by: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="OPEN")
    closed_at: Mapped[datetime | None]


class CallbackAttemptRow(Base):
    """One attempt to call a citizen back about a case (回访), with its form (domain.md 1.7)."""

    __tablename__ = "callback_attempt"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    round: Mapped[int]
    attempt: Mapped[int]
    call_id: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[datetime]
    connected: Mapped[bool]
    satisfaction: Mapped[str | None]
    solved: Mapped[str | None]
    cause: Mapped[str | None]
    form: Mapped[dict[str, Any]] = mapped_column(default=dict)
    off_hours: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        Index(
            "ix_callback_attempt_cause", "case_id", "cause",
            postgresql_where=text("cause IS NOT NULL"),
        ),
    )  # fmt: skip


class CaseLinkRow(Base):
    """Two cases that belong together: MERGE (child to master), REPEAT, GROUP, NOT_SAME."""

    __tablename__ = "case_link"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(index=True)
    other_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    why: Mapped[dict[str, Any]] = mapped_column(default=dict)
    by: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("case_id", "other_id", "kind"),)


class SlaRuleRow(Base):
    """A limit an administrator edits; None in a condition means anything."""

    __tablename__ = "sla_rule"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_type: Mapped[str | None]
    category_prefix: Mapped[str | None]
    urgency: Mapped[str | None]
    channel: Mapped[str | None]
    limit_type: Mapped[str]
    limit_value: Mapped[float]
    sign_type: Mapped[str]
    sign_value: Mapped[float]
    contact_type: Mapped[str]
    contact_value: Mapped[float]
    extensions: Mapped[int] = mapped_column(default=2)
    statutory: Mapped[bool] = mapped_column(default=False)
    law: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)


class DutyRow(Base):
    """The duty catalogue (派单目录): category x area -> lead and supporting departments."""

    __tablename__ = "duty"
    id: Mapped[str] = mapped_column(primary_key=True)
    category_prefix: Mapped[str]
    area: Mapped[str | None]
    lead_id: Mapped[str]
    supporting: Mapped[list[str]] = mapped_column(default=list)
    basis: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(default="")


class PiAccessRow(Base):
    """Somebody saw personal data; each row carries the hash of the row before it."""

    __tablename__ = "pi_access"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[str]
    department_id: Mapped[str | None]
    case_id: Mapped[str] = mapped_column(index=True)
    field: Mapped[str]
    reason: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    hash: Mapped[str]
