"""`hotline draft`: the draft of one call, from its sound or its words."""

import argparse
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from core.clock import SystemClock
from core.config import load_settings
from core.domain.drafts import DraftSuggestion
from core.errors import InputRefused
from hotline.commands.eval import model_folder
from hotline.evaluation.listener import FileListener, samples_of
from recordings.drafting.api import (
    AGENT,
    CALLER,
    CallFacts,
    Drafter,
    Knowledge,
    NumberHeard,
    Utterance,
    load_knowledge,
)
from recordings.hotwords import hotwords

MS_PER_CHARACTER = 200
LONGEST_FILE_NAME = 200


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("draft", help="从录音或文字生成工单草稿 / draft one call")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--audio", type=Path, help="录音文件 / a sound file of the caller")
    source.add_argument("--text", help="文字或文字文件，每行一句，可用“坐席：”开头 / words")
    parser.add_argument("--knowledge", type=Path, help="城市资料文件夹 / city's files")
    parser.add_argument("--call-time", help="来电时间 ISO / local time of the call")
    parser.add_argument("--caller", default="", help="来电号码 / caller id")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Draft one call and print it."""
    folder = arguments.knowledge or default_knowledge()
    knowledge = load_knowledge(folder)
    drafter = Drafter.build(knowledge)
    utterances, numbers = _heard(arguments, knowledge, drafter)
    facts = CallFacts(
        _call_time(arguments.call_time), caller_number=arguments.caller, numbers_heard=numbers
    )
    suggestion = drafter.draft(utterances, facts)
    shown = as_json(suggestion)
    shown["utterances"] = [
        {"speaker": u.speaker, "start_ms": u.start_ms, "end_ms": u.end_ms, "text": u.text,
         "confidence": u.confidence} for u in utterances
    ]  # fmt: skip
    print(json.dumps(shown, ensure_ascii=False, indent=1) if arguments.json else plain(suggestion))
    return 0


def as_json(suggestion: DraftSuggestion) -> dict[str, Any]:
    """A suggestion with all its evidence."""
    return {
        "fields": {name: one.as_json() for name, one in suggestion.fields.items()},
        "tripwires": [
            {"kind": w.kind, "label": w.label, "source": w.source.as_json()}
            for w in suggestion.tripwires
        ],
        "question": suggestion.question,
        "others": [as_json(other) for other in suggestion.others],
    }


def plain(suggestion: DraftSuggestion) -> str:
    """A suggestion for a person's eyes."""
    lines = [
        f"{name:<16}{one.value}  ({one.confidence:.0%})" for name, one in suggestion.fields.items()
    ]
    lines += [f"!! {wire.label}：{wire.source.words}" for wire in suggestion.tripwires]
    if suggestion.question:
        lines.append(f"?? {suggestion.question}")
    for number, other in enumerate(suggestion.others, 2):
        lines += [f"--- 第 {number} 件", plain(other)]
    return "\n".join(lines) or "（没有可用的内容）"


def default_knowledge() -> Path:
    """The imported city files, else the default city that ships with the product."""
    settings = load_settings(os.environ)
    imported = settings.state_dir / "knowledge"
    if imported.exists():
        return imported
    return Path(__file__).parents[1] / "seed" / "data"


def _heard(
    arguments: argparse.Namespace, knowledge: Knowledge, drafter: Drafter
) -> tuple[list[Utterance], tuple[NumberHeard, ...]]:
    """The words, and for sound the phone numbers spelt from it."""
    if arguments.audio is None:
        return parse_lines(_given_text(arguments.text)), ()
    if not arguments.audio.is_file():
        raise InputRefused(f"找不到录音文件 {arguments.audio}")
    listener = FileListener(model_folder(), hotwords(knowledge), drafter.possible_names)
    heard = listener.afterwards(samples_of(arguments.audio))
    return list(heard.utterances), heard.numbers


def _given_text(given: str) -> str:
    if given == "-":
        return sys.stdin.read()
    path = Path(given) if len(given) < LONGEST_FILE_NAME else None
    return path.read_text(encoding="utf-8") if path is not None and path.is_file() else given


def parse_lines(text: str) -> list[Utterance]:
    """One utterance a line; a line may say who speaks. Times are made up by length."""
    out: list[Utterance] = []
    at = 0
    for line in text.splitlines():
        words = line.strip()
        if not words:
            continue
        speaker = CALLER
        for name, who in (("坐席", AGENT), ("市民", CALLER), ("agent", AGENT), ("caller", CALLER)):
            for mark in ("：", ":"):
                if words.startswith(name + mark):
                    speaker, words = who, words[len(name) + 1 :].strip()
        length = len(words) * MS_PER_CHARACTER
        out.append(Utterance(speaker, at, at + length, words))
        at += length
    return out


def _call_time(given: str | None) -> datetime:
    if not given:
        return SystemClock().now().astimezone().replace(tzinfo=None)
    try:
        return datetime.fromisoformat(given)
    except ValueError as error:
        raise InputRefused(f"无法读取来电时间 {given}，应为 2026-03-12T19:20") from error
