"""Persons behind confidential cases, and what people keep of their searches."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


class CaseIdentityRow(Base):
    """Who is behind a confidential case; sealed with a key of its own, apart from the case."""

    __tablename__ = "case_identity"
    case_id: Mapped[str] = mapped_column(
        ForeignKey("case.id", ondelete="CASCADE"), primary_key=True
    )
    phone_sealed: Mapped[str] = mapped_column(default="")
    name_sealed: Mapped[str] = mapped_column(default="")
    caller_sealed: Mapped[str] = mapped_column(default="")
    sealed_at: Mapped[datetime]


class SavedViewRow(Base):
    """A search that somebody keeps under a name."""

    __tablename__ = "saved_view"
    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    name: Mapped[str]
    query: Mapped[dict[str, Any]] = mapped_column(default=dict)
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("account_id", "name"),)
