"""What may be done to a bridge, a Stasis application, or all of Asterisk through ARI."""

from collections.abc import Sequence

from core.asterisk.ari_rest import AriRest, segment
from core.asterisk.errors import AriRefused, ChannelGone
from core.asterisk.snapshots import Application, Bridge, Playback


class Bridges:
    """Commands on bridges."""

    def __init__(self, rest: AriRest) -> None:
        self._rest = rest

    async def all(self) -> list[Bridge]:
        return [Bridge.read(raw) for raw in await self._rest.get("/bridges")]

    async def find(self, bridge_id: str) -> Bridge | None:
        try:
            return Bridge.read(await self._rest.get(_at(bridge_id)))
        except ChannelGone:
            return None

    async def create(
        self, bridge_id: str, *, name: str = "", kind: str = "mixing,dtmf_events"
    ) -> Bridge:
        """Make a bridge under an id of our choice; making it twice gives the one that exists."""
        try:
            return Bridge.read(await self._rest.post(_at(bridge_id), type=kind, name=name))
        except AriRefused:
            # It exists when our first request was done but its answer got lost.
            existing = await self.find(bridge_id)
            if existing is None:
                raise
            return existing

    async def add(self, bridge_id: str, *channel_ids: str) -> None:
        await self._rest.post(_at(bridge_id, "addChannel"), channel=",".join(channel_ids))

    async def remove(self, bridge_id: str, *channel_ids: str) -> None:
        await self._rest.post(_at(bridge_id, "removeChannel"), channel=",".join(channel_ids))

    async def destroy(self, bridge_id: str) -> None:
        """Take it apart; that it is already gone is no error."""
        try:
            await self._rest.delete(_at(bridge_id))
        except ChannelGone:
            return

    async def play(
        self, bridge_id: str, sounds: Sequence[str], *, playback_id: str = ""
    ) -> Playback:
        path = _at(bridge_id, "play") + (f"/{segment(playback_id)}" if playback_id else "")
        return Playback.read(await self._rest.post(path, media=",".join(sounds)))

    async def start_moh(self, bridge_id: str, moh_class: str = "default") -> None:
        await self._rest.post(_at(bridge_id, "moh"), mohClass=moh_class)

    async def stop_moh(self, bridge_id: str) -> None:
        await self._rest.delete(_at(bridge_id, "moh"))


class Applications:
    """Stasis applications: who is there, what each holds, what each is told."""

    def __init__(self, rest: AriRest) -> None:
        self._rest = rest

    async def all(self) -> list[Application]:
        return [Application.read(raw) for raw in await self._rest.get("/applications")]

    async def find(self, app: str) -> Application | None:
        """The application; one whose process died stays listed until Asterisk restarts."""
        try:
            return Application.read(await self._rest.get(f"/applications/{segment(app)}"))
        except ChannelGone:
            return None

    async def subscribe(self, app: str, *sources: str) -> None:
        """Sources: "channel:ID", "bridge:ID", "endpoint:PJSIP/agent-ann", "deviceState:NAME"."""
        path = f"/applications/{segment(app)}/subscription"
        await self._rest.post(path, eventSource=",".join(sources))

    async def unsubscribe(self, app: str, *sources: str) -> None:
        path = f"/applications/{segment(app)}/subscription"
        await self._rest.delete(path, eventSource=",".join(sources))

    async def silence(self, app: str, kinds: Sequence[str]) -> None:
        """Have Asterisk keep these kinds of event to itself."""
        await self._rest.put(
            f"/applications/{segment(app)}/eventFilter",
            body={"disallowed": [{"type": kind} for kind in kinds]},
        )


def _at(bridge_id: str, command: str = "") -> str:
    return f"/bridges/{segment(bridge_id)}" + (f"/{command}" if command else "")
