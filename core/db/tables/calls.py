"""Calls, offers, callbacks, recordings and what was said."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


class CallRow(Base):
    """One conversation with a citizen. menu_state: the voice menu's state for re-adoption.

    case_id: the case a call going out is about; it grows no draft of its own.
    """

    __tablename__ = "call"
    id: Mapped[str] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(default="INBOUND")
    line_id: Mapped[str]
    did: Mapped[str]
    channel_id: Mapped[str] = mapped_column(default="")
    agent_channel_id: Mapped[str] = mapped_column(default="")
    bridge_id: Mapped[str] = mapped_column(default="")
    rung: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(default="IVR")
    caller_sealed: Mapped[str]
    caller_hash: Mapped[str] = mapped_column(index=True)
    caller_mask: Mapped[str]
    language: Mapped[str] = mapped_column(default="zh")
    menu_path: Mapped[list[str]] = mapped_column(default=list)
    menu_state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    queue_id: Mapped[str | None]
    skills: Mapped[list[str]] = mapped_column(default=list)
    priority: Mapped[int] = mapped_column(default=100)
    agent_id: Mapped[str | None] = mapped_column(index=True)
    case_id: Mapped[str | None] = mapped_column(index=True)
    started_at: Mapped[datetime] = mapped_column(index=True)
    queued_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    agent_left_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    survey_score: Mapped[int | None]
    voicemail: Mapped[bool] = mapped_column(default=False)
    transcript_state: Mapped[str] = mapped_column(default="NONE")
    trace: Mapped[dict[str, Any]] = mapped_column(default=dict)
    __table_args__ = (Index("ix_call_open", "state", postgresql_where=text("state <> 'ENDED'")),)


class OfferRow(Base):
    """One ring of one agent for one call."""

    __tablename__ = "offer"
    id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    agent_id: Mapped[str]
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class CallbackRow(Base):
    """A caller who hung up and keeps the place in the queue; one active per number."""

    __tablename__ = "callback"
    id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str]
    queue_id: Mapped[str]
    caller_sealed: Mapped[str]
    caller_hash: Mapped[str]
    caller_mask: Mapped[str]
    priority: Mapped[int]
    skills: Mapped[list[str]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(default="zh")
    place_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="WAITING")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    __table_args__ = (
        Index(
            "uq_callback_active",
            "caller_hash",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class RecordingRow(Base):
    """One audio file of a call. offset_ms: where its first sample lies in the call."""

    __tablename__ = "recording"
    id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(index=True)
    speaker: Mapped[str]
    path: Mapped[str]
    sha256: Mapped[str]
    seconds: Mapped[float]
    offset_ms: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int]
    key_id: Mapped[str] = mapped_column(default="")
    stored_at: Mapped[datetime]
    keep_until: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("call_id", "speaker", "path"),)


class UtteranceRow(Base):
    """A stretch of one speaker's speech as words. revision 1 is live, 2 the better pass.

    before: what was heard live, where the better pass hears something else.
    """

    __tablename__ = "utterance"
    id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str]
    speaker: Mapped[str]
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    text: Mapped[str]
    confidence: Mapped[float]
    words: Mapped[list[Any]] = mapped_column(default=list)
    engine: Mapped[str] = mapped_column(default="")
    #: other wordings heard in the same sound, and phone numbers spelt from it
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    revision: Mapped[int] = mapped_column(default=1)
    edited: Mapped[bool] = mapped_column(default=False)
    before: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    __table_args__ = (Index("ix_utterance_call", "call_id", "start_ms"),)


class ListenRow(Base):
    """Somebody listened to a recording, and why."""

    __tablename__ = "listen"
    id: Mapped[str] = mapped_column(primary_key=True)
    recording_id: Mapped[str]
    call_id: Mapped[str] = mapped_column(index=True)
    account_id: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    address: Mapped[str] = mapped_column(default="")
