"""Which stretch of speech is recognised next when there is more than can be done at once.

Pure. Newest words first, so that captions stay live; what was overtaken is done right after; work
that nobody waits for yields to people who are speaking, but not for ever.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar

Job = TypeVar("Job")


class Urgency(IntEnum):
    """LIVE: a finished utterance of a running call. PREVIEW: the open utterance so far; worthless
    a moment later. LATER: the second pass and recordings found on disk."""

    LIVE = 0
    PREVIEW = 1
    LATER = 2


@dataclass(frozen=True, slots=True)
class BacklogRules:
    """Limits in bytes of audio and seconds."""

    live_bytes: int = 64_000_000
    preview_seconds: float = 1.0
    patience_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Job]):
    job: Job
    size: int
    since: float


class Backlog(Generic[Job]):
    """Jobs that wait, by urgency."""

    def __init__(self, rules: BacklogRules | None = None) -> None:
        self._rules = rules or BacklogRules()
        self._waiting: dict[Urgency, list[_Waiting[Job]]] = {each: [] for each in Urgency}
        self._live_bytes = 0

    def __len__(self) -> int:
        return sum(len(jobs) for jobs in self._waiting.values())

    def count(self, urgency: Urgency) -> int:
        return len(self._waiting[urgency])

    def add(self, job: Job, *, urgency: Urgency, size: int, now: float) -> list[Job]:
        """Let a job wait. Returns the oldest live ones for which there is no room any more."""
        self._waiting[urgency].append(_Waiting(job, size, now))
        if urgency is not Urgency.LIVE:
            return []
        self._live_bytes += size
        crowded_out = []
        while self._live_bytes > self._rules.live_bytes and len(self._waiting[urgency]) > 1:
            oldest = self._waiting[urgency].pop(0)
            self._live_bytes -= oldest.size
            crowded_out.append(oldest.job)
        return crowded_out

    def expired(self, now: float) -> list[Job]:
        """Take out the previews that nobody would look at any more."""
        fresh: list[_Waiting[Job]] = []
        stale: list[_Waiting[Job]] = []
        for waiting in self._waiting[Urgency.PREVIEW]:
            too_old = now - waiting.since > self._rules.preview_seconds
            (stale if too_old else fresh).append(waiting)
        self._waiting[Urgency.PREVIEW] = fresh
        return [waiting.job for waiting in stale]

    def take(self, *, now: float, quiet: bool) -> Job | None:
        """The next job; `quiet` says that nobody is speaking just now."""
        live = self._waiting[Urgency.LIVE]
        if live:
            newest = live.pop()
            self._live_bytes -= newest.size
            return newest.job
        if self._waiting[Urgency.PREVIEW]:
            return self._waiting[Urgency.PREVIEW].pop().job
        later = self._waiting[Urgency.LATER]
        if later and (quiet or now - later[0].since > self._rules.patience_seconds):
            return later.pop(0).job
        return None
