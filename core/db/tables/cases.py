"""Cases from the first word of the draft on, their events, and the reference tables they use."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


class CaseRow(Base):
    """One matter. While a draft it has no number; `fields` holds each field with its sources.

    alike: other callers' matters that may be the same, best first; burst: a sudden heap of them.

    The plain columns are what lists and rules need; they are set from `fields` at submission.
    """

    __tablename__ = "case"
    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(default="DRAFT")
    channel: Mapped[str] = mapped_column(default="PHONE")
    line_id: Mapped[str | None]
    call_id: Mapped[str | None]
    matter: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=0)
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tripwires: Mapped[list[Any]] = mapped_column(default=list)
    question: Mapped[str] = mapped_column(default="")
    alike: Mapped[list[Any]] = mapped_column(default=list)
    burst: Mapped[dict[str, Any]] = mapped_column(default=dict)
    case_type: Mapped[str | None]
    category: Mapped[str | None]
    title: Mapped[str] = mapped_column(default="")
    content: Mapped[str] = mapped_column(default="")
    place_text: Mapped[str] = mapped_column(default="")
    urgency: Mapped[str] = mapped_column(default="一般")
    department: Mapped[str | None]
    caller_sealed: Mapped[str] = mapped_column(default="")
    caller_hash: Mapped[str] = mapped_column(default="", index=True)
    caller_mask: Mapped[str] = mapped_column(default="")
    phone_sealed: Mapped[str] = mapped_column(default="")
    phone_mask: Mapped[str] = mapped_column(default="")
    name_sealed: Mapped[str] = mapped_column(default="")
    phone_hash: Mapped[str] = mapped_column(default="")
    phone_tail_hash: Mapped[str] = mapped_column(default="")
    confidential: Mapped[bool] = mapped_column(default=False)
    accused: Mapped[str] = mapped_column(default="")
    anonymous: Mapped[bool] = mapped_column(default=False)
    round: Mapped[int] = mapped_column(default=1)
    returns: Mapped[int] = mapped_column(default=0)
    hops: Mapped[int] = mapped_column(default=0)
    urges: Mapped[int] = mapped_column(default=0)
    extensions: Mapped[int] = mapped_column(default=0)
    dispatched_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    public_reply: Mapped[str] = mapped_column(default="")
    satisfaction_first: Mapped[str | None]
    satisfaction_final: Mapped[str | None]
    solved: Mapped[str | None]
    close_code: Mapped[str | None]
    created_by: Mapped[str | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    submitted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("call_id", "matter"),
        Index("ix_case_status", "status", "created_at"),
        Index(
            "ix_case_open",
            "caller_hash",
            postgresql_where=text("status NOT IN ('CLOSED', 'VOID', 'MERGED', 'REJECTED')"),
        ),
        # The figures of a year are read from these two alone (docs/decisions/0008).
        Index(
            "ix_case_closed", "closed_at",
            postgresql_include=[
                "department", "dispatched_at", "status", "case_type", "satisfaction_final",
                "satisfaction_first", "solved", "close_code", "round", "id",
            ],
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
        Index(
            "ix_case_submitted", "submitted_at",
            postgresql_include=["department", "dispatched_at", "status", "case_type", "id"],
        ),
    )  # fmt: skip


class CaseEventRow(Base):
    """One entry of a case's timeline; append-only."""

    __tablename__ = "case_event"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
    action: Mapped[str]
    actor: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)


class CaseNumberRow(Base):
    """The last number given out on a day; locked while the next one is taken."""

    __tablename__ = "case_number"
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]


class DepartmentRow(Base):
    """A unit that can be made to act; parent_id: the unit above one of the third level."""

    __tablename__ = "department"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    duties: Mapped[str] = mapped_column(default="")
    categories: Mapped[list[str]] = mapped_column(default=list)
    keywords: Mapped[list[str]] = mapped_column(default=list)
    phone: Mapped[str] = mapped_column(default="")
    parent_id: Mapped[str | None]


class CategoryRow(Base):
    """A category of two levels."""

    __tablename__ = "category"
    id: Mapped[str] = mapped_column(primary_key=True)
    level1: Mapped[str]
    level2: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    __table_args__ = (UniqueConstraint("level1", "level2"),)


class PlaceRow(Base):
    """A named place of the city's gazetteer."""

    __tablename__ = "place"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    parent: Mapped[str | None]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    aliases: Mapped[list[str]] = mapped_column(default=list)
    pinyin: Mapped[list[str]] = mapped_column(default=list)
    description: Mapped[str] = mapped_column(default="")
    in_jurisdiction: Mapped[bool] = mapped_column(default=True)
    grid: Mapped[str] = mapped_column(default="")


class HistoryCaseRow(Base):
    """An earlier case from another system: training data and duplicate candidates."""

    __tablename__ = "history_case"
    id: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[dict[str, Any]]
