"""What departments have of their own: their settings and the files they attach."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


class UnitSettingRow(Base):
    """What a department has settled for itself.

    approvals: steps that its leader approves before they take effect (REPLY, RETURN, EXTENSION).
    """

    __tablename__ = "unit_setting"
    department_id: Mapped[str] = mapped_column(ForeignKey("department.id"), primary_key=True)
    approvals: Mapped[list[str]] = mapped_column(default=list)
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class AttachmentRow(Base):
    """A file that belongs to a case, sealed; purpose: REPLY, CONTACT, RETURN, APPEAL, EVIDENCE."""

    __tablename__ = "attachment"
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"))
    department_id: Mapped[str]
    purpose: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(deferred=True)
    added_by: Mapped[str]
    added_at: Mapped[datetime]
    __table_args__ = (Index("ix_attachment_case", "case_id", "added_at"),)
