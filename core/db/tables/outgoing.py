"""Calls that we place to citizens, beside their rows as calls."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


class OutgoingRow(Base):
    """Who wanted a citizen phoned, about which case, on which phone; id is the call's.

    phone: the number behind the trunk, or an account's browser phone ("webrtc").
    """

    __tablename__ = "outgoing"
    id: Mapped[str] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str]
    case_id: Mapped[str | None] = mapped_column(index=True)
    leg_id: Mapped[str | None]
    missed_call_id: Mapped[str | None] = mapped_column(index=True)
    asked_by: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="ASKED")
    outcome: Mapped[str | None]
    asked_at: Mapped[datetime]
    connected_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "uq_outgoing_open",
            "asked_by",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
