"""A phone number said on the line, spelt by a recogniser that may only write digits.

Free recognition drops and doubles digits. Here the same model may write nothing but single
digits, exactly as many as a number has, and also chooses where in the talk the number begins.
What comes out is offered for reading back; nothing here makes a number certain.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from recordings.transcribe.audio import Samples
from recordings.transcribe.chinese import simplified
from recordings.transcribe.digit_decoder import DigitDecoder, Memory
from recordings.transcribe.digit_weights import Array, decoder_weights
from recordings.transcribe.engine import SpokenNumber

MOBILE = re.compile(r"1(?:[3-9]\d*)?")
LENGTH, BEAM = 11, 24
#: One digit a token, and a run of them, so that the model expects to go on like this.
PROMPT = "电话号码：一三八六二七五四三一零。"
WRITTEN_AS = ("零", "一要有由又幺", "二", "三", "四", "五", "六", "七", "八", "九")
DIGITISH = (
    "0-9零〇幺一二两三四五六七八九要腰邀由有优又油右妖伞散山流刘留舞无"
    "武救就久酒把吧巴气期其起次是私思衣而儿灵"
)
#: A digit-like character -> the digit it sounds like.
SOUNDS_LIKE = {
    character: str(digit)
    for digit, characters in enumerate(
        ("0零〇灵", "1一幺要腰邀由有优又油右妖衣", "2二两而儿", "3三伞散山", "4四是私思次",
         "5五舞无武", "6六流刘留", "7七气期其起", "8八把吧巴", "9九救就久酒")
    )
    for character in characters
}  # fmt: skip
RUN = re.compile(f"(?:[{DIGITISH}][，,、。 .-]*){{3,}}")
ONE = re.compile(f"[{DIGITISH}]")
SURE_ONE = re.compile("[0-9零一二三四五六七八九要幺]")
ENOUGH, ENOUGH_SURE = 5, 3
AS_DIGITS = str.maketrans("零〇幺要腰一二两三四五六七八九", "001111223456789")
WRITTEN = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
WINDOW_FRAMES, MOST_TOKENS = 1200, 140
MARGIN, LENGTH_MARGIN = 1.5, -1.0
UNLIKELY = -12.0
EARLY, EARLY_STARTS, LATE = 5, 2, 4
OTHERS = 12
VOCABULARY = 50_257


def is_sure(number: SpokenNumber, in_words: Sequence[str]) -> bool:
    """Worth showing as likely: the free words agree, or are silent and the lead is clear."""
    if in_words:
        return number.digits in in_words
    return number.margin >= MARGIN and number.length_margin >= LENGTH_MARGIN


@dataclass(frozen=True, slots=True)
class _Path:
    """A beginning of a number: digits, score, how much of the talk stands before it, memory."""

    digits: str
    score: float
    seen: int
    memory: Memory
    follow: Array


@dataclass(frozen=True, slots=True)
class _Form:
    digit: str
    tokens: tuple[int, ...]


def digit_count(text: str) -> int:
    """How many digit-like characters stand in runs of a transcript."""
    return sum(len(ONE.findall(run.group())) for run in _runs(simplified(text)))


def heard_digits(text: str) -> str:
    """The digits that a transcript's runs of digit-like characters sound like."""
    runs = _runs(simplified(text))
    return "".join(SOUNDS_LIKE[c] for run in runs for c in ONE.findall(run.group()))


def numbers_written(text: str) -> list[str]:
    """Complete mobile numbers that stand in a transcript as they are."""
    plain = simplified(text).translate(AS_DIGITS)
    return WRITTEN.findall(re.sub(r"[，,、。 .-]", "", plain))


def may_hold_a_number(text: str) -> bool:
    """Whether a transcript has so many digit-like characters that spelling is worth its price."""
    return digit_count(text) >= ENOUGH


class NumberSpeller:
    """Spells with a loaded model. Costs about one and a half CPU seconds: after the call only."""

    def __init__(self, model: Any, model_dir: Path) -> None:
        from faster_whisper.tokenizer import Tokenizer  # noqa: PLC0415  only where numbers are spelt

        self._model = model
        self._tokens: Any = Tokenizer(
            model.hf_tokenizer, multilingual=True, task="transcribe", language="zh"
        )
        self._decoder = DigitDecoder(decoder_weights(model_dir / "model.bin"), VOCABULARY)
        self._forms = [
            _Form(str(digit), tuple(self._tokens.encode(character)))
            for digit, characters in enumerate(WRITTEN_AS)
            for character in characters
        ]

    def spell(self, samples: Samples) -> SpokenNumber | None:
        """The number said in one utterance (16 kHz); None where there is no run of digits."""
        view, encoded = self._encode(samples)
        head = self._model.get_prompt(
            self._tokens, self._tokens.encode(" " + PROMPT), without_timestamps=True
        )
        said = self._freely(view, head)
        places = _beginnings(said)
        if not places:
            return None
        text = self._tokens.encode(said[: max(places)])
        ends = [len(self._tokens.decode(text[:k])) for k in range(len(text) + 1)]
        starts = sorted({max(k for k, end in enumerate(ends) if end <= cut) for cut in places})
        self._decoder.hear(encoded)
        return self._search(head, text, starts)

    def _encode(self, samples: Samples) -> tuple[Any, Array]:
        import ctranslate2  # noqa: PLC0415

        mel = self._model.feature_extractor(samples)[:, :WINDOW_FRAMES]
        grid = np.full((mel.shape[0], WINDOW_FRAMES), mel.min(), np.float32)
        grid[:, : mel.shape[1]] = mel
        view = ctranslate2.StorageView.from_array(np.ascontiguousarray(grid[None]))
        encoded = np.array(self._model.model.encode(view), np.float32)
        return ctranslate2.StorageView.from_array(encoded), encoded[0]

    def _freely(self, view: Any, head: list[int]) -> str:
        result = self._model.model.generate(
            view, [head], beam_size=1, suppress_tokens=[-1], max_length=MOST_TOKENS
        )[0]
        return str(self._tokens.decode(result.sequences_ids[0]))

    def _search(self, head: list[int], text: list[int], starts: list[int]) -> SpokenNumber:
        follow = self._decoder.begin([*head, *text])
        told = [0.0]
        for number, token in enumerate(text):
            known = token < VOCABULARY
            told.append(
                told[-1] + (float(follow[len(head) - 1 + number, token]) if known else UNLIKELY)
            )
        empty = self._decoder.nothing()
        paths = [
            _Path("", told[s], len(head) + s, empty, follow[len(head) - 1 + s]) for s in starts
        ]
        totals: dict[int, dict[str, float]] = {}
        for length in range(LENGTH + 2):
            if length >= LENGTH - LATE:
                totals[length] = self._ended(paths)
            if length <= LENGTH:
                paths = self._grown(self._best(paths, length))
        return _judged(totals)

    def _ended(self, paths: Sequence[_Path]) -> dict[str, float]:
        """Digits -> score when no further digit follows."""
        firsts = sorted({form.tokens[0] for form in self._forms})
        out: dict[str, float] = {}
        for path in paths:
            more = float(np.exp(path.follow[firsts]).sum())
            score = path.score + float(np.log(max(1e-9, 1 - more)))
            out[path.digits] = max(out.get(path.digits, -1e9), score)
        return out

    def _best(self, paths: Sequence[_Path], length: int) -> list[tuple[_Path, _Form, float]]:
        """The best continuations; no start dies before its fifth digit."""
        options = [
            (path.score + float(path.follow[form.tokens[0]]), number, form)
            for number, path in enumerate(paths)
            for form in self._forms
            if MOBILE.fullmatch(path.digits + form.digit)
        ]
        options.sort(key=lambda option: -option[0])
        kept: list[tuple[_Path, _Form, float]] = []
        taken: set[tuple[str, int]] = set()
        by_start: dict[int, int] = {}
        for score, number, form in options:
            path = paths[number]
            name = (path.digits + form.digit, path.seen)
            alive = length < EARLY and by_start.get(path.seen, 0) < EARLY_STARTS
            if name not in taken and (len(kept) < BEAM or alive):
                taken.add(name)
                by_start[path.seen] = by_start.get(path.seen, 0) + 1
                kept.append((path, form, score))
        return kept

    def _grown(self, chosen: Sequence[tuple[_Path, _Form, float]]) -> list[_Path]:
        """Read the chosen digits' tokens; some digits are written with two."""
        out = [replace(p, digits=p.digits + form.digit, score=score) for p, form, score in chosen]
        for number in range(max(len(form.tokens) for _, form, _ in chosen)):
            rows = [i for i, (_, form, _) in enumerate(chosen) if number < len(form.tokens)]
            tokens = [chosen[i][1].tokens[number] for i in rows]
            extra = [float(out[i].follow[t]) if number else 0.0
                     for i, t in zip(rows, tokens, strict=True)]  # fmt: skip
            follow, memories = self._decoder.step(
                tokens, [out[i].seen for i in rows], [out[i].memory for i in rows]
            )
            for row, i in enumerate(rows):
                score = out[i].score + extra[row]
                out[i] = replace(out[i], score=score, memory=memories[row], follow=follow[row])
        return out


def _runs(text: str) -> list[re.Match[str]]:
    return [m for m in RUN.finditer(text) if len(SURE_ONE.findall(m.group())) >= ENOUGH_SURE]


def _beginnings(said: str) -> set[int]:
    """Where in the free transcript the number may begin; empty where there is none."""
    runs = _runs(said)
    if sum(len(ONE.findall(run.group())) for run in runs) < ENOUGH:
        return set()
    longest = max(runs, key=lambda run: len(run.group())).start()
    after_word = 1 + max((said[:longest].rfind(c) for c in "是，,话码下"), default=-1)
    return {0, runs[0].start(), longest, after_word}


def _judged(totals: dict[int, dict[str, float]]) -> SpokenNumber:
    whole = totals.pop(LENGTH)
    order = sorted(whole, key=lambda digits: -whole[digits])
    top = whole[order[0]]
    margin = top - whole[order[1]] if len(order) > 1 else 0.0
    rest = max(max(scores.values()) for scores in totals.values() if scores)
    others = tuple(order[1 : 1 + OTHERS])
    behind = tuple(round(top - whole[digits], 2) for digits in others)
    return SpokenNumber(order[0], round(margin, 2), round(top - rest, 2), others, behind=behind)
