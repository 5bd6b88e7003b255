"""What may be done to one leg of a call through ARI."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from core.asterisk.ari_rest import AriRest, segment
from core.asterisk.errors import AriRefused, ChannelGone
from core.asterisk.snapshots import Channel, Playback


@dataclass(frozen=True, slots=True, kw_only=True)
class Origination:
    """One leg to be dialled: into a dialplan extension, or into our own application.

    endpoint: "PJSIP/agent-ann" or "PJSIP/2001@carrier"; channel_id: chosen by us, so that a waiter
    can be armed before the call starts; originator: channel whose codecs and language it takes;
    told: the application hears of this endpoint's channels anyway, also of one that ended at once.
    """

    endpoint: str
    channel_id: str
    context: str = ""
    exten: str = "s"
    app_args: tuple[str, ...] = ()
    caller_id: str = ""
    timeout_s: int = 20
    originator: str = ""
    formats: str = ""
    told: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)


class Channels:
    """Commands on channels; `app` is the Stasis application that owns what is made here."""

    def __init__(self, rest: AriRest, app: str) -> None:
        self._rest = rest
        self._app = app

    async def all(self) -> list[Channel]:
        """Every channel that exists, ours or not."""
        return [Channel.read(raw) for raw in await self._rest.get("/channels")]

    async def find(self, channel_id: str) -> Channel | None:
        """The channel, or None when there is no such one (any more)."""
        try:
            return Channel.read(await self._rest.get(_at(channel_id)))
        except ChannelGone:
            return None

    async def answer(self, channel_id: str) -> None:
        await self._rest.post(_at(channel_id, "answer"))

    async def ring(self, channel_id: str) -> None:
        """Let the caller hear ringing."""
        await self._rest.post(_at(channel_id, "ring"))

    async def stop_ring(self, channel_id: str) -> None:
        await self._rest.delete(_at(channel_id, "ring"))

    async def hangup(self, channel_id: str, reason: str = "normal") -> None:
        """Hang up; that it is already gone is no error. reason: normal, busy, no_answer ..."""
        try:
            await self._rest.delete(_at(channel_id), reason=reason)
        except ChannelGone:
            return

    async def play(
        self, channel_id: str, sounds: Sequence[str], *, playback_id: str = ""
    ) -> Playback:
        """Play sounds one after the other: "sound:/abs/path/without/extension", "digits:123"."""
        path = _at(channel_id, "play") + (f"/{segment(playback_id)}" if playback_id else "")
        return Playback.read(await self._rest.post(path, media=",".join(sounds)))

    async def stop_playback(self, playback_id: str) -> None:
        """Stop; that it already ended is no error."""
        try:
            await self._rest.delete(f"/playbacks/{segment(playback_id)}")
        except ChannelGone:
            return

    async def record(
        self, channel_id: str, name: str, *, longest_s: float, silence_s: int, stop_key: str = "#"
    ) -> None:
        """Beep and record what the party says to recording/<name>.wav of the spool.

        Ends with RecordingFinished: after the silence, at the key, or at its longest length.
        """
        await self._rest.post(
            _at(channel_id, "record"),
            name=name,
            format="wav",
            maxDurationSeconds=int(longest_s),
            maxSilenceSeconds=silence_s,
            ifExists="overwrite",
            beep=True,
            terminateOn=stop_key,
        )

    async def is_recording(self, name: str) -> bool:
        """Whether a recording of this name is being made now."""
        try:
            await self._rest.get(f"/recordings/live/{segment(name)}")
        except ChannelGone:
            return False
        return True

    async def delete_recording(self, name: str) -> None:
        """Delete a finished recording; that there is none is no error."""
        try:
            await self._rest.delete(f"/recordings/stored/{segment(name)}")
        except ChannelGone:
            return

    async def start_moh(self, channel_id: str, moh_class: str = "default") -> None:
        await self._rest.post(_at(channel_id, "moh"), mohClass=moh_class)

    async def stop_moh(self, channel_id: str) -> None:
        await self._rest.delete(_at(channel_id, "moh"))

    async def hold(self, channel_id: str) -> None:
        """Tell the far end that it is on hold (it hears its own or our music)."""
        await self._rest.post(_at(channel_id, "hold"))

    async def unhold(self, channel_id: str) -> None:
        await self._rest.delete(_at(channel_id, "hold"))

    async def mute(self, channel_id: str, direction: str = "in") -> None:
        """Silence what comes from ("in"), goes to ("out") or both ways on this channel."""
        await self._rest.post(_at(channel_id, "mute"), direction=direction)

    async def unmute(self, channel_id: str, direction: str = "in") -> None:
        await self._rest.delete(_at(channel_id, "mute"), direction=direction)

    async def send_dtmf(self, channel_id: str, digits: str) -> None:
        await self._rest.post(_at(channel_id, "dtmf"), dtmf=digits)

    async def set_variable(self, channel_id: str, name: str, value: str) -> None:
        # The value travels in the body: text of a caller must not end in an access log.
        await self._rest.post(_at(channel_id, "variable"), body={"variable": name, "value": value})

    async def get_variable(self, channel_id: str, name: str) -> str | None:
        """Value of a variable or function, or None when it is not set."""
        try:
            raw = await self._rest.get(_at(channel_id, "variable"), variable=name)
        except AriRefused as refused:
            if refused.status == 404 and await self.find(channel_id) is not None:  # noqa: PLR2004
                return None
            raise
        return str(raw["value"])

    async def move(self, channel_id: str, app: str, *args: str) -> None:
        """Hand the channel to another application; it answers ApplicationMoveFailed if absent."""
        await self._rest.post(_at(channel_id, "move"), app=app, appArgs=",".join(args))

    async def continue_in_dialplan(
        self, channel_id: str, *, context: str = "", exten: str = "", label: str = ""
    ) -> None:
        """Give the channel back to the dialplan: where it left off, or at the place named."""
        await self._rest.post(
            _at(channel_id, "continue"), context=context, extension=exten, label=label
        )

    async def originate(self, call: Origination) -> Channel:
        """Dial a leg; its events reach this application also when it enters the dialplan."""
        query: dict[str, str | int] = {
            "endpoint": call.endpoint,
            "callerId": call.caller_id,
            "timeout": call.timeout_s,
            "originator": call.originator,
            "formats": call.formats,
        }
        if call.context:
            query |= {"context": call.context, "extension": call.exten, "priority": 1}
        else:
            query |= {"app": self._app, "appArgs": ",".join(call.app_args)}
        body = {"variables": dict(call.variables)} if call.variables else None
        raw = await self._rest.post(_at(call.channel_id), body=body, **query)
        if call.context:
            try:
                await self.watch(call.channel_id)
            except ChannelGone:
                if not call.told:  # else its end, with the cause, has been or will be told
                    raise
        return Channel.read(raw)

    async def watch(self, channel_id: str) -> None:
        """Have this application told about a channel that is not in it; ChannelGone if too late."""
        source = f"channel:{channel_id}"
        await self._rest.post(
            f"/applications/{segment(self._app)}/subscription", eventSource=source
        )

    async def snoop(
        self,
        channel_id: str,
        *,
        snoop_id: str,
        spy: str = "in",
        whisper: str = "none",
        args: Sequence[str] = (),
    ) -> Channel:
        """Make a channel that hears this one: "in" what its party says, "out" what it hears."""
        raw = await self._rest.post(
            _at(channel_id, "snoop") + f"/{segment(snoop_id)}",
            spy=spy,
            whisper=whisper,
            app=self._app,
            appArgs=",".join(args),
        )
        return Channel.read(raw)

    async def external_media(
        self,
        *,
        channel_id: str,
        connection: str,
        parameters: Mapping[str, str],
        audio_format: str = "slin16",
        args: Sequence[str] = (),
    ) -> Channel:
        """Make a channel whose audio Asterisk brings to the websocket named in its configuration.

        `parameters` become the query of the address it dials. It does not end with the call it
        listens to: hang it up.
        """
        raw = await self._rest.post(
            "/channels/externalMedia",
            channelId=channel_id,
            app=self._app,
            data=",".join(args),
            external_host=connection,
            encapsulation="none",
            transport="websocket",
            connection_type="client",
            format=audio_format,
            transport_data=f"f(json)v({urlencode(parameters, safe='').replace('&', ',')})",
        )
        return Channel.read(raw)


def _at(channel_id: str, command: str = "") -> str:
    return f"/channels/{segment(channel_id)}" + (f"/{command}" if command else "")
