"""What drafting leaves behind: edits of fields, bursts of calls, learnt corrections, engines."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


class FieldEditRow(Base):
    """One change of one field of a draft: who, when, and the whole value before and after.

    undone: the change was taken back; what it replaced stands again.
    """

    __tablename__ = "field_edit"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str]
    field: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB())
    after: Mapped[dict[str, Any]]
    undone: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (Index("ix_field_edit_case", "case_id", "at"),)


class BurstRow(Base):
    """Many callers with one trouble in a short time; a person opens a mother case or waves it off.

    state: NEW, CONFIRMED, DISMISSED. mother_id: the case proposed to carry the others.
    """

    __tablename__ = "burst"
    id: Mapped[str] = mapped_column(primary_key=True)
    mother_id: Mapped[str]
    category: Mapped[str]
    place: Mapped[str]
    case_ids: Mapped[list[str]] = mapped_column(default=list)
    count: Mapped[int]
    state: Mapped[str] = mapped_column(default="NEW")
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_burst_new", "last_at", postgresql_where=text("state = 'NEW'")),
        UniqueConstraint("mother_id"),
    )


class CorrectionRow(Base):
    """Something that is misheard: what was heard, what was meant, how often people said so.

    kind: CAPTION or PLACE. state: PROPOSED, ACCEPTED, DROPPED. place_id: the entry of the
    gazetteer that was meant.
    """

    __tablename__ = "correction"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    heard: Mapped[str]
    meant: Mapped[str]
    place_id: Mapped[str | None]
    count: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(default="PROPOSED")
    example: Mapped[str] = mapped_column(default="")
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("kind", "heard", "meant"),)


class SpeechEngineRow(Base):
    """One engine for one language, as the recordings process last found it.

    role: LIVE (captions), WHOLE (after the call), NONE. tested: what the self-test heard of known
    audio; error: its character error rate, None where no test was possible.
    """

    __tablename__ = "speech_engine"
    engine: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    role: Mapped[str] = mapped_column(default="NONE")
    tested: Mapped[str] = mapped_column(default="")
    error: Mapped[float | None]
    seconds: Mapped[float | None]
    at: Mapped[datetime]
