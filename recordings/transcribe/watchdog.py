"""Decides when a speech worker or a recogniser has fallen silent and must be started again."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """ALIVE: leave it. SILENT: it does not answer. STALLED: it answers but does no work."""

    ALIVE = "ALIVE"
    SILENT = "SILENT"
    STALLED = "STALLED"


@dataclass(frozen=True, slots=True)
class WatchRules:
    """Seconds without an answer, without progress on waiting work, and without words."""

    silent_seconds: float = 10.0
    stalled_seconds: float = 20.0
    wordless_speech_ms: int = 20_000


class Watchdog:
    """Watches one process by its answers to our questions."""

    def __init__(self, rules: WatchRules | None = None, *, now: float) -> None:
        self._rules = rules or WatchRules()
        self._answered_at = now
        self._progress_at = now
        self._done = -1

    def answered(self, *, pending: int, done: int, now: float) -> None:
        """The process said how much waits and how much it has ever done."""
        self._answered_at = now
        if pending == 0 or done != self._done:
            self._progress_at = now
        self._done = done

    def verdict(self, now: float) -> Verdict:
        if now - self._answered_at > self._rules.silent_seconds:
            return Verdict.SILENT
        if now - self._progress_at > self._rules.stalled_seconds:
            return Verdict.STALLED
        return Verdict.ALIVE


class WordlessWatch:
    """Counts speech for which a recogniser gave no word at all."""

    def __init__(self, rules: WatchRules | None = None) -> None:
        self._rules = rules or WatchRules()
        self._speech_ms = 0

    def heard_speech(self, milliseconds: int) -> None:
        self._speech_ms += milliseconds

    def gave_words(self) -> None:
        self._speech_ms = 0

    def should_restart(self) -> bool:
        """True once: the count begins again with the new recogniser."""
        if self._speech_ms < self._rules.wordless_speech_ms:
            return False
        self._speech_ms = 0
        return True
