"""One call from the ring to the case, with a citizen, a desk and everything in between."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.clock import Clock, SystemClock
from core.db.engine import Database
from core.db.repos.calls import recordings, transcript
from core.db.repos.cases import drafts_of_call
from core.db.repos.persons import number_to_dial
from core.db.tables.calls import CallRow
from core.db.tables.cases import CaseRow
from core.domain.events import (
    CallAnswered,
    CallArrived,
    CallEnded,
    DraftUpdated,
    Event,
    RecordingStored,
    TranscriptReplaced,
    UtteranceHeard,
)
from core.errors import Unavailable
from core.vault import Vault
from simulator.carrier.network import Carrier, PhoneCall
from simulator.carrier.script import Pause, Press, Stay, Step
from simulator.conversation import talk
from simulator.desk import SocketDesk
from simulator.scenes import Scene
from simulator.watch import Watch

#: The citizen listens to the greeting, presses 2 (complaint), then 1 (city management).
COMPLAINT_KEYS: tuple[Step, ...] = (Pause(2.5), Press("2"), Pause(1.5), Press("1"), Stay())
SETTLE_SECONDS = 20.0
SURVEY_SECONDS = 12.0
STORE_SECONDS = 60.0
BETTER_PASS_SECONDS = 120.0


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What a story is played on. seat: the desk phone's number behind the trunk.

    vault: opens the number that the case keeps sealed; without it the outcome has its mask.
    better_pass_seconds: how long the better words are waited for; then the live ones stand.
    """

    carrier: Carrier
    watch: Watch
    database: Database
    desk: SocketDesk | None = None
    seat: str = ""
    clock: Clock = field(default_factory=SystemClock)
    vault: Vault | None = None
    better_pass_seconds: float = BETTER_PASS_SECONDS


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Who phones whom, what is said, and which mark is given in the end."""

    scene: Scene
    caller_number: str
    did: str = "12345"
    keys: Sequence[Step] = COMPLAINT_KEYS
    mark: str = "1"


@dataclass
class Outcome:
    """What a call left behind; the last line of the demo."""

    call_id: str
    case_no: str | None = None
    case_type: str | None = None
    category: str | None = None
    places: list[str] = field(default_factory=list)
    phone: str | None = None
    department: str | None = None
    transcript: str = ""
    recording_seconds: float = 0.0
    pop_ms: int | None = None
    draft_ms: int | None = None
    call_seconds: float = field(default=0.0, repr=False)

    def shortcomings(self) -> list[str]:
        """What is missing for a whole case; empty when all is there."""
        wanted = {
            "工单号": self.case_no,
            "诉求类型": self.case_type,
            "分类": self.category,
            "地点": self.places,
            "字幕": self.transcript,
        }
        missing = [name for name, value in wanted.items() if not value]
        if abs(self.recording_seconds - self.call_seconds) > 1.0:
            missing.append(
                f"录音长度 {self.recording_seconds:.1f} 秒，通话 {self.call_seconds:.1f} 秒"
            )
        return missing


async def play(stage: Stage, cast: Cast) -> Outcome:
    """Phone in, talk, submit, ask for the mark, hang up, and read what is left.

    Raises TimeoutError when a step does not come, Unavailable when an order is refused.
    """
    known = {event.call_id for event in stage.watch.of(CallArrived)}
    citizen = await stage.carrier.call(cast.did, caller_number=cast.caller_number, script=cast.keys)
    arrived = await stage.watch.until(CallArrived, lambda e: e.call_id not in known)
    call_id = arrived.call_id
    await stage.watch.until(CallAnswered, lambda e: e.call_id == call_id, seconds=300)
    seat = await stage.carrier.last_ring(stage.seat) if stage.seat else None
    await _talk(citizen, seat, cast)
    await _submit_and_leave(stage, call_id)
    await _give_mark(citizen, cast.mark)
    await stage.watch.until(CallEnded, _of(call_id), seconds=STORE_SECONDS)
    outcome = await read(stage, call_id)
    outcome.draft_ms = _draft_ms(stage.watch, arrived)
    return outcome


async def _talk(citizen: PhoneCall, seat: PhoneCall | None, cast: Cast) -> None:
    if not await talk(citizen, seat, cast.scene.turns):
        raise Unavailable("通话提前中断")


async def _submit_and_leave(stage: Stage, call_id: str) -> None:
    """What an agent does in the end; a person at the desk does it himself."""
    if stage.desk is None:
        return
    await stage.desk.until(_draft_is_whole, seconds=SETTLE_SECONDS)
    draft = stage.desk.state["drafts"][0]
    await stage.desk.order("submit_draft", call_id=call_id, case_id=draft["case_id"])
    await stage.desk.order("hang_up", call_id=call_id)


def _draft_is_whole(state: dict[str, Any]) -> bool:
    fields = (state.get("drafts") or [{}])[0].get("fields") or {}
    return all((fields.get(name) or {}).get("value") for name in ("case_type", "summary"))


async def _give_mark(citizen: PhoneCall, mark: str) -> None:
    """Wait a little into the question, press the key; the hotline ends the call."""
    await citizen.do([Pause(2.0), Press(mark), Stay()])
    await citizen.ended(SURVEY_SECONDS + STORE_SECONDS)


async def read(stage: Stage, call_id: str) -> Outcome:
    """The outcome once recordings are stored and the better pass is done (or gave up)."""
    await stage.watch.until(RecordingStored, _of(call_id), seconds=STORE_SECONDS)
    with suppress(TimeoutError):  # then the live captions stand
        await stage.watch.until(TranscriptReplaced, _of(call_id), seconds=stage.better_pass_seconds)
    number = ""
    async with stage.database.sessions() as session:
        call = await session.get_one(CallRow, call_id)
        cases = await drafts_of_call(session, call_id)
        if cases and stage.vault is not None:
            number = await number_to_dial(session, cases[0].id, stage.vault)
        said = await transcript(session, call_id)
        stored = await recordings(session, call_id)
    outcome = Outcome(call_id)
    outcome.transcript = "\n".join(f"{row.speaker}: {row.text}" for row in said)
    outcome.recording_seconds = max((row.seconds for row in stored), default=0.0)
    if call.ended_at is not None:
        outcome.call_seconds = (call.ended_at - call.started_at).total_seconds()
    if cases:
        _read_case(outcome, cases[0])
        outcome.phone = number or outcome.phone
    if stage.desk is not None and call.queued_at is not None and call_id in stage.desk.pops:
        waited = stage.desk.pops[call_id] - call.queued_at
        outcome.pop_ms = round(waited.total_seconds() * 1000)
    return outcome


def _read_case(outcome: Outcome, case: CaseRow) -> None:
    def value(name: str) -> Any:
        return (case.fields.get(name) or {}).get("value")

    outcome.case_no = case.number
    outcome.case_type = value("case_type")
    category = value("category")
    outcome.category = "/".join(category) if isinstance(category, list) else category
    outcome.places = [str(place) for place in value("places") or []]
    outcome.phone = case.phone_mask or value("phone")
    outcome.department = value("department")


def _draft_ms(watch: Watch, arrived: CallArrived) -> int | None:
    """From the end of the citizen's last words to the change that they made to the draft.

    The last utterance that changed nothing ("thank you") has no such instant.
    """
    start, last, heard = datetime.fromisoformat(arrived.at), None, None
    for at, event in watch.seen:
        if getattr(event, "call_id", None) != arrived.call_id:
            continue
        if isinstance(event, UtteranceHeard):
            heard = event if event.speaker == "caller" else None
        elif isinstance(event, DraftUpdated) and event.actor == "machine" and heard is not None:
            last, heard = at - start - timedelta(milliseconds=heard.end_ms), None
    return None if last is None else round(last.total_seconds() * 1000)


def _of(call_id: str) -> Any:
    def holds(event: Event) -> bool:
        return getattr(event, "call_id", None) == call_id

    return holds
