"""What the menus must know of lines and callers, kept in memory and on disk for bad times.

The process behind rung 1 reads it from the database now and then and writes it to a file; the
process behind rung 2 reads that file and needs no database at all.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from core.clock import city_time
from core.db.engine import Database
from core.db.repos import lines as line_repo
from ivr.menu.hours import OpeningHours, Span
from ivr.menu.messages import Announcement, CallerFacts, LineFacts, Profile

logger = logging.getLogger(__name__)

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS_AHEAD = timedelta(days=400)
_MIDNIGHT = "24:00"
#: What a caller gets while no line was ever read: the hotline itself, day and night.
ANY_LINE = LineFacts(line_id="", greeting="greeting_12345", queue="general")

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """An announcement with its time; line_id None is for every line."""

    prompt: str
    line_id: str | None
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class LineBook:
    """Lines by dialled number, blacklist by fingerprint, announcements newest first."""

    lines: Mapping[str, LineFacts] = field(default_factory=dict)
    blocked: Mapping[str, datetime] = field(default_factory=dict)
    announcements: tuple[Told, ...] = ()

    def line(self, did: str, now: datetime) -> LineFacts | None:
        """The line of a dialled number; None for a number that is not ours."""
        if not self.lines:
            return ANY_LINE
        line = self.lines.get(did)
        if line is None:
            return None
        for told in self.announcements:
            if told.line_id in (None, line.line_id) and told.since <= now < told.until:
                return replace(line, announcement=Announcement(told.prompt, told.until))
        return line

    def caller(self, fingerprint: str) -> CallerFacts:
        """What is known of a caller."""
        return CallerFacts(blocked_until=self.blocked.get(fingerprint))


async def read_plain(database: Database) -> dict[str, Any]:
    """The rows as plain data. Raises what the database raises."""
    now = database.clock.now()
    today = city_time(now).date()
    async with database.work() as work:
        lines = await line_repo.active_lines(work.session)
        days = await line_repo.holidays(work.session, today, today + _DAYS_AHEAD)
        blocked = await line_repo.blacklist(work.session, now)
        told = await line_repo.announcements(work.session, now)
    return {
        "lines": [
            {
                "did": line.did,
                "id": line.id,
                "greeting": line.greeting,
                "profile": line.profile,
                "queue": line.queue_id,
                "skill": line.skill,
                "priority": line.priority,
                "hours": line.hours,
            }
            for line in lines
        ],
        "days": {row.day.isoformat(): row.kind for row in days},
        "blocked": {row.caller_hash: row.until.isoformat() for row in blocked},
        "announcements": [
            [row.prompt, row.line_id, row.valid_from.isoformat(), row.valid_to.isoformat()]
            for row in told
        ],
    }


def book_of(plain: Plain) -> LineBook:
    """The book of plain data; a line that cannot be understood is open day and night."""
    days = {date.fromisoformat(day): kind for day, kind in plain.get("days", {}).items()}
    holidays = frozenset(day for day, kind in days.items() if kind == "OFF")
    workdays = frozenset(day for day, kind in days.items() if kind == "WORK")
    return LineBook(
        lines={row["did"]: _line(row, holidays, workdays) for row in plain.get("lines", [])},
        blocked={
            fingerprint: datetime.fromisoformat(until)
            for fingerprint, until in plain.get("blocked", {}).items()
        },
        announcements=tuple(
            Told(prompt, line_id, datetime.fromisoformat(since), datetime.fromisoformat(until))
            for prompt, line_id, since, until in plain.get("announcements", [])
        ),
    )


def keep(plain: Plain, file: Path) -> None:
    """Write the book to disk, whole or not at all; only the owner may read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
    draft.replace(file)


def kept(file: Path) -> LineBook:
    """The book as last written to disk; an empty one when there is none or it is broken."""
    try:
        return book_of(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        logger.warning("no line book on disk")
        return LineBook()


def _line(row: Plain, holidays: frozenset[date], workdays: frozenset[date]) -> LineFacts:
    hours = dict(row["hours"])
    night_queue = hours.pop("night_queue", None)
    return LineFacts(
        line_id=row["id"],
        greeting=row["greeting"],
        queue=row["queue"],
        profile=Profile.DIRECT if row["profile"] == "direct" else Profile.MENU,
        hours=_hours(hours, holidays, workdays, line_id=row["id"]),
        night_queue=night_queue,
        skills=(row["skill"],) if row["skill"] else (),
        priority=row["priority"],
    )


def _hours(
    raw: Plain, holidays: frozenset[date], workdays: frozenset[date], *, line_id: str
) -> OpeningHours | None:
    if not raw:
        return None
    try:
        spans = tuple(
            Span(_WEEKDAYS.index(day), time.fromisoformat(start), _end(end))
            for day, open_at in raw.items()
            for start, end in open_at
        )
    except (ValueError, TypeError):
        # Taking calls by mistake is better than refusing them by mistake.
        logger.warning("opening hours not understood", extra={"line": line_id})
        return None
    return OpeningHours(spans, holidays, workdays)


def _end(text: str) -> time:
    return time(0) if text == _MIDNIGHT else time.fromisoformat(text)
