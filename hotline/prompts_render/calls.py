"""Renders the spoken calls of the simulator: what its citizens say, and an agent's lines."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hotline.prompts_render.manifest import file_hash, text_hash
from hotline.prompts_render.render import Speaker
from hotline.prompts_render.sound import for_the_phone, write_phone_wav

_CALLS = "calls.json"
_TAKES = "takes.json"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said by one voice."""

    audio: str  # path below the folder
    text: str
    voice: str
    speed: float


def lines(folder: Path) -> Iterator[Line]:
    """Every line of calls.json that needs audio."""
    raw = json.loads((folder / _CALLS).read_text(encoding="utf-8"))
    agent = raw["agent"]
    for name, text in agent["lines"].items():
        yield Line(f"agent/{name}.wav", text, agent["voice"], agent["speed"])
    for call in raw["calls"]:
        for turn in call["turns"]:
            if turn["role"] == "caller":
                yield Line(turn["audio"], turn["text"], call["voice"], call["speed"])


def stale_lines(folder: Path) -> list[Line]:
    """Lines whose audio is not there, or was made from other words or by another voice."""
    takes = _takes(folder)
    return [line for line in lines(folder) if not _is_fresh(folder, line, takes.get(line.audio))]


def render_lines(folder: Path, speaker: Speaker, report: Callable[[Line, float], None]) -> int:
    """Speak every stale line; the record is written after each one."""
    takes = _takes(folder)
    count = 0
    for line in stale_lines(folder):
        samples = for_the_phone(speaker.speak(line.text, line.voice, line.speed), speaker.rate)
        path = folder / line.audio
        seconds = write_phone_wav(path, samples)
        takes[line.audio] = {
            "text": text_hash(line.text),
            "voice": f"{line.voice} {line.speed}",
            "audio": file_hash(path),
            "seconds": seconds,
        }
        rows = (f" {json.dumps(audio)}: {json.dumps(takes[audio])}" for audio in sorted(takes))
        (folder / _TAKES).write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
        report(line, seconds)
        count += 1
    return count


def _is_fresh(folder: Path, line: Line, take: dict[str, object] | None) -> bool:
    path = folder / line.audio
    return (
        take is not None
        and path.exists()
        and take["text"] == text_hash(line.text)
        and take["voice"] == f"{line.voice} {line.speed}"
        and take["audio"] == file_hash(path)
    )


def _takes(folder: Path) -> dict[str, dict[str, object]]:
    path = folder / _TAKES
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
