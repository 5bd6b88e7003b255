"""Plays what is already there of a call that is still going on: the files that Asterisk writes."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from recordings.alignment import Extent, offset_ms
from recordings.wav import HEADER_BYTES, header

_RATE_AT = slice(24, 28)
_BYTES_PER_SAMPLE = 2
_CALL_ID = re.compile(r"[0-9a-f-]{36}")
#: The files of each speaker; of an agent there is one for each leg.
_FILES = {"caller": "{}-caller.wav", "agent": "{}-agent-*.wav"}


@dataclass(frozen=True, slots=True)
class _Growing:
    """One file as it is now. Its header is only right when Asterisk closes it."""

    path: Path
    rate: int
    extent: Extent


class SpoolAudio:
    """Reads the folder where Asterisk leaves the audio of running calls."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def clip(self, call_id: str, speaker: str, *, from_ms: int, to_ms: int) -> bytes | None:
        """A WAV of this part of the call, as far as it is there; None where nothing is."""
        if speaker not in _FILES or _CALL_ID.fullmatch(call_id) is None:
            return None
        return await asyncio.to_thread(self._clip, call_id, speaker, from_ms, to_ms)

    def _clip(self, call_id: str, speaker: str, from_ms: int, to_ms: int) -> bytes | None:
        reference = self._files(call_id, "caller")
        for file in self._files(call_id, speaker):
            start = offset_ms(file.extent, reference[0].extent) if reference else 0
            audio = _cut(file, from_ms - start, to_ms - start)
            if audio:
                return header(file.rate, len(audio)) + audio
        return None

    def _files(self, call_id: str, speaker: str) -> list[_Growing]:
        paths = sorted(self._folder.glob(_FILES[speaker].format(call_id)))
        return [found for found in map(_look, paths) if found is not None]


def _look(path: Path) -> _Growing | None:
    try:
        stat = path.stat()
        with path.open("rb") as file:
            head = file.read(HEADER_BYTES)
    except FileNotFoundError:
        return None  # put away since the listing
    rate = int.from_bytes(head[_RATE_AT], "little") if len(head) == HEADER_BYTES else 0
    if rate <= 0:
        return None
    seconds = (stat.st_size - HEADER_BYTES) / _BYTES_PER_SAMPLE / rate
    return _Growing(path, rate, Extent(seconds, stat.st_mtime))


def _cut(file: _Growing, from_ms: int, to_ms: int) -> bytes:
    first, last = (max(0, ms) * file.rate // 1000 * _BYTES_PER_SAMPLE for ms in (from_ms, to_ms))
    try:
        with file.path.open("rb") as audio:
            audio.seek(HEADER_BYTES + first)
            return audio.read(max(0, last - first))
    except FileNotFoundError:
        return b""
