"""The better hearing after a call: whole audio, all hot words, then the draft once more.

Also what first makes a transcript of calls that had no captions: recovered calls, voicemail,
calls taken while no model was there.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path

from core.actions.recordings import Heard, replace_transcript, set_transcript_state
from core.clock import Clock
from core.db.engine import Database
from core.db.repos.calls import recordings
from core.db.repos.recordings import HEARD_AGAIN, to_transcribe
from core.db.tables.calls import CallRow, RecordingRow
from core.domain.calls import Speaker
from core.errors import HotlineError, NotFound
from core.ids import CallId
from recordings.heard import as_heard
from recordings.keyring import Keyring
from recordings.learning import put_right
from recordings.sealed import SealedFile
from recordings.transcribe.engine import Final, StreamSpec
from recordings.transcribe.whole_pass import Expected, WholePass
from recordings.wav import HEADER_BYTES

_LOG = logging.getLogger(__name__)
_RATE = 8_000
_SPOKEN = frozenset({Speaker.CALLER.value, Speaker.AGENT.value})
_RETRY_SECONDS = 300.0
Drafting = Callable[[CallId], Awaitable[None]]


class SecondPass:
    """`pass_once` hears what waits; one call at a time, it is in nobody's way."""

    def __init__(
        self,
        folder: Path,
        *,
        keyring: Keyring,
        database: Database,
        hearing: WholePass,
        clock: Clock,
        draft: Drafting,
    ) -> None:
        self._folder = folder
        self._keyring = keyring
        self._database = database
        self._hearing = hearing
        self._clock = clock
        self._draft = draft
        self.hotwords: tuple[str, ...] = ()
        self.expected: Expected | None = None
        self.corrections: Mapping[str, str] = {}
        self._not_before: dict[str, float] = {}

    async def pass_once(self) -> int:
        """Hear every call that waits; returns how many were done."""
        async with self._database.work() as work:
            waiting = await to_transcribe(work.session)
        now = self._clock.monotonic()
        due = [call for call in waiting if self._not_before.get(call.id, now) <= now]
        done = 0
        for call in due:
            done += await self._try(call)
        return done

    async def _try(self, call: CallRow) -> bool:
        try:
            await self._hear_call(call)
        except HotlineError as error:
            # one broken file must not stand before all others for ever
            _LOG.warning("second pass failed", extra={"call_id": call.id, "why": error.code})
            self._not_before[call.id] = self._clock.monotonic() + _RETRY_SECONDS
            return False
        self._not_before.pop(call.id, None)
        return True

    async def _hear_call(self, call: CallRow) -> None:
        """Hear, write, draft. Whoever dies in between goes on from what was written."""
        call_id = CallId(call.id)
        if call.transcript_state != HEARD_AGAIN:
            await self._write_anew(call, call_id)
        await self._draft(call_id)
        async with self._database.work() as work:
            await set_transcript_state(work, call_id, "DONE")
            await work.commit()

    async def _write_anew(self, call: CallRow, call_id: CallId) -> None:
        async with self._database.work() as work:
            rows = await recordings(work.session, call_id)
            await set_transcript_state(work, call_id, "WORKING")
            await work.commit()
        finals: list[Heard] = []
        for row in rows:
            if row.speaker in _SPOKEN:
                heard = [as_heard(row.speaker, one) for one in await self._hear(call, row)]
                finals += [put_right(one, self.corrections) for one in heard]
        finals.sort(key=lambda heard: heard.start_ms)
        async with self._database.work() as work:
            await replace_transcript(work, call_id, finals, engine="second_pass", state=HEARD_AGAIN)
            await work.commit()
        _LOG.info("second pass done", extra={"call_id": call_id, "utterances": len(finals)})

    async def _hear(self, call: CallRow, row: RecordingRow) -> Sequence[Final]:
        spec = StreamSpec(
            call_id=call.id,
            speaker=row.speaker,
            rate=_RATE,
            language=call.language,
            hotwords=self.hotwords,
            offset_ms=row.offset_ms,
        )
        path = self._folder / row.path
        if not await asyncio.to_thread(path.is_file):
            raise NotFound("录音文件不存在")
        key = self._keyring.open_key(row.key_id)
        with SealedFile(path, key=key, key_id=row.key_id) as file:
            return await self._hearing.hear(_samples(file), spec, self.expected)


def _samples(file: SealedFile) -> Iterator[bytes]:
    """The file's audio without its header."""
    for number, piece in enumerate(file.pieces()):
        yield piece[HEADER_BYTES:] if number == 0 else piece
