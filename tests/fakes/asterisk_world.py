"""What a fake Asterisk knows: channels, bridges, applications, and what follows a change."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

NORMAL, NO_ANSWER = 16, 19


@dataclass
class FakeChannel:
    """One leg. `app` is the Stasis application it is in; `watchers` are told besides."""

    channel_id: str
    name: str
    state: str = "Up"
    caller: str = ""
    app: str = ""
    entered_app: str = ""
    args: tuple[str, ...] = ()
    context: str = ""
    exten: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    watchers: set[str] = field(default_factory=set)
    goes_to: tuple[str, tuple[str, ...]] = ("", ())
    snooped: str = ""
    playing: list[str] = field(default_factory=list)
    moh: bool = False
    muted: bool = False
    held: bool = False

    def json(self) -> dict[str, Any]:
        data = ",".join((self.entered_app, *self.args)) if self.entered_app else ""
        return {
            "id": self.channel_id,
            "name": self.name,
            "state": self.state,
            "caller": {"name": "", "number": self.caller},
            "connected": {"name": "", "number": ""},
            "language": "en",
            "dialplan": {
                "context": self.context,
                "exten": self.exten,
                "priority": 1,
                "app_name": "Stasis" if data else "",
                "app_data": data,
            },
        }


@dataclass
class FakeBridge:
    """Channels that hear one another."""

    bridge_id: str
    name: str = ""
    kind: str = "mixing"
    channels: list[str] = field(default_factory=list)
    owner: str = ""

    def json(self) -> dict[str, Any]:
        return {
            "id": self.bridge_id,
            "name": self.name,
            "bridge_type": self.kind,
            "technology": "simple_bridge",
            "channels": list(self.channels),
        }


class World:
    """The state, and the events each change sends (by `send`) to the applications concerned."""

    def __init__(self, send: Callable[[str, dict[str, Any]], None]) -> None:
        self._send = send
        self._numbers = itertools.count(1)
        self.channels: dict[str, FakeChannel] = {}
        self.bridges: dict[str, FakeBridge] = {}
        self.apps: dict[str, bool] = {}  # name -> a process is connected
        self.playbacks: dict[str, dict[str, Any]] = {}
        self.dialplan: list[tuple[str, str, str]] = []  # (channel, context, exten) sent back there
        self.config: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.online: set[str] = set()  # endpoints where a phone is registered
        self.recordings: dict[str, str] = {}  # name -> channel
        self.plays_end_at_once = True
        self.on_ring: Callable[[FakeChannel], None] = lambda _channel: None

    def new_id(self) -> str:
        return f"fake-{next(self._numbers)}"

    def new_channel(self, name: str, channel_id: str = "", **fields: Any) -> FakeChannel:
        made = FakeChannel(
            channel_id or self.new_id(), f"{name}-{next(self._numbers):08x}", **fields
        )
        self.channels[made.channel_id] = made
        return made

    def tell(self, channel: FakeChannel, kind: str, **fields: Any) -> None:
        """Send an event about a channel to its application and its watchers."""
        for app in sorted({channel.app, *channel.watchers} - {""}):
            self._send(app, {"type": kind, "channel": channel.json(), **fields})

    def enter(self, channel: FakeChannel, app: str, args: tuple[str, ...]) -> bool:
        """Stasis(app,args): False when no process holds the application."""
        if not self.apps.get(app):
            return False
        channel.app = channel.entered_app = app
        channel.args = args
        self.tell(channel, "StasisStart", args=list(args))
        return True

    def leave(self, channel: FakeChannel) -> None:
        """The channel is no longer in its application."""
        self.unbridge(channel.channel_id)
        if channel.app:
            self._send(channel.app, {"type": "StasisEnd", "channel": channel.json()})
            channel.app = channel.entered_app = ""

    def move(self, channel: FakeChannel, app: str, args: tuple[str, ...]) -> None:
        if not self.apps.get(app):
            self.tell(channel, "ApplicationMoveFailed", destination=app, args=list(args))
            return
        old = channel.app
        self._send(old, {"type": "StasisEnd", "channel": channel.json()})
        channel.app = app
        self._send(app, {"type": "StasisStart", "channel": channel.json(), "args": list(args)})

    def go_on(self, channel: FakeChannel, context: str, exten: str) -> None:
        """Back into the dialplan, which this fake only notes."""
        self.leave(channel)
        channel.context, channel.exten = context or channel.context, exten or channel.exten
        self.dialplan.append((channel.channel_id, context, exten))

    def destroy(self, channel_id: str, cause: int = NORMAL) -> None:
        channel = self.channels.pop(channel_id, None)
        if channel is None:
            return
        for playback in list(channel.playing):
            self.end_playback(playback, "done")
        if channel.app:
            self.tell(channel, "ChannelHangupRequest", cause=cause)
        self.leave(channel)
        fields = {"cause": cause, "cause_txt": "Normal Clearing" if cause == NORMAL else "Other"}
        self.tell(channel, "ChannelDestroyed", **fields)
        # A snoop ends with what it listens to; external media does not.
        for other in [one for one in self.channels.values() if one.snooped == channel_id]:
            self.destroy(other.channel_id)

    def bridge(self, bridge: FakeBridge, channel: FakeChannel) -> None:
        self.unbridge(channel.channel_id)
        bridge.channels.append(channel.channel_id)
        self.tell(channel, "ChannelEnteredBridge", bridge=bridge.json())

    def unbridge(self, channel_id: str) -> None:
        for bridge in self.bridges.values():
            if channel_id in bridge.channels:
                bridge.channels.remove(channel_id)
                if channel := self.channels.get(channel_id):
                    self.tell(channel, "ChannelLeftBridge", bridge=bridge.json())

    def end_bridge(self, bridge_id: str) -> None:
        bridge = self.bridges[bridge_id]
        for channel_id in list(bridge.channels):
            self.unbridge(channel_id)
        del self.bridges[bridge_id]
        self._send(bridge.owner, {"type": "BridgeDestroyed", "bridge": bridge.json()})

    def play(self, target: str, media: str, playback_id: str) -> dict[str, Any]:
        """Begin sounds on "channel:ID" or "bridge:ID"."""
        shown = {
            "id": playback_id or self.new_id(),
            "media_uri": media.split(",", maxsplit=1)[0],
            "target_uri": target,
            "language": "en",
            "state": "playing",
        }
        self.playbacks[shown["id"]] = shown
        kind, _, target_id = target.partition(":")
        if kind == "channel":
            self.channels[target_id].playing.append(shown["id"])
        self._playback_event("PlaybackStarted", shown)
        if self.plays_end_at_once:
            self.end_playback(shown["id"], "done")
        return shown

    def end_playback(self, playback_id: str, state: str) -> None:
        shown = self.playbacks.pop(playback_id, None)
        if shown is None:
            return
        shown["state"] = state
        channel = self.channels.get(shown["target_uri"].partition(":")[2])
        if channel is not None and playback_id in channel.playing:
            channel.playing.remove(playback_id)
        self._playback_event("PlaybackFinished", shown)

    def _playback_event(self, kind: str, shown: dict[str, Any]) -> None:
        target_kind, _, target = shown["target_uri"].partition(":")
        if target_kind == "bridge":
            owner = self.bridges[target].owner if target in self.bridges else ""
        else:
            owner = self.channels[target].app if target in self.channels else ""
        if owner:
            self._send(owner, {"type": kind, "playback": dict(shown)})
