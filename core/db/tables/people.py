"""Accounts, their sessions, and what each agent is doing."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


class AccountRow(Base):
    """A person who logs in. phone: `webrtc`, or the number of a desk phone behind the trunk."""

    __tablename__ = "account"
    id: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    job_number: Mapped[str] = mapped_column(default="")
    role: Mapped[str]
    department_id: Mapped[str | None]
    password_hash: Mapped[str]
    phone: Mapped[str] = mapped_column(default="webrtc")
    skills: Mapped[dict[str, Any]] = mapped_column(default=dict)
    queues: Mapped[list[str]] = mapped_column(default=list)
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    active: Mapped[bool] = mapped_column(default=True)


class SessionRow(Base):
    """A log-in; only the hash of its token is stored."""

    __tablename__ = "session"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    csrf: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(default="")


class AgentRow(Base):
    """An agent's present state; idle_since orders the offers."""

    __tablename__ = "agent"
    id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(server_default=text("'SIGNED_OUT'"))
    reason: Mapped[str] = mapped_column(server_default=text("''"))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    idle_since: Mapped[datetime | None]
    call_id: Mapped[str | None]
