"""Tests every engine at the start with words of our own voice menu, and writes down what it heard.

The administrator sees which engine and model serve a language, why, and how well they hear.
"""

import asyncio
import logging
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.actions.speech import EngineReport, report_engines
from core.clock import Clock
from core.db.engine import Database
from core.errors import HotlineError
from recordings.engines import Engines, role_of
from recordings.transcribe.audio import as_pcm, read_file
from recordings.transcribe.engine import SAMPLE_RATE, StreamSpec
from recordings.transcribe.models import FoundModel
from recordings.transcribe.whole_pass import WholePass

_LOG = logging.getLogger(__name__)
_PROMPT = "agents_busy"
_PIECE = 3_200
_PATIENCE_SECONDS = 120.0
_MOST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class KnownAudio:
    """Audio whose words are known."""

    text: str
    path: Path

    def pieces(self) -> Iterator[bytes]:
        """The audio as an engine is fed it, with a moment of silence after the words."""
        pcm = as_pcm(read_file(self.path)) + bytes(SAMPLE_RATE)
        return (pcm[at : at + _PIECE] for at in range(0, len(pcm), _PIECE))


def known_audio(prompts_dir: Path, language: str) -> KnownAudio | None:
    """A sentence of the voice menu in this language, where it has one."""
    path = prompts_dir / language / f"{_PROMPT}.wav"
    catalogue = prompts_dir / "catalogue.toml"
    if not path.is_file() or not catalogue.is_file():
        return None
    prompts = tomllib.loads(catalogue.read_text(encoding="utf-8"))["prompts"]
    text = prompts.get(_PROMPT, {}).get(language)
    return KnownAudio(str(text), path) if text else None


def character_errors(heard: str, said: str) -> float:
    """Share of the said letters that were heard wrongly: 0 is perfect, 1 nothing right."""
    one, other = _letters(heard), _letters(said)
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for at, wanted in enumerate(other, 1):
            cost = before + (letter != wanted)
            before = row[at]
            row[at] = min(row[at] + 1, row[at - 1] + 1, cost)
    return min(1.0, row[-1] / max(1, len(other)))


class SelfTest:
    """`run` once after the start; a test that fails is a finding, not an error of ours.

    The engines may still be loading: what is asked of them waits.
    """

    def __init__(
        self,
        engines: Engines,
        models: Sequence[FoundModel],
        *,
        database: Database,
        clock: Clock,
        prompts_dir: Path,
    ) -> None:
        self._engines = engines
        self._models = models
        self._database = database
        self._clock = clock
        self._prompts_dir = prompts_dir

    async def run(self) -> None:
        """First say what there is, then test it, one engine after the other."""
        reports = [self._report(model) for model in self._models]
        await self._tell(reports)
        for number, model in enumerate(self._models):
            engine = self._engines.tests.get((model.engine, model.language))
            known = known_audio(self._prompts_dir, model.language)
            if engine is not None and known is not None:
                reports[number] = await self._test(reports[number], engine, known)
                await self._tell(reports)

    def _report(self, model: FoundModel) -> EngineReport:
        role = role_of(self._engines, model)
        unused = "设置 speech_engine 没有选用" if model.path is not None and role == "NONE" else ""
        return EngineReport(
            engine=model.engine,
            language=model.language,
            model=model.path.name if model.path else "",
            source=model.source,
            reason=model.reason or unused,
            role=role,
        )

    async def _test(
        self, report: EngineReport, engine: WholePass, known: KnownAudio
    ) -> EngineReport:
        began = self._clock.monotonic()
        spec = StreamSpec("self-test", "caller", SAMPLE_RATE, report.language)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                heard = "".join(one.text for one in await engine.hear(known.pieces(), spec))
        except (HotlineError, OSError, TimeoutError) as error:
            _LOG.warning("speech self-test failed", extra={"why": type(error).__name__})
            return report.with_test("", 1.0, self._clock.monotonic() - began)
        error_rate = character_errors(heard, known.text)
        facts = {"engine": report.engine, "language": report.language, "error": error_rate}
        _LOG.info("speech self-test done", extra=facts)
        return report.with_test(heard[:_MOST_SHOWN], error_rate, self._clock.monotonic() - began)

    async def _tell(self, reports: Sequence[EngineReport]) -> None:
        async with self._database.work() as work:
            await report_engines(work, reports)
            await work.commit()


def _letters(text: str) -> list[str]:
    return [sign for sign in text.lower() if sign.isalnum()]
