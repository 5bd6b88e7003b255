"""What is exchanged with 110: which alarm became which case, and every message once."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


class ExchangeCaseRow(Base):
    """An alarm (jjdbh, 接警单号) and the one case that it became."""

    __tablename__ = "exchange_case"
    jjdbh: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), unique=True)
    accepted_at: Mapped[datetime]


class ExchangeMessageRow(Base):
    """One message of 110, by (jjdbh, seq); answer: what we said, said again when it is repeated.

    kind: order, confirm, flow, state, extension, visit, return. The body is sealed: an alarm
    names people.
    """

    __tablename__ = "exchange_message"
    jjdbh: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    body_hash: Mapped[str]
    body_sealed: Mapped[str]
    case_id: Mapped[str | None]
    answer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    client_id: Mapped[str]
    received_at: Mapped[datetime]
    __table_args__ = (Index("ix_exchange_message_case_id", "case_id"),)
