"""The REST half of the fake Asterisk: each request becomes a change of its world."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.fakes.asterisk_world import FakeBridge, FakeChannel, World

Method = Callable[[web.Request], Any]


def refusal(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)


class Refused(Exception):
    """A request the real one would answer with an error status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Rest:
    """Handlers; a KeyError becomes 404 in the server."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        one, sub = "/channels/{id}", "/channels/{id}/"
        table: list[tuple[str, str, Method]] = [
            ("GET", "/channels", lambda _: [c.json() for c in self._world.channels.values()]),
            ("POST", "/channels/externalMedia", self._external_media),
            ("GET", one, lambda r: self._channel(r).json()),
            ("POST", one, self._originate),
            ("DELETE", one, self._hangup),
            ("POST", sub + "answer", self._in_stasis),
            ("POST", sub + "ring", self._in_stasis),
            ("DELETE", sub + "ring", self._in_stasis),
            ("POST", sub + "dtmf", self._in_stasis),
            ("POST", sub + "moh", lambda r: self._set(r, "moh", True)),
            ("DELETE", sub + "moh", lambda r: self._set(r, "moh", False)),
            ("POST", sub + "hold", lambda r: self._set(r, "held", True)),
            ("DELETE", sub + "hold", lambda r: self._set(r, "held", False)),
            ("POST", sub + "mute", lambda r: self._set(r, "muted", True)),
            ("DELETE", sub + "mute", lambda r: self._set(r, "muted", False)),
            ("POST", sub + "play", self._play),
            ("POST", sub + "play/{playback}", self._play),
            ("DELETE", "/playbacks/{id}", self._stop_playback),
            ("GET", sub + "variable", self._get_variable),
            ("POST", sub + "variable", self._set_variable),
            ("POST", sub + "move", self._move),
            ("POST", sub + "continue", self._continue),
            ("POST", sub + "snoop/{snoop}", self._snoop),
            ("POST", sub + "record", self._record),
            ("GET", "/recordings/live/{id}", self._live_recording),
            ("DELETE", "/recordings/stored/{id}", lambda _: None),
            *self._bridge_table(),
            *self._other_table(),
        ]
        return [
            web.route(method, "/ari" + path, _served(handler)) for method, path, handler in table
        ]

    def _bridge_table(self) -> list[tuple[str, str, Method]]:
        one, sub = "/bridges/{id}", "/bridges/{id}/"
        return [
            ("GET", "/bridges", lambda _: [b.json() for b in self._world.bridges.values()]),
            ("GET", one, lambda r: self._bridge(r).json()),
            ("POST", one, self._make_bridge),
            ("DELETE", one, lambda r: self._world.end_bridge(self._bridge(r).bridge_id)),
            ("POST", sub + "addChannel", self._add_channels),
            ("POST", sub + "removeChannel", self._remove_channels),
            ("POST", sub + "moh", self._known_bridge),
            ("DELETE", sub + "moh", self._known_bridge),
            ("POST", sub + "play", self._play_to_bridge),
            ("POST", sub + "play/{playback}", self._play_to_bridge),
        ]

    def _other_table(self) -> list[tuple[str, str, Method]]:
        dynamic = "/asterisk/config/dynamic/res_pjsip/{kind}/{id}"
        return [
            ("GET", "/applications", lambda _: [self._app(name) for name in self._world.apps]),
            ("GET", "/applications/{id}", lambda r: self._app(r.match_info["id"])),
            ("POST", "/applications/{id}/subscription", self._subscribe),
            ("DELETE", "/applications/{id}/subscription", self._unsubscribe),
            ("PUT", "/applications/{id}/eventFilter", lambda r: self._app(r.match_info["id"])),
            ("PUT", dynamic, self._put_config),
            ("DELETE", dynamic, lambda r: self._world.config.pop(_kind_and_name(r)) and None),
            ("GET", "/endpoints/PJSIP/{id}", self._endpoint),
        ]

    def _channel(self, request: web.Request) -> FakeChannel:
        return self._world.channels[request.match_info["id"]]

    def _in_stasis(self, request: web.Request) -> None:
        if not self._channel(request).app:
            raise Refused(409, "Channel not in Stasis application")

    def _set(self, request: web.Request, name: str, state: bool) -> None:
        self._in_stasis(request)
        setattr(self._channel(request), name, state)

    async def _originate(self, request: web.Request) -> dict[str, Any]:
        query, body = request.query, await _body(request)
        endpoint = query["endpoint"]
        name = endpoint.partition("/")[2]
        # A browser phone that is not registered cannot even be dialled.
        if name.startswith("agent-") and name not in self._world.online:
            raise Refused(500, "Allocation failed")
        channel = self._world.new_channel(
            endpoint,
            request.match_info["id"],
            state="Ringing",
            context=query.get("context", ""),
            exten=query.get("extension", ""),
            variables=dict(body.get("variables", {})),
        )
        if query.get("app"):
            channel.goes_to = (query["app"], tuple(query.get("appArgs", "").split(",")))
            channel.watchers.add(query["app"])
        self._world.on_ring(channel)
        return channel.json()

    def _hangup(self, request: web.Request) -> None:
        causes = {"normal": 16, "busy": 17, "no_answer": 19}
        channel = self._channel(request)
        self._world.destroy(channel.channel_id, causes.get(request.query.get("reason", ""), 16))

    def _play(self, request: web.Request) -> dict[str, Any]:
        self._in_stasis(request)
        target = f"channel:{request.match_info['id']}"
        playback = request.match_info.get("playback", "")
        return self._world.play(target, request.query["media"], playback)

    def _play_to_bridge(self, request: web.Request) -> dict[str, Any]:
        target = f"bridge:{self._bridge(request).bridge_id}"
        playback = request.match_info.get("playback", "")
        return self._world.play(target, request.query["media"], playback)

    def _stop_playback(self, request: web.Request) -> None:
        playback = request.match_info["id"]
        if playback not in self._world.playbacks:
            raise Refused(404, "Playback not found")
        self._world.end_playback(playback, "done")

    def _get_variable(self, request: web.Request) -> dict[str, str]:
        return {"value": self._channel(request).variables[request.query["variable"]]}

    async def _set_variable(self, request: web.Request) -> None:
        body = await _body(request)
        self._channel(request).variables[body["variable"]] = body["value"]

    def _move(self, request: web.Request) -> None:
        self._in_stasis(request)
        args = tuple(part for part in request.query.get("appArgs", "").split(",") if part)
        self._world.move(self._channel(request), request.query["app"], args)

    def _continue(self, request: web.Request) -> None:
        self._in_stasis(request)
        context, exten = request.query.get("context", ""), request.query.get("extension", "")
        self._world.go_on(self._channel(request), context, exten)

    def _snoop(self, request: web.Request) -> dict[str, Any]:
        heard = self._channel(request)
        snoop = self._world.new_channel(
            f"Snoop/{heard.channel_id}", request.match_info["snoop"], snooped=heard.channel_id
        )
        return self._enter_own(snoop, request.query["app"], request.query.get("appArgs", ""))

    def _external_media(self, request: web.Request) -> dict[str, Any]:
        media = self._world.new_channel("WebSocket/recorder", request.query["channelId"])
        media.variables["transport_data"] = request.query.get("transport_data", "")
        return self._enter_own(media, request.query["app"], request.query.get("data", ""))

    def _enter_own(self, channel: FakeChannel, app: str, args: str) -> dict[str, Any]:
        self._world.enter(channel, app, tuple(part for part in args.split(",") if part))
        return channel.json()

    def _record(self, request: web.Request) -> dict[str, Any]:
        self._in_stasis(request)
        target = f"channel:{request.match_info['id']}"
        name = request.query["name"]
        self._world.recordings[name] = request.match_info["id"]
        return {"name": name, "format": "wav", "state": "recording", "target_uri": target}

    def _live_recording(self, request: web.Request) -> dict[str, Any]:
        name = request.match_info["id"]
        return {"name": name, "state": "recording", "target": self._world.recordings[name]}

    def _bridge(self, request: web.Request) -> FakeBridge:
        return self._world.bridges[request.match_info["id"]]

    def _known_bridge(self, request: web.Request) -> None:
        self._bridge(request)

    def _make_bridge(self, request: web.Request) -> dict[str, Any]:
        bridge_id = request.match_info["id"]
        if bridge_id in self._world.bridges:
            raise Refused(409, "Bridge with that id already exists")
        bridge = FakeBridge(bridge_id, name=request.query.get("name", ""))
        self._world.bridges[bridge_id] = bridge
        return bridge.json()

    def _add_channels(self, request: web.Request) -> None:
        bridge = self._bridge(request)
        found = [self._world.channels.get(one) for one in request.query["channel"].split(",")]
        if any(channel is None for channel in found):
            raise Refused(400, "Channel not found")
        for channel in found:
            if channel is None or not channel.app:
                raise Refused(422, "Channel not in Stasis application")
            self._world.bridge(bridge, channel)

    def _remove_channels(self, request: web.Request) -> None:
        bridge = self._bridge(request)
        for channel_id in request.query["channel"].split(","):
            if channel_id not in bridge.channels:
                raise Refused(422, "Channel not in this bridge")
            self._world.unbridge(channel_id)

    def _app(self, name: str) -> dict[str, Any]:
        self._world.apps[name]
        inside = [c.channel_id for c in self._world.channels.values() if c.app == name]
        return {"name": name, "channel_ids": inside, "bridge_ids": [], "endpoint_ids": []}

    def _subscribe(self, request: web.Request) -> dict[str, Any]:
        name = request.match_info["id"]
        for channel in self._sources(request):
            channel.watchers.add(name)
        return self._app(name)

    def _unsubscribe(self, request: web.Request) -> dict[str, Any]:
        name = request.match_info["id"]
        for channel in self._sources(request):
            channel.watchers.discard(name)
        return self._app(name)

    def _sources(self, request: web.Request) -> list[FakeChannel]:
        ids = [part.partition(":") for part in request.query["eventSource"].split(",")]
        wanted = [source for kind, _, source in ids if kind == "channel"]
        if any(source not in self._world.channels for source in wanted):
            raise Refused(422, "Event source does not exist")
        return [self._world.channels[source] for source in wanted]

    async def _put_config(self, request: web.Request) -> list[dict[str, str]]:
        fields: list[dict[str, str]] = (await _body(request))["fields"]
        self._world.config[_kind_and_name(request)] = fields
        return fields

    def _endpoint(self, request: web.Request) -> dict[str, Any]:
        name = request.match_info["id"]
        self._world.config["endpoint", name]
        state = "online" if name in self._world.online else "offline"
        return {"technology": "PJSIP", "resource": name, "state": state, "channel_ids": []}


def _kind_and_name(request: web.Request) -> tuple[str, str]:
    return request.match_info["kind"], request.match_info["id"]


async def _body(request: web.Request) -> dict[str, Any]:
    return dict(await request.json()) if request.can_read_body else {}


def _served(method: Method) -> Callable[[web.Request], Any]:
    async def handler(request: web.Request) -> web.StreamResponse:
        try:
            result = method(request)
            if hasattr(result, "__await__"):
                result = await result
        except Refused as refused:
            return refusal(refused.status, str(refused))
        return web.Response(status=204) if result is None else web.json_response(result)

    return handler
