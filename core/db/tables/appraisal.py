"""Appraisal: schemes and their items, the units' monthly sheets; and exported lists."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base

POINTS = Numeric(8, 2)
COUNT = Numeric(14, 2)


class FigureRuleRow(Base):
    """A rule about figures that an administrator edits; name: a field of analytics.kpis.Rules."""

    __tablename__ = "figure_rule"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB())
    changed_by: Mapped[str] = mapped_column(default="system")
    changed_at: Mapped[datetime | None]


class SchemeRow(Base):
    """A version of an appraisal scheme. kinds: which departments it is for, [] means all.

    A scheme that a sheet was drafted by is never changed: a new version takes its place.
    """

    __tablename__ = "appraisal_scheme"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kinds: Mapped[list[str]] = mapped_column(default=list)
    version: Mapped[int] = mapped_column(default=1)
    total: Mapped[Decimal] = mapped_column(POINTS, default=Decimal(100))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class SchemeItemRow(Base):
    """A line of a scheme. kind KPI: baseline and steps; kind EVENT: points for each occurrence."""

    __tablename__ = "appraisal_item"
    id: Mapped[str] = mapped_column(primary_key=True)
    scheme_id: Mapped[str] = mapped_column(ForeignKey("appraisal_scheme.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str]
    code: Mapped[str]
    cap: Mapped[Decimal | None] = mapped_column(POINTS)
    points: Mapped[Decimal] = mapped_column(POINTS)
    baseline: Mapped[Decimal | None] = mapped_column(POINTS)
    direction: Mapped[str] = mapped_column(default=">=")
    step: Mapped[Decimal | None] = mapped_column(POINTS)
    min_cases: Mapped[int] = mapped_column(default=10)
    floor: Mapped[Decimal | None] = mapped_column(POINTS)
    floor_points: Mapped[Decimal] = mapped_column(POINTS, default=Decimal(0))
    __table_args__ = (UniqueConstraint("scheme_id", "kind", "code"),)


class SheetRow(Base):
    """One unit's sheet of one month (2026-11). state: core.domain.appraisal.SheetState."""

    __tablename__ = "appraisal_sheet"
    id: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str]
    department_id: Mapped[str]
    scheme_id: Mapped[str] = mapped_column(ForeignKey("appraisal_scheme.id"))
    state: Mapped[str] = mapped_column(default="DRAFTED")
    total: Mapped[Decimal] = mapped_column(POINTS)
    score: Mapped[Decimal] = mapped_column(POINTS)
    taken_at: Mapped[datetime]
    drafted_by: Mapped[str]
    objection_until: Mapped[datetime | None]
    signed_by: Mapped[str | None]
    signed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("month", "department_id"),)


class ResultRow(Base):
    """A line of a sheet with its numbers and the cases that cost points.

    deduct: None when not scored (too few cases). exempted: cases an appeal took out.
    corrected: what a ruling made of the deduction.
    """

    __tablename__ = "appraisal_result"
    id: Mapped[str] = mapped_column(primary_key=True)
    sheet_id: Mapped[str] = mapped_column(ForeignKey("appraisal_sheet.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str]
    code: Mapped[str]
    num: Mapped[Decimal] = mapped_column(COUNT)
    den: Mapped[Decimal] = mapped_column(COUNT)
    value: Mapped[str]
    baseline: Mapped[Decimal | None] = mapped_column(POINTS)
    gap: Mapped[Decimal] = mapped_column(POINTS)
    deduct: Mapped[Decimal | None] = mapped_column(POINTS)
    corrected: Mapped[Decimal | None] = mapped_column(POINTS)
    case_ids: Mapped[list[str]] = mapped_column(default=list)
    exempted: Mapped[list[str]] = mapped_column(default=list)
    __table_args__ = (UniqueConstraint("sheet_id", "kind", "code"),)


class ObjectionRow(Base):
    """A unit objects to a line of its sheet. verdict: None while open, then UPHELD or REFUSED."""

    __tablename__ = "appraisal_objection"
    id: Mapped[str] = mapped_column(primary_key=True)
    sheet_id: Mapped[str] = mapped_column(ForeignKey("appraisal_sheet.id"), index=True)
    result_id: Mapped[str] = mapped_column(ForeignKey("appraisal_result.id"))
    words: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    verdict: Mapped[str | None]
    ruling: Mapped[str] = mapped_column(default="")
    ruled_by: Mapped[str | None]
    ruled_at: Mapped[datetime | None]


class AppraisalNoteRow(Base):
    """Something that costs a unit points and that no other row tells of, entered by hand.

    kind: exposed, leak, knowledge_overdue.
    """

    __tablename__ = "appraisal_note"
    id: Mapped[str] = mapped_column(primary_key=True)
    department_id: Mapped[str]
    kind: Mapped[str]
    case_id: Mapped[str | None]
    words: Mapped[str]
    noted_by: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_appraisal_note_at", "at"),)


class ExportRow(Base):
    """A list that somebody takes out of the system: asked for, ruled on, taken.

    verdict: NONE_NEEDED, None while it waits, ALLOWED or REFUSED. sha256: of the last file.
    """

    __tablename__ = "export"
    id: Mapped[str] = mapped_column(primary_key=True)
    statement: Mapped[str]
    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    format: Mapped[str]
    rows: Mapped[int]
    reason: Mapped[str] = mapped_column(default="")
    asked_by: Mapped[str] = mapped_column(index=True)
    asked_at: Mapped[datetime]
    verdict: Mapped[str | None]
    ruled_by: Mapped[str | None]
    ruled_at: Mapped[datetime | None]
    ruling: Mapped[str] = mapped_column(default="")
    taken_at: Mapped[datetime | None]
    taken_times: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    __table_args__ = (Index("ix_export_asked_at", "asked_at"),)
