"""An engine's final utterance in the words of the database, and back for drafting."""

from collections.abc import Iterable
from dataclasses import asdict

from core.actions.recordings import Heard
from core.db.tables.calls import UtteranceRow
from recordings.drafting.api import Utterance, Word
from recordings.transcribe.engine import Final


def as_heard(speaker: str, final: Final) -> Heard:
    """What is stored of a final."""
    return Heard(
        speaker=speaker,
        start_ms=final.start_ms,
        end_ms=final.end_ms,
        text=final.text,
        confidence=final.confidence,
        words=tuple(asdict(word) for word in final.words),
        engine=final.engine,
    )


def as_utterances(rows: Iterable[UtteranceRow]) -> list[Utterance]:
    """What drafting reads of a transcript."""
    return [
        Utterance(
            speaker=row.speaker,
            start_ms=row.start_ms,
            end_ms=row.end_ms,
            text=row.text,
            confidence=row.confidence,
            words=tuple(Word(**word) for word in row.words),
        )
        for row in rows
    ]
