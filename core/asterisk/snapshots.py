"""What Asterisk tells about a channel, bridge, playback or recording at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Channel:
    """One leg as Asterisk saw it when it spoke."""

    channel_id: str
    name: str = ""
    state: str = ""
    caller_number: str = ""
    caller_name: str = ""
    connected_number: str = ""
    context: str = ""
    exten: str = ""
    dialplan_app: str = ""
    app_data: str = ""
    language: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, raw: Json) -> Self:
        caller, connected = raw.get("caller") or {}, raw.get("connected") or {}
        dialplan = raw.get("dialplan") or {}
        return cls(
            channel_id=str(raw["id"]),
            name=str(raw.get("name", "")),
            state=str(raw.get("state", "")),
            caller_number=str(caller.get("number", "")),
            caller_name=str(caller.get("name", "")),
            connected_number=str(connected.get("number", "")),
            context=str(dialplan.get("context", "")),
            exten=str(dialplan.get("exten", "")),
            dialplan_app=str(dialplan.get("app_name", "")),
            app_data=str(dialplan.get("app_data", "")),
            language=str(raw.get("language", "")),
            variables={str(k): str(v) for k, v in (raw.get("channelvars") or {}).items()},
        )

    @property
    def stasis_app(self) -> str:
        """Name of the Stasis application the channel is in, or ""."""
        return self.app_data.split(",", 1)[0] if self.dialplan_app == "Stasis" else ""

    @property
    def stasis_args(self) -> tuple[str, ...]:
        """Arguments it entered that application with (not changed by a later move)."""
        parts = self.app_data.split(",") if self.dialplan_app == "Stasis" else []
        return tuple(parts[1:])


@dataclass(frozen=True, slots=True)
class Bridge:
    """Channels that hear one another."""

    bridge_id: str
    name: str = ""
    kind: str = ""
    channel_ids: tuple[str, ...] = ()

    @classmethod
    def read(cls, raw: Json) -> Self:
        return cls(
            bridge_id=str(raw["id"]),
            name=str(raw.get("name", "")),
            kind=str(raw.get("bridge_type", "")),
            channel_ids=tuple(str(one) for one in raw.get("channels", [])),
        )


@dataclass(frozen=True, slots=True)
class Playback:
    """Sounds being played to a channel or bridge."""

    playback_id: str
    target: str = ""
    media: str = ""
    state: str = ""

    @classmethod
    def read(cls, raw: Json) -> Self:
        return cls(
            playback_id=str(raw["id"]),
            target=str(raw.get("target_uri", "")),
            media=str(raw.get("media_uri", "")),
            state=str(raw.get("state", "")),
        )

    @property
    def channel_id(self) -> str:
        """The channel that hears it, or "" when a bridge does."""
        kind, _, target = self.target.partition(":")
        return target if kind == "channel" else ""


@dataclass(frozen=True, slots=True)
class Recording:
    """A file being written by ARI's own recorder; talking_s is told when silence ends it."""

    name: str
    state: str = ""
    cause: str = ""
    seconds: float = 0.0
    talking_s: float | None = None

    @classmethod
    def read(cls, raw: Json) -> Self:
        talking = raw.get("talking_duration")
        return cls(
            name=str(raw["name"]),
            state=str(raw.get("state", "")),
            cause=str(raw.get("cause", "")),
            seconds=float(raw.get("duration", 0)),
            talking_s=None if talking is None else float(talking),
        )


@dataclass(frozen=True, slots=True)
class Application:
    """A Stasis application and what it holds."""

    name: str
    channel_ids: tuple[str, ...] = ()
    bridge_ids: tuple[str, ...] = ()

    @classmethod
    def read(cls, raw: Json) -> Self:
        return cls(
            name=str(raw["name"]),
            channel_ids=tuple(str(one) for one in raw.get("channel_ids", [])),
            bridge_ids=tuple(str(one) for one in raw.get("bridge_ids", [])),
        )
