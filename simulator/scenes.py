"""The spoken calls that come with the simulator: what each side says, and what is true of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VOICES = Path(__file__).resolve().parent / "voices"


@dataclass(frozen=True, slots=True)
class Turn:
    """One side's words; `audio` is an 8 kHz wav file."""

    role: str
    text: str
    audio: Path


@dataclass(frozen=True, slots=True)
class Scene:
    """One call: turns in order, and its truth (fields as in a corpus)."""

    scene_id: str
    turns: tuple[Turn, ...]
    truth: Mapping[str, Any]


def load_scenes(folder: Path = VOICES) -> tuple[Scene, ...]:
    """Every scene of a folder, in the order of its list."""
    listed = json.loads((folder / "calls.json").read_text(encoding="utf-8"))["calls"]
    return tuple(
        Scene(
            scene_id=call["id"],
            turns=tuple(
                Turn(turn["role"], turn["text"], folder / turn["audio"]) for turn in call["turns"]
            ),
            truth=call["truth"],
        )
        for call in listed
    )


def scene(scene_id: str) -> Scene:
    """The scene of this name. Raises KeyError."""
    return {one.scene_id: one for one in load_scenes()}[scene_id]
