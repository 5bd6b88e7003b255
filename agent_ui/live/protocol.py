"""The closed set of messages a desk may send, and the envelope of those it receives.

A message that is not exactly one of these is refused with a reason; the socket stays open.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from types import MappingProxyType
from typing import ClassVar, Literal, get_args, get_origin, get_type_hints

from agent_ui.live.draft_messages import DRAFT_MESSAGES
from agent_ui.live.message import CallMessage as CallMessage  # noqa: PLC0414 - taken from here
from agent_ui.live.message import ClientMessage as ClientMessage  # noqa: PLC0414
from core.errors import InputRefused

MAX_MESSAGE_BYTES = 96 * 1024
MAX_TEXT = 20_000
MAX_NUMBER = 3_600
MAX_ID = 64
PauseReason = Literal["BREAK", "MEAL", "TRAINING", "BACK_OFFICE"]
EmergencyNumber = Literal["110", "119", "120", "122"]


class MessageRefused(InputRefused):
    """A socket message of the wrong shape."""

    code = "message_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(ClientMessage):
    """Measures the way there and back, and sets the browser's clock."""

    type: ClassVar[str] = "ping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resync(ClientMessage):
    """The browser noticed a gap and wants a fresh snapshot."""

    type: ClassVar[str] = "resync"


@dataclass(frozen=True, slots=True, kw_only=True)
class PopSeen(CallMessage):
    """The screen-pop of this offer is on the screen."""

    type: ClassVar[str] = "pop_seen"
    offer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoReady(ClientMessage):
    """The agent takes calls from now on; the browser's own tests have passed."""

    type: ClassVar[str] = "go_ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(ClientMessage):
    """The agent takes no calls for a stated reason."""

    type: ClassVar[str] = "pause"
    reason: PauseReason = "BREAK"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOut(ClientMessage):
    """The agent's shift at this desk is over."""

    type: ClassVar[str] = "sign_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline(CallMessage):
    """The offered call goes to the next agent; this one is not ready."""

    type: ClassVar[str] = "decline"
    offer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(CallMessage):
    """The caller hears music."""

    type: ClassVar[str] = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(CallMessage):
    """Back to the caller."""

    type: ClassVar[str] = "resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute(CallMessage):
    """The caller does not hear the agent's desk phone."""

    type: ClassVar[str] = "mute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmute(CallMessage):
    """The caller hears the agent's desk phone again."""

    type: ClassVar[str] = "unmute"


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp(CallMessage):
    """The talk is over; the caller is led on to the survey."""

    type: ClassVar[str] = "hang_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consult(CallMessage):
    """Hold the caller and ring somebody to ask."""

    type: ClassVar[str] = "consult"
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreeWay(CallMessage):
    """Join caller, agent and the consulted party."""

    type: ClassVar[str] = "three_way"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndConsult(CallMessage):
    """Let the consulted party go and return to the caller."""

    type: ClassVar[str] = "end_consult"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(CallMessage):
    """Give the call to the party that was consulted, or to the target named."""

    type: ClassVar[str] = "transfer"
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency(CallMessage):
    """Ring an emergency service into the call, which stays together until it answers."""

    type: ClassVar[str] = "emergency"
    service: EmergencyNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorMessage(ClientMessage):
    """A message of somebody who may look after other people's calls and desks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen(SupervisorMessage):
    """The supervisor's phone rings and hears both; nobody hears it."""

    type: ClassVar[str] = "listen"
    call_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisper(SupervisorMessage):
    """The same, heard by the agent alone."""

    type: ClassVar[str] = "whisper"
    call_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BargeIn(SupervisorMessage):
    """The same, heard by both."""

    type: ClassVar[str] = "barge_in"
    call_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopListening(SupervisorMessage):
    """The supervisor leaves the call."""

    type: ClassVar[str] = "stop_listening"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForceNotReady(SupervisorMessage):
    """No further call for this agent until ready again; a talk is left alone."""

    type: ClassVar[str] = "force_not_ready"
    agent_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForceSignOut(SupervisorMessage):
    """This agent is signed out, after the talk if there is one."""

    type: ClassVar[str] = "force_sign_out"
    agent_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelCallback(SupervisorMessage):
    """A callback that waits is struck off."""

    type: ClassVar[str] = "cancel_callback"
    callback_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishWrapUp(ClientMessage):
    """The after-call work is done; ready for the next call."""

    type: ClassVar[str] = "finish_wrap_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendWrapUp(ClientMessage):
    """The after-call work needs this many seconds more."""

    type: ClassVar[str] = "extend_wrap_up"
    seconds: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOut(CallMessage):
    """Say the case number to the caller."""

    type: ClassVar[str] = "read_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSoftphone(ClientMessage):
    """Asks for the credentials of this log-in's telephone endpoint."""

    type: ClassVar[str] = "open_softphone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reattach(CallMessage):
    """The browser came back in mid-call and its telephone is registered again."""

    type: ClassVar[str] = "reattach"


MESSAGES: Mapping[str, type[ClientMessage]] = MappingProxyType(
    {
        kind.type: kind
        for kind in (
            Ping, Resync, PopSeen, GoReady, Pause, SignOut, Decline, Hold, Resume, HangUp,
            Mute, Unmute, Emergency, Listen, Whisper, BargeIn, StopListening, ForceNotReady,
            ForceSignOut, CancelCallback,
            Consult, ThreeWay, EndConsult, Transfer, FinishWrapUp, ExtendWrapUp, ReadOut,

            OpenSoftphone, Reattach,
            *DRAFT_MESSAGES,
        )
    }
)  # fmt: skip


def decode(raw: str | bytes) -> ClientMessage:
    """Read one message of a desk. Raises MessageRefused with a sentence for the agent."""
    if isinstance(raw, bytes):
        raise MessageRefused("消息必须是文本")
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise MessageRefused("消息不是有效的 JSON") from error
    if not isinstance(data, dict):
        raise MessageRefused("消息必须是一个对象")
    kind = MESSAGES.get(str(data.pop("type", "")))
    if kind is None:
        raise MessageRefused("未知的消息类型", request_id=_request_id(data))
    return _build(kind, data)


def _build(kind: type[ClientMessage], data: dict[str, object]) -> ClientMessage:
    known = {field.name: field for field in fields(kind)}
    request_id = _request_id(data)
    surplus = sorted(data.keys() - known.keys())
    if surplus:
        raise MessageRefused("消息含有未知的字段", fields=surplus, request_id=request_id)
    hints = get_type_hints(kind)
    for name, field in known.items():
        if name not in data and field.default is MISSING:
            raise MessageRefused("消息缺少字段", fields=[name], request_id=request_id)
        if name in data and not _fits(data[name], hints[name]):
            raise MessageRefused("消息字段的值不对", fields=[name], request_id=request_id)
    return kind(**data)  # type: ignore[arg-type]  # each value was checked against its type above


def _fits(value: object, expected: object) -> bool:
    if get_origin(expected) is Literal:
        return value in get_args(expected)
    if expected is int:
        # True is an int to Python, not to a desk.
        return type(value) is int and 0 < value <= MAX_NUMBER
    return isinstance(value, str) and len(value) <= MAX_TEXT


def _request_id(data: Mapping[str, object]) -> str:
    value = data.get("id", "")
    return value if isinstance(value, str) and len(value) <= MAX_ID else ""


def snapshot(seq: int, state: Mapping[str, object]) -> str:
    """The whole state of one desk."""
    return _encode({"type": "snapshot", "seq": seq, "state": state})


def event(seq: int, body: Mapping[str, object]) -> str:
    """One numbered change of one desk."""
    return _encode({"type": "event", "seq": seq, "event": body})


def result(request_id: str, data: Mapping[str, object] | None = None) -> str:
    """The message was taken; what it changes comes as events."""
    return _encode({"type": "result", "id": request_id, "ok": True, "data": data or {}})


def refusal(request_id: str, code: str, message: str) -> str:
    """The message was not taken, and why."""
    body = {"type": "result", "id": request_id, "ok": False, "code": code, "message": message}
    return _encode(body)


def pong(request_id: str, server_time: str) -> str:
    """The answer to a ping."""
    return _encode({"type": "pong", "id": request_id, "server_time": server_time})


def _encode(body: Mapping[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
