"""Events waiting to be told, and the audit trail."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


class OutboxRow(Base):
    """An event stored with the change it tells of; sent_at is set once it is on the bus."""

    __tablename__ = "outbox"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    __table_args__ = (Index("ix_outbox_unsent", "id", postgresql_where=text("sent_at IS NULL")),)


class AuditRow(Base):
    """Who did what, when; append-only, no personal data."""

    __tablename__ = "audit"
    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[str]
    facts: Mapped[dict[str, Any]]
    __table_args__ = (Index("ix_audit_entity", "entity", "entity_id"),)
