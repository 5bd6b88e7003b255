"""Programs that use the REST API: their tokens, their repeated requests, their webhooks."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


class ApiClientRow(Base):
    """A program with a token; it sees what a person of its post and department sees.

    Only the token's hash is stored. channel: where the cases come from that it registers.
    """

    __tablename__ = "api_client"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(default=list)
    role: Mapped[str]
    department_id: Mapped[str | None]
    channel: Mapped[str | None]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiRequestRow(Base):
    """A request with an idempotency key, and its answer: the same key again gets it again."""

    __tablename__ = "api_request"
    client_id: Mapped[str] = mapped_column(
        ForeignKey("api_client.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    status: Mapped[int | None]
    answer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_at: Mapped[datetime] = mapped_column(index=True)


class WebhookRow(Base):
    """Where a program wants to be told of events; the secret signs what we send."""

    __tablename__ = "webhook"
    id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("api_client.id", ondelete="CASCADE"))
    url: Mapped[str]
    secret_sealed: Mapped[str]
    events: Mapped[list[str]] = mapped_column(default=list)
    active: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("client_id", "url"),)


class DeliveryRow(Base):
    """One event on its way to one webhook. state: one of DeliveryState."""

    __tablename__ = "webhook_delivery"
    id: Mapped[str] = mapped_column(primary_key=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    event_id: Mapped[str]
    kind: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(default="WAITING")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    last_answer: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index("ix_webhook_delivery_due", "next_at", postgresql_where=text("state = 'WAITING'")),
    )
