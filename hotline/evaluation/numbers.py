"""Phone numbers of a file's utterances, spelt by the digit decoder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from recordings.drafting.api import NumberHeard, Utterance
from recordings.drafting.phones import MOBILE, phones_said
from recordings.transcribe.audio import as_floats
from recordings.transcribe.digits import NumberSpeller, may_hold_a_number
from recordings.transcribe.utterances import Utterance as Stretch


class NumberListener:
    """Spells the numbers of utterances; the model is loaded with the first one."""

    def __init__(self, model_dir: Path) -> None:
        self._model_dir = model_dir
        self._speller: NumberSpeller | None = None

    def numbers(self, heard: Sequence[tuple[Stretch, Utterance]]) -> tuple[NumberHeard, ...]:
        """A number for each utterance whose words hold a run of digits."""
        out = []
        for stretch, utterance in heard:
            if not may_hold_a_number(utterance.text):
                continue
            if self._speller is None:
                self._speller = NumberSpeller(self._model_dir)
            spoken = self._speller.spell(as_floats(stretch.pcm))
            if spoken is None:
                continue
            in_words = [p.digits for p in phones_said(utterance.text) if MOBILE.fullmatch(p.digits)]
            sure = spoken.is_sure(in_words)
            out.append(
                NumberHeard(spoken.digits, sure, spoken.margin, utterance.start_ms,
                            utterance.end_ms, spoken.others)
            )  # fmt: skip
        return tuple(out)
