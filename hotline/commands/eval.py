"""`hotline eval DIR`: how well calls become drafts, on a folder of calls whose truth is known."""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.config import load_settings
from core.errors import Unavailable
from hotline.evaluation.compare import Outcome, compare, edit_distance, normal
from hotline.evaluation.corpus import SPOKEN_VARIANTS, VARIANTS, Scenario, read_corpus
from hotline.evaluation.history import history_metrics
from hotline.evaluation.listener import FileListener
from hotline.evaluation.numbers import NumberListener
from hotline.evaluation.report import summary, table, worst
from recordings.drafting.api import CallFacts, Drafter, Utterance, load_knowledge
from recordings.hotwords import hotwords
from recordings.transcribe.models import WHISPER, ModelPlaces, ModelResolver


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("eval", help="用语料评测“语音到工单” / measure words to case")
    parser.add_argument("folder", type=Path, help="语料文件夹 / a corpus folder")
    parser.add_argument("--text", action="store_true", help="只评测真实文本 / true words only")
    parser.add_argument("--history", action="store_true", help="只评测重复与突发 / duplicates only")
    parser.add_argument("--engine", default="whisper", choices=["whisper"])
    parser.add_argument("--variants", default=",".join(VARIANTS))
    parser.add_argument("--only", default="", help="calls: odd, even, or ids with commas")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    knowledge = load_knowledge(arguments.folder)
    result: dict[str, Any] = {"history": history_metrics(arguments.folder, knowledge)}
    if arguments.history:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return 0
    scenarios = [s for s in read_corpus(arguments.folder) if _wanted(s.id, arguments.only)]
    drafter = Drafter.build(knowledge)
    by_text = [
        _measure(s, "text", s.turns, drafter=drafter, facts=CallFacts(s.call_time))
        for s in scenarios
    ]
    result["text"] = summary(by_text)
    outcomes: list[Outcome] = []
    if not arguments.text:
        variants = [v for v in arguments.variants.split(",") if v]
        listener = FileListener(model_folder(), hotwords(knowledge))
        outcomes = _listen(scenarios, variants, drafter, listener)
        result["by_variant"] = {
            v: summary([o for o in outcomes if o.variant == v]) for v in variants
        }
    spoken = [o for o in outcomes if o.variant in SPOKEN_VARIANTS]
    result["spoken"] = summary(spoken) if spoken else {}
    result["worst"] = worst(spoken or by_text)
    print(json.dumps(result, ensure_ascii=False, indent=1) if arguments.json
          else table(result["spoken"], result["text"]))  # fmt: skip
    return 0


def model_folder() -> Path:
    """Where the recogniser's model lies. Raises Unavailable when there is none."""
    settings = load_settings(os.environ)
    places = ModelPlaces(
        models_dir=settings.runtime_dir / "models",
        whisper_dir=settings.whisper_model_dir,
        offline=True,
    )
    found = ModelResolver(places).find(WHISPER, "zh")
    if found.path is None:
        raise Unavailable(f"没有可用的语音模型：{found.reason}")
    return found.path


def _listen(
    scenarios: Sequence[Scenario],
    variants: Sequence[str],
    drafter: Drafter,
    listener: FileListener,
) -> list[Outcome]:
    out: list[Outcome] = []
    numbers = NumberListener(model_folder())
    for variant in variants:
        for scenario in scenarios:
            path = scenario.audio(variant)
            if path is None:
                continue
            print(f"\r{variant} {scenario.id}", end="", file=sys.stderr, flush=True)
            heard = listener.heard(path)
            said = [words for _, words in heard]
            facts = CallFacts(scenario.call_time, numbers_heard=numbers.numbers(heard))
            out.append(_measure(scenario, variant, said, drafter=drafter, facts=facts))
    print(file=sys.stderr)
    return out


def _measure(
    scenario: Scenario,
    variant: str,
    utterances: Sequence[Utterance],
    *,
    drafter: Drafter,
    facts: CallFacts,
) -> Outcome:
    """Draft after each utterance, as in a live call, and judge the last draft."""
    outcome = Outcome(scenario.id, variant)
    suggestion = drafter.draft((), facts)
    for count in range(1, len(utterances) + 1):
        began = time.perf_counter()
        suggestion = drafter.draft(utterances[:count], facts)
        outcome.seconds.append(time.perf_counter() - began)
    said = normal("".join(u.text for u in scenario.turns if u.speaker != "agent"))
    heard = normal("".join(u.text for u in utterances if u.speaker != "agent"))
    outcome.edits, outcome.characters = edit_distance(said, heard), len(said)
    return compare(suggestion, scenario.truth, outcome)


def _wanted(name: str, only: str) -> bool:
    if only in ("odd", "even"):
        digits = "".join(c for c in name if c.isdigit()) or "0"
        return int(digits) % 2 == (only == "odd")
    return not only or name in only.split(",")
