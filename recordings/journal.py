"""The journal that Asterisk itself writes: one line a fact, whatever else is dead.

start,UID,DID,CALLER,EPOCH      a call was taken
callee,UID,DID,EPOCH            a citizen whom we phoned has answered
rung,UID,agi|queue|voicemail,EPOCH   it fell to a lower rung of the ladder
agent,UID,NAME,EPOCH            the plain queue reached an agent
voicemail,UID,STATUS,EPOCH      a message was left
end,UID,CAUSE,EPOCH             it is over and its files are complete
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.domain.calls import Rung

_UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DAYS_LOOKED_BACK = 3
_RUNGS = {"agi": Rung.AGI, "queue": Rung.DIALPLAN, "voicemail": Rung.DIALPLAN}


@dataclass(frozen=True, slots=True)
class JournalCall:
    """What the journal knows of one call."""

    call_id: str
    did: str = ""
    caller: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    rung: Rung = Rung.STASIS
    agent: str = ""
    voicemail: bool = False
    outbound: bool = False


def read_journal(lines: Iterable[str]) -> dict[str, JournalCall]:
    """Every call of these lines; a broken line is passed over."""
    calls: dict[str, JournalCall] = {}
    for line in lines:
        parts = line.strip().split(",")
        fact, uid, rest = parts[0], parts[1] if len(parts) > 1 else "", parts[2:]
        if not _UID.fullmatch(uid):
            continue
        known = calls.get(uid, JournalCall(uid))
        calls[uid] = _with_fact(known, fact, rest)
    return calls


def journal_files(folder: Path, now: datetime) -> list[Path]:
    """The journals of the last days, oldest first."""
    days = (now - timedelta(days=back) for back in range(_DAYS_LOOKED_BACK, -1, -1))
    names = [folder / f"{day.astimezone(UTC):%Y%m%d}.csv" for day in days]
    return [path for path in names if path.is_file()]


def load_journal(folder: Path, now: datetime) -> dict[str, JournalCall]:
    """The calls of the last days."""
    lines: list[str] = []
    for path in journal_files(folder, now):
        lines += path.read_text(encoding="utf-8", errors="replace").splitlines()
    return read_journal(lines)


def _with_fact(call: JournalCall, fact: str, rest: list[str]) -> JournalCall:
    at = _instant(rest[-1] if rest else "")
    value = rest[0] if rest else ""
    if fact == "rung":
        return replace(call, rung=max(call.rung, _RUNGS.get(value, Rung.STASIS)))
    changes: dict[str, dict[str, Any]] = {
        "start": {"did": value, "caller": "".join(rest[1:2]), "started_at": at},
        "callee": {"did": value, "started_at": at, "outbound": True},
        "end": {"ended_at": at},
        "agent": {"agent": value},
        "voicemail": {"voicemail": True},
    }
    return replace(call, **changes.get(fact, {}))


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None
