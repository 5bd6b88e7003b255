"""A folder of calls with their truth, read from disk."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import InputRefused
from recordings.drafting.api import AGENT, CALLER, Utterance

VARIANTS = ("clean", "alaw", "n15", "n10")
SPOKEN_VARIANTS = ("alaw", "n15", "n10")
MS_PER_CHARACTER = 200


class CorpusUnreadable(InputRefused):
    """The folder is no corpus of the documented layout."""

    code = "corpus_unreadable"


@dataclass(frozen=True)
class Scenario:
    """One call: its words, its truth, and where its sound lies."""

    id: str
    call_time: datetime
    turns: tuple[Utterance, ...]
    truth: Mapping[str, Any]
    caller_text: str
    voice: str
    folder: Path

    def audio(self, variant: str) -> Path | None:
        """The sound file of a variant, if there is one."""
        for ending in ("wav", "flac"):
            path = self.folder / "audio" / variant / f"{self.id}.{ending}"
            if path.exists():
                return path
        return None


def read_corpus(folder: Path) -> list[Scenario]:
    """Every call of a folder, in order. Raises CorpusUnreadable with the line."""
    path = folder / "scenarios.jsonl"
    if not path.exists():
        raise CorpusUnreadable(f"找不到 {path.name}：请给出语料文件夹", folder=folder.name)
    return list(_scenarios(path.read_text(encoding="utf-8"), folder))


def _scenarios(text: str, folder: Path) -> Iterator[Scenario]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield Scenario(
                id=row["id"],
                call_time=datetime.fromisoformat(row["call_time"]),
                turns=_turns(row),
                truth=row["truth"],
                caller_text=row.get("caller_text", ""),
                voice=row.get("audio", {}).get("voice", ""),
                folder=folder,
            )
        except (ValueError, KeyError, TypeError) as error:
            raise CorpusUnreadable(
                f"scenarios.jsonl 第 {number} 行无法读取：{error}", line=number
            ) from error


def _turns(row: Mapping[str, Any]) -> tuple[Utterance, ...]:
    """The true words, timed by the audio's segments where they are known."""
    timed = {s["turn"]: s for s in row.get("audio", {}).get("segments", ())}
    out: list[Utterance] = []
    at = 0
    for number, turn in enumerate(row["turns"]):
        speaker = AGENT if turn["role"] == AGENT else CALLER
        segment = timed.get(number)
        start = round(segment["start"] * 1000) if segment else at
        length = len(turn["text"]) * MS_PER_CHARACTER if speaker == CALLER else 1
        end = round(segment["end"] * 1000) if segment else start + length
        out.append(Utterance(speaker, start, end, turn["text"]))
        at = max(at, end)
    return tuple(out)
