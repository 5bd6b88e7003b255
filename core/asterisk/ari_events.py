"""Turns Asterisk's event JSON into typed events; the unknown is kept, the malformed refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.asterisk.snapshots import Bridge, Channel, Playback, Recording

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AriEvent:
    """Anything that came over the event socket, or is said about it."""

    application: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected(AriEvent):
    """The event socket stands: compare your calls with the lists before trusting events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnected(Connected):
    """It stands again after a gap: whatever happened in between was not told and never will be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected(AriEvent):
    """The event socket is lost: REST may still work, new calls go to the next rung."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEvent(AriEvent):
    """Anything that happened to one channel."""

    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class StasisStart(ChannelEvent):
    """A channel entered our application with these arguments."""

    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StasisEnd(ChannelEvent):
    """A channel left our application: hung up, moved or sent back into the dialplan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCreated(ChannelEvent):
    """A channel came to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDestroyed(ChannelEvent):
    """A channel is gone; `cause` is the Q.850 number (16 normal, 17 busy, 19 no answer)."""

    cause: int = 0
    cause_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHangupRequest(ChannelEvent):
    """The far end (or somebody) asked to hang up."""

    cause: int = 0
    soft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStateChange(ChannelEvent):
    """Down, Ring, Ringing, Up, Busy: see channel.state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDtmfReceived(ChannelEvent):
    """A key was pressed and let go."""

    digit: str
    duration_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHold(ChannelEvent):
    """The phone at the far end put us on hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelUnhold(ChannelEvent):
    """The phone at the far end took us back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelVarset(AriEvent):
    """A variable was set; `channel` is missing for a global one."""

    variable: str
    value: str
    channel: Channel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelUserevent(AriEvent):
    """The dialplan's UserEvent() said something."""

    eventname: str
    fields: Mapping[str, str] = field(default_factory=dict)
    channel: Channel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEnteredBridge(ChannelEvent):
    """A channel joined a bridge."""

    bridge: Bridge


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLeftBridge(ChannelEvent):
    """A channel left a bridge."""

    bridge: Bridge


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeEvent(AriEvent):
    """Anything that happened to one bridge."""

    bridge: Bridge


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeCreated(BridgeEvent):
    """A bridge came to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeDestroyed(BridgeEvent):
    """A bridge is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial(AriEvent):
    """How far a dialled leg is: dialstatus is "", RINGING, ANSWER, BUSY, NOANSWER, CANCEL ..."""

    peer: Channel
    dialstatus: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackStarted(AriEvent):
    """A sound (or the next of a list: see PlaybackContinuing) began."""

    playback: Playback


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackContinuing(AriEvent):
    """The next sound of a list began."""

    playback: Playback


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackFinished(AriEvent):
    """All sounds were played (state "done"), stopped, or could not be played ("failed")."""

    playback: Playback


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFinished(AriEvent):
    """A recording made through ARI is complete."""

    recording: Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFailed(AriEvent):
    """A recording made through ARI failed."""

    recording: Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationMoveFailed(ChannelEvent):
    """The application a channel was to move to is not there; the channel stayed with us."""

    destination: str = ""
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationReplaced(AriEvent):
    """Another process took our application's name; our socket gets nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointStateChange(AriEvent):
    """An endpoint became reachable or not."""

    technology: str
    resource: str
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherEvent(AriEvent):
    """A kind we have no use for yet."""

    kind: str
    raw: Json = field(default_factory=dict)


def _channel(raw: Json) -> dict[str, Any]:
    return {"channel": Channel.read(raw["channel"])}


def _maybe_channel(raw: Json) -> Channel | None:
    return Channel.read(raw["channel"]) if raw.get("channel") else None


def _hangup(raw: Json) -> dict[str, Any]:
    return {
        **_channel(raw),
        "cause": int(raw.get("cause", 0)),
        "soft": bool(raw.get("soft", False)),
    }


def _userevent(raw: Json) -> dict[str, Any]:
    fields = {str(key): str(value) for key, value in dict(raw.get("userevent", {})).items()}
    name = str(raw["eventname"])
    return {"eventname": name, "fields": fields, "channel": _maybe_channel(raw)}


def _endpoint(raw: Json) -> dict[str, Any]:
    endpoint = raw["endpoint"]
    return {
        "technology": str(endpoint["technology"]),
        "resource": str(endpoint["resource"]),
        "state": str(endpoint.get("state", "")),
    }


def _bridge(raw: Json) -> dict[str, Any]:
    return {"bridge": Bridge.read(raw["bridge"])}


def _playback(raw: Json) -> dict[str, Any]:
    return {"playback": Playback.read(raw["playback"])}


def _recording(raw: Json) -> dict[str, Any]:
    return {"recording": Recording.read(raw["recording"])}


def _args(raw: Json) -> tuple[str, ...]:
    return tuple(str(arg) for arg in raw.get("args", []))


Reader = Callable[[Json], dict[str, Any]]

KINDS: dict[str, tuple[type[AriEvent], Reader]] = {
    "StasisStart": (StasisStart, lambda raw: {**_channel(raw), "args": _args(raw)}),
    "StasisEnd": (StasisEnd, _channel),
    "ChannelCreated": (ChannelCreated, _channel),
    "ChannelDestroyed": (
        ChannelDestroyed,
        lambda raw: {
            **_channel(raw),
            "cause": int(raw.get("cause", 0)),
            "cause_text": str(raw.get("cause_txt", "")),
        },
    ),
    "ChannelHangupRequest": (ChannelHangupRequest, _hangup),
    "ChannelStateChange": (ChannelStateChange, _channel),
    "ChannelDtmfReceived": (
        ChannelDtmfReceived,
        lambda raw: {
            **_channel(raw),
            "digit": str(raw["digit"]),
            "duration_ms": int(raw.get("duration_ms", 0)),
        },
    ),
    "ChannelHold": (ChannelHold, _channel),
    "ChannelUnhold": (ChannelUnhold, _channel),
    "ChannelVarset": (
        ChannelVarset,
        lambda raw: {
            "variable": str(raw["variable"]),
            "value": str(raw.get("value", "")),
            "channel": _maybe_channel(raw),
        },
    ),
    "ChannelUserevent": (ChannelUserevent, _userevent),
    "ChannelEnteredBridge": (ChannelEnteredBridge, lambda raw: {**_channel(raw), **_bridge(raw)}),
    "ChannelLeftBridge": (ChannelLeftBridge, lambda raw: {**_channel(raw), **_bridge(raw)}),
    "BridgeCreated": (BridgeCreated, _bridge),
    "BridgeDestroyed": (BridgeDestroyed, _bridge),
    "Dial": (
        Dial,
        lambda raw: {
            "peer": Channel.read(raw["peer"]),
            "dialstatus": str(raw.get("dialstatus", "")),
        },
    ),
    "PlaybackStarted": (PlaybackStarted, _playback),
    "PlaybackContinuing": (PlaybackContinuing, _playback),
    "PlaybackFinished": (PlaybackFinished, _playback),
    "RecordingFinished": (RecordingFinished, _recording),
    "RecordingFailed": (RecordingFailed, _recording),
    "ApplicationMoveFailed": (
        ApplicationMoveFailed,
        lambda raw: {
            **_channel(raw),
            "destination": str(raw.get("destination", "")),
            "args": _args(raw),
        },
    ),
    "ApplicationReplaced": (ApplicationReplaced, lambda raw: {}),  # noqa: ARG005
    "EndpointStateChange": (EndpointStateChange, _endpoint),
}


class EventMalformed(ValueError):
    """The JSON is no event, or lacks what its kind must have."""


def read_event(raw: object) -> AriEvent:
    """Give the typed event for one decoded JSON message."""
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
        raise EventMalformed("no type")
    kind = raw["type"]
    common: dict[str, Any] = {"application": str(raw.get("application", "")), "at": _at(raw)}
    known = KINDS.get(kind)
    if known is None:
        return OtherEvent(kind=kind, raw=raw, **common)
    cls, reader = known
    try:
        return cls(**common, **reader(raw))
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise EventMalformed(kind) from wrong


def _at(raw: Json) -> datetime | None:
    text = raw.get("timestamp")
    if not isinstance(text, str):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
