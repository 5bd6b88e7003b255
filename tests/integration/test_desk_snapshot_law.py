"""The snapshot law: a stale desk plus its events is the same as a fresh desk."""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.actions import agents, calls, drafts, recordings
from core.actions.calls import Arrival, QueueEntry
from core.db.engine import UnitOfWork
from core.domain.agents import AgentState
from core.domain.calls import EndedBy, OfferOutcome
from core.domain.drafts import DraftSuggestion, FieldValue
from core.ids import AgentId, CallId, OfferId
from simulator.desk import SocketDesk, session_for
from tests.support.desk import VAULT, DeskStack, desk_stack

pytestmark = pytest.mark.integration
ZHANG, CALL, OFFER = AgentId("id-zhangmin"), CallId("call-1"), OfferId("offer-1")
REDUCE = Path(__file__).parents[1] / "frontend" / "reduce.mjs"
Step = Callable[[UnitOfWork], Awaitable[object]]


async def now_is(work: UnitOfWork, state: AgentState, **more: Any) -> None:
    await agents.set_agent_state(work, ZHANG, agents.AgentNow(state=state, **more))


async def ready(work: UnitOfWork) -> None:
    await now_is(work, AgentState.READY)


async def ring(work: UnitOfWork) -> None:
    await calls.open_call(work, Arrival(CALL, "main", "12345", "chan", "13862754310"), VAULT)
    await calls.queue_call(work, CALL, QueueEntry("general", menu_path=("main",)))
    await calls.offer_call(work, CALL, ZHANG, OFFER, seconds=20)
    await now_is(work, AgentState.RINGING, call_id=CALL)


async def answer(work: UnitOfWork) -> None:
    await calls.end_offer(work, OFFER, OfferOutcome.ANSWERED)
    await calls.answer_call(work, CALL, ZHANG, agent_channel="a", bridge_id="b")
    await now_is(work, AgentState.TALKING, call_id=CALL)


async def hear(work: UnitOfWork) -> None:
    await recordings.hear_utterance(
        work, CALL, recordings.Heard("caller", 900, 2400, "路灯坏了", 0.9)
    )


async def suggest(work: UnitOfWork) -> None:
    fields = {"case_type": FieldValue("投诉", 0.9), "summary": FieldValue("路灯不亮", 0.8)}
    await drafts.update_draft(work, CALL, DraftSuggestion(fields))


async def hold(work: UnitOfWork) -> None:
    await calls.hold_call(work, CALL, ZHANG)


async def resume(work: UnitOfWork) -> None:
    await calls.resume_call(work, CALL, ZHANG)


async def replace(work: UnitOfWork) -> None:
    better = [recordings.Heard("caller", 900, 2400, "人民路路灯坏了", 0.95)]
    await recordings.replace_transcript(work, CALL, better, engine="whisper")


async def wrap_up(work: UnitOfWork) -> None:
    await calls.start_survey(work, CALL)
    until = work.clock.now() + timedelta(seconds=60)
    await now_is(work, AgentState.WRAP_UP, call_id=CALL, until=until)


async def end(work: UnitOfWork) -> None:
    await calls.end_call(work, CALL, ended_by=EndedBy.AGENT)


async def submit(work: UnitOfWork) -> None:
    draft = await drafts.open_draft(work, CALL)
    await drafts.submit_draft(work, drafts.CaseId(draft.id), actor=ZHANG, vault=VAULT)


STEPS: tuple[Step, ...] = (
    ready, ring, answer, hear, suggest, hold, resume, wrap_up, end, replace, submit, ready,
)  # fmt: skip


class Recorder(SocketDesk):
    """A desk that keeps every message, as the browser gets them."""

    def __init__(self, stack: DeskStack, token: str) -> None:
        super().__init__(gateway=stack.gateway, web=stack.origin, token=token)
        self.messages: list[dict[str, Any]] = []

    async def _take(self, message: dict[str, Any]) -> None:
        if message["type"] in {"snapshot", "event"}:
            self.messages.append(message)
        await super()._take(message)


async def reduced(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """What the browser's own reducer makes of the messages."""
    node = shutil.which("node") or "node"
    process = await asyncio.create_subprocess_exec(
        node, str(REDUCE), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate(json.dumps(messages).encode())
    return dict(json.loads(out))


def without_time(desk: Any) -> dict[str, Any]:
    """Everything but the clock, and the queue's figures, which come half a second later."""
    return {key: desk[key] for key in ("agent", "call", "captions", "drafts", "work")}


async def test_a_stale_desk_and_its_events_are_a_fresh_desk_after_every_step(
    database_url: str, redis_url: str
) -> None:
    async with desk_stack(database_url, redis_url) as stack:
        token = await session_for(stack.database, "zhangmin")
        async with Recorder(stack, token) as desk:
            for step in STEPS:
                async with stack.database.work() as work:
                    await step(work)
                    await work.commit()
                reader = stack.feed._reader
                wanted = without_time(await reader.desk(ZHANG))
                await desk.until(lambda state, w=wanted: without_time(state) == w, seconds=5)
                assert without_time(await reduced(desk.messages)) == wanted, step.__name__
