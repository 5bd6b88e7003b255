"""An engine's final utterance in the words of the database, and back for drafting."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from core.actions.recordings import Heard
from core.db.tables.calls import UtteranceRow
from recordings.drafting.api import NumberHeard, Utterance, Word
from recordings.transcribe.engine import Final, SpokenNumber


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
        evidence=_evidence(final),
    )


def as_utterance(speaker: str, final: Final) -> Utterance:
    """What drafting reads of a final that nobody stored."""
    return Utterance(
        speaker=speaker,
        start_ms=final.start_ms,
        end_ms=final.end_ms,
        text=final.text,
        confidence=final.confidence,
        words=tuple(Word(**asdict(word)) for word in final.words),
        alternatives=final.alternatives,
    )


def as_number(final: Final, number: SpokenNumber) -> NumberHeard:
    """A number spelt from the sound of a final."""
    return NumberHeard(
        digits=number.digits,
        sure=number.sure,
        margin=number.margin,
        start_ms=final.start_ms,
        end_ms=final.end_ms,
        others=number.others,
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
            alternatives=tuple((row.evidence or {}).get("alternatives", ())),
        )
        for row in rows
    ]


def numbers_heard(rows: Iterable[UtteranceRow]) -> tuple[NumberHeard, ...]:
    """Phone numbers that were spelt from the sound of a transcript."""
    return tuple(
        NumberHeard(
            digits=one["digits"],
            sure=one["sure"],
            margin=one["margin"],
            start_ms=row.start_ms,
            end_ms=row.end_ms,
            others=tuple(one["others"]),
        )
        for row in rows
        for one in (row.evidence or {}).get("numbers", ())
    )


def _evidence(final: Final) -> dict[str, Any]:
    """What else was heard in the same sound; nothing for most live captions."""
    if not final.alternatives and not final.numbers:
        return {}
    return {
        "alternatives": list(final.alternatives),
        "numbers": [asdict(number) for number in final.numbers],
    }
