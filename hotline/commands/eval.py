"""`hotline eval DIR`: how well calls become drafts, on a folder of calls whose truth is known."""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.config import load_settings
from core.errors import Unavailable
from hotline.evaluation.compare import Outcome, compare, edit_distance, normal
from hotline.evaluation.corpus import SPOKEN_VARIANTS, VARIANTS, Scenario, read_corpus
from hotline.evaluation.history import history_metrics
from hotline.evaluation.listener import FileListener, Heard, samples_of
from hotline.evaluation.report import summary, table, worst
from recordings.drafting.api import AGENT, CallFacts, Drafter, Knowledge, load_knowledge
from recordings.hotwords import hotwords
from recordings.transcribe.engine import BYTES_PER_SAMPLE, SAMPLE_RATE
from recordings.transcribe.models import WHISPER, ModelPlaces, ModelResolver

BYTES_A_SECOND = SAMPLE_RATE * BYTES_PER_SAMPLE
#: The voice that stands for a bad line: nearly unintelligible even for people.
BAD_LINE = "zf_xiaoni"


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
    folder = None if arguments.text else model_folder()
    hearing = _Hearing(drafter, _listener(folder, knowledge, drafter))
    by_text = [hearing.text(one) for one in scenarios]
    result |= {"text": summary(by_text), "spoken": {}, "by_variant": {}, "worst": worst(by_text)}
    if folder is not None:
        variants = [v for v in arguments.variants.split(",") if v]
        result |= _spoken(*_listen(scenarios, variants, hearing), variants)
    print(json.dumps(result, ensure_ascii=False, indent=1) if arguments.json
          else table(result))  # fmt: skip
    return 0


def _spoken(
    live: Sequence[Outcome], last: Sequence[Outcome], variants: Sequence[str]
) -> dict[str, Any]:
    """The metrics of what was heard: after the second pass, and by the live captions alone."""
    phoned = [o for o in last if o.variant in SPOKEN_VARIANTS]
    good_line = [o for o in phoned if o.voice != BAD_LINE]
    return {
        "spoken": summary(phoned),
        "spoken_without_bad_line": summary(good_line),
        "live": summary([o for o in live if o.variant in SPOKEN_VARIANTS]),
        "by_variant": {v: summary([o for o in last if o.variant == v]) for v in variants},
        "worst": worst(phoned or last),
    }


def _listener(folder: Path | None, knowledge: Knowledge, drafter: Drafter) -> FileListener | None:
    if folder is None:
        return None
    return FileListener(folder, hotwords(knowledge), drafter.possible_names)


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


@dataclass(frozen=True)
class _Hearing:
    """Everything needed to hear and draft a corpus."""

    drafter: Drafter
    listener: FileListener | None

    def outcomes(self, scenario: Scenario, variant: str, path: Path) -> tuple[Outcome, Outcome]:
        """One call: judged by its live captions, and after the second pass."""
        if self.listener is None:
            raise Unavailable("没有可用的语音模型")
        pcm = samples_of(path)
        captions = self.listener.live(pcm)
        live = self._measure(scenario, variant, captions)
        began = time.process_time()
        whole = self.listener.afterwards(pcm)
        last = self._measure(scenario, variant, whole)
        last.second_pass = (time.process_time() - began) / max(0.1, len(pcm) / BYTES_A_SECOND)
        last.seconds = live.seconds
        return live, last

    def text(self, scenario: Scenario) -> Outcome:
        """One call with its true words."""
        return self._measure(scenario, "text", Heard(scenario.turns))

    def _measure(self, scenario: Scenario, variant: str, heard: Heard) -> Outcome:
        """Draft after each utterance, as in a running call, and judge the last draft."""
        outcome = Outcome(scenario.id, variant, scenario.voice)
        facts = CallFacts(scenario.call_time, numbers_heard=heard.numbers)
        suggestion = self.drafter.draft((), facts)
        repeated = range(1, len(heard.utterances) + 1)
        for count in repeated if not heard.numbers else repeated[-1:]:
            began = time.perf_counter()
            suggestion = self.drafter.draft(heard.utterances[:count], facts)
            outcome.seconds.append(time.perf_counter() - began)
        said = normal("".join(u.text for u in scenario.turns if u.speaker != AGENT))
        found = normal("".join(u.text for u in heard.utterances if u.speaker != AGENT))
        outcome.edits, outcome.characters = edit_distance(said, found), len(said)
        return compare(suggestion, scenario.truth, outcome)


def _listen(
    scenarios: Sequence[Scenario], variants: Sequence[str], hearing: _Hearing
) -> tuple[list[Outcome], list[Outcome]]:
    """Outcomes of the live captions and of the second pass."""
    live: list[Outcome] = []
    last: list[Outcome] = []
    for variant in variants:
        for scenario in scenarios:
            path = scenario.audio(variant)
            if path is None:
                continue
            print(f"\r{variant} {scenario.id}", end="", file=sys.stderr, flush=True)
            one, other = hearing.outcomes(scenario, variant, path)
            live.append(one)
            last.append(other)
    print(file=sys.stderr)
    return live, last


def _wanted(name: str, only: str) -> bool:
    if only in ("odd", "even"):
        digits = "".join(c for c in name if c.isdigit()) or "0"
        return int(digits) % 2 == (only == "odd")
    return not only or name in only.split(",")
