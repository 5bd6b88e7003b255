"""Lines, queues, hours, holidays, blacklist, announcements: rows an administrator edits."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


class LineRow(Base):
    """A number that citizens dial (domain.md 8.1). mode: MERGED, PARALLEL or BRANCH.

    hours: {} means round the clock, else {"mon": [["08:00", "18:00"]], ...}.
    """

    __tablename__ = "line"
    id: Mapped[str] = mapped_column(primary_key=True)
    did: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    greeting: Mapped[str]
    profile: Mapped[str] = mapped_column(default="menu")
    queue_id: Mapped[str]
    skill: Mapped[str] = mapped_column(default="")
    priority: Mapped[int] = mapped_column(default=100)
    hours: Mapped[dict[str, Any]] = mapped_column(default=dict)
    mode: Mapped[str] = mapped_column(default="MERGED")
    department_id: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)


class QueueRow(Base):
    """Calls waiting for a kind of agent. rings: [{"after_s": 0, "skills": [...]}, ...]."""

    __tablename__ = "queue"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    offer_seconds: Mapped[int] = mapped_column(default=20)
    wrap_up_seconds: Mapped[int] = mapped_column(default=180)
    longest_wait_seconds: Mapped[int] = mapped_column(default=900)
    callback_after_seconds: Mapped[int] = mapped_column(default=60)
    rings: Mapped[list[Any]] = mapped_column(default=list)


class HolidayRow(Base):
    """A day off (OFF) or a working weekend day (WORK), by State Council notice or local rule."""

    __tablename__ = "holiday"
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    source: Mapped[str] = mapped_column(default="")


class BlacklistRow(Base):
    """A caller who is not put through for a while; always approved, always with an expiry."""

    __tablename__ = "blacklist"
    caller_hash: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    approved_by: Mapped[str]
    until: Mapped[datetime]


class AnnouncementRow(Base):
    """The announcement of the day: a prompt id, played after the greeting while it is valid."""

    __tablename__ = "announcement"
    id: Mapped[str] = mapped_column(primary_key=True)
    prompt: Mapped[str]
    line_id: Mapped[str | None]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]
