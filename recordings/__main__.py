"""Composition root of capture, captions, drafts and recordings: `python -m recordings`."""

import asyncio
import logging
import os
import signal
from collections.abc import Iterable
from contextlib import AsyncExitStack

from sqlalchemy.exc import SQLAlchemyError

from core import logs
from core.asterisk.ari_client import AriClient
from core.clock import SystemClock
from core.config import Settings, load_settings
from core.db.engine import Database, make_engine
from core.domain.draft_events import CorrectionDecided, KnowledgeImported
from core.domain.drafts import DraftSuggestion
from core.domain.events import Event
from core.events.connection import connect_redis
from core.events.redis_bus import RedisBus
from core.events.relay import Relay
from core.liveness import announce_ready, health_page
from core.vault import Vault
from recordings.api import keyring_of
from recordings.captions import Captions
from recordings.capture import Capture
from recordings.draft_runner import DraftRunner
from recordings.drafting.api import CallFacts, Drafter, Utterance
from recordings.engines import build_engines
from recordings.hotwords import hotwords
from recordings.knowledge_source import knowledge_of_city
from recordings.learning import learnt_so_far, with_aliases
from recordings.live_calls import live_calls
from recordings.loops import Bell, follow_calls, keep_tidy, listen_for_events, repeat
from recordings.media_server import MediaServer
from recordings.reconciler import Places, Reconciler
from recordings.same_trouble import OpenMatters, SameTrouble
from recordings.second_pass import SecondPass
from recordings.self_test import SelfTest
from recordings.store import RecordingStore
from recordings.taps import Taps
from recordings.transcribe.models import ModelPlaces, ModelResolver

_LOG = logging.getLogger(__name__)
_APP = "recordings"
#: Name of Asterisk's websocket client configuration (deploy/asterisk).
_CONNECTION = "recorder"
_PASS_SECONDS = 15.0
_DAY_SECONDS = 86_400.0


def languages_of(settings: Settings) -> tuple[str, ...]:
    """The languages whose models are looked for; the voice menu's keys choose among them."""
    return tuple(dict.fromkeys(filter(None, map(str.strip, settings.speech_languages.split(",")))))


class Parts:
    """Everything of this process, built from the settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock()
        self.vault = Vault(bytes.fromhex(settings.master_key))
        self.redis = connect_redis(settings.redis_url)
        self.bus = RedisBus(self.redis)
        self.relay = Relay(self.bus, self.clock)
        engine = make_engine(settings.database_url)
        self.database = Database(engine, publish=self.relay.publish, clock=self.clock)
        self.ari = AriClient(
            url=settings.ari_url,
            user=settings.ari_user,
            password=settings.ari_password,
            app=_APP,
        )
        self.talk, self.over, self.news = Bell(), Bell(), Bell()
        self.drafter: Drafter | None = None
        self.media = MediaServer()
        self.taps = Taps(self.ari, connection=_CONNECTION)
        self._build_speech()
        self._build_storage()

    def _build_speech(self) -> None:
        settings = self.settings
        resolver = ModelResolver(
            ModelPlaces(
                models_dir=settings.runtime_dir / "models",
                whisper_dir=settings.whisper_model_dir,
                vosk_dir=settings.vosk_model_dir,
                offline=True,  # set-up downloads; a running hotline never does
            )
        )
        models = resolver.report(languages_of(settings))
        self.engines = build_engines(
            models,
            wanted=settings.speech_engine,
            workers=settings.speech_workers,
            clock=self.clock,
        )
        self.self_test = SelfTest(
            self.engines,
            models,
            database=self.database,
            clock=self.clock,
            prompts_dir=settings.prompts_dir,
        )
        self.matters = OpenMatters(self.database, self.clock)
        self.drafts = DraftRunner(
            compare=SameTrouble(self.database, self.matters).suggest,
            database=self.database,
            vault=self.vault,
            drafter=lambda: self.drafter or _NOTHING,
            clock=self.clock,
        )
        self.captions = Captions(database=self.database, bus=self.bus, drafts=self.drafts)
        self.capture = Capture(
            taps=self.taps,
            media=self.media,
            transcriber=self.engines.live,
            captions=self.captions,
            clock=self.clock,
        )

    def _build_storage(self) -> None:
        settings = self.settings
        keyring = keyring_of(settings.recordings_dir, self.vault)
        store = RecordingStore(
            settings.recordings_dir,
            keyring=keyring,
            database=self.database,
            clock=self.clock,
            months=settings.recording_months,
        )
        self.reconciler = Reconciler(
            Places(settings.spool_dir / "calls", settings.spool_dir / "journal"),
            store=store,
            database=self.database,
            vault=self.vault,
            clock=self.clock,
            live_calls=lambda: live_calls(self.ari),
        )
        self.second_pass = (
            SecondPass(
                settings.recordings_dir,
                keyring=keyring,
                database=self.database,
                hearing=self.engines.whole,
                clock=self.clock,
                draft=self.drafts.draft,
            )
            if self.engines.whole is not None
            else None
        )

    async def learn_city(self) -> None:
        """Read the city's knowledge and train the small model; some seconds in a thread."""
        async with self.database.work() as work:
            learnt = await learnt_so_far(work.session)
            knowledge = with_aliases(await knowledge_of_city(work.session), learnt)
        words = tuple(dict.fromkeys((*hotwords(knowledge), *learnt.hotwords)))
        self.capture.hotwords = words
        self.captions.corrections = learnt.words
        if self.second_pass is not None:
            self.second_pass.hotwords = words
            self.second_pass.corrections = learnt.words
        self.drafter = await asyncio.to_thread(Drafter.build, knowledge)
        if self.second_pass is not None:
            self.second_pass.expected = self.drafter.possible_names
        _LOG.info("drafting ready", extra={"places": len(knowledge.places), "hotwords": len(words)})

    def _take_event(self, event: Event) -> None:
        self.matters.take(event)
        if isinstance(event, KnowledgeImported | CorrectionDecided):
            self.news.ring()

    async def serve(self, stop: asyncio.Event) -> None:
        """All loops, until told to stop; taps are closed before the engines are."""
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self.ari.run(), name="ari"),
                group.create_task(keep_tidy(self.ari, self.taps, self.capture, self.talk)),
                group.create_task(self.relay.run(self.database), name="relay"),
                group.create_task(
                    listen_for_events(
                        self.bus, talk=self.talk, over=self.over, take=self._take_event
                    ),
                    name="events",
                ),
                group.create_task(self.engines.run(), name="engines"),
                group.create_task(follow_calls(self.capture, self.database, self.talk)),
                group.create_task(
                    repeat(
                        "reconciler", self.reconciler.pass_once, bell=self.over,
                        seconds=_PASS_SECONDS,
                    )
                ),
                group.create_task(self._after_learning(), name="drafting"),
                group.create_task(self._test_speech(), name="self-test"),
            ]  # fmt: skip
            announce_ready()
            await self.capture.run(stop)
            for task in tasks:
                task.cancel()

    async def _after_learning(self) -> None:
        """Drafts and the second pass wait for the city's knowledge; captions do not."""
        await self.learn_city()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._learn_again(), name="learning")
            group.create_task(self.drafts.run(), name="drafts")
            if self.second_pass is not None:
                group.create_task(
                    repeat("second_pass", self.second_pass.pass_once, bell=Bell(), seconds=3.0)
                )

    async def _test_speech(self) -> None:
        """A database that is away is no reason to stop."""
        try:
            await self.self_test.run()
        except (SQLAlchemyError, OSError) as error:
            _LOG.warning("self-test not stored", extra={"why": type(error).__name__})

    async def _learn_again(self) -> None:
        """A file was imported or a correction decided: the next call is read with it.

        Once a day in any case: the cases confirmed since teach the small model.
        """
        await self.news.wait(_DAY_SECONDS)
        await repeat("learning", self.learn_city, bell=self.news, seconds=_DAY_SECONDS)


class _EmptyDrafter:
    """Before the city is known there is nothing to suggest."""

    def draft(self, utterances: Iterable[Utterance], facts: CallFacts) -> DraftSuggestion:
        del utterances, facts
        return DraftSuggestion(fields={})


_NOTHING = _EmptyDrafter()


async def main() -> None:
    """Serve until told to stop."""
    settings = load_settings(os.environ)
    logs.set_up("recordings", level=settings.log_level)
    parts = Parts(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(parts.ari)
        media = await parts.media.listen(settings.host, settings.port("media"))
        _ = await stack.enter_async_context(media)
        checks = {
            "asterisk": lambda: parts.ari.is_connected,
            "speech": lambda: parts.engines.ready,
        }
        await stack.enter_async_context(
            health_page(settings.host, settings.port("metrics_recordings"), checks)
        )
        await parts.serve(stop)
    await parts.redis.aclose()
    await parts.database.engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
