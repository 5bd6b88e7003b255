"""What a process may ask of the event bus."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.domain.codec import Envelope
from core.domain.events import Event

#: Durable events, from the outbox.
EVENTS = "events"
#: Ephemeral events: caption partials, answers to commands.
LIVE = "live"
#: From desks to routing.
COMMANDS = "commands"


@dataclass(frozen=True, slots=True)
class Command:
    """Something an agent's desk asks routing to do; args are checked by the one who acts.

    kind: one of core.domain.commands.DeskCommand.
    """

    command_id: str
    kind: str
    agent_id: str
    call_id: str | None = None
    args: dict[str, Any] | None = None
    position: str = ""


class EventBus(Protocol):
    """Publish and follow events; the Redis and the in-memory bus pass one contract test."""

    async def publish(self, stream: str, envelopes: Sequence[Envelope]) -> None:
        """Append in order. Raises Unavailable."""
        ...

    def follow(self, *streams: str, start: str = "$") -> AsyncIterator[Envelope]:
        """Every event from now on ("$") or from a position; each follower sees all of them.

        Survives a lost connection: goes on after the last position it gave out. The iterator
        is subscribed once its first `__anext__` has been started and `ready()` has returned.
        """
        ...

    def consume(self, stream: str, *, group: str, consumer: str) -> AsyncIterator[Envelope]:
        """Share a durable stream within a group: at least once, acknowledged after each step.

        Entries given to a consumer that died are taken over when it (or another) comes back.
        """
        ...

    async def position(self, stream: str) -> str:
        """The last position of the stream now; follow from it to miss nothing after it."""
        ...

    async def send_command(self, command: Command) -> None:
        """Append a command. Raises Unavailable."""
        ...

    def commands(self, *, consumer: str) -> AsyncIterator[Command]:
        """Commands for routing, at least once."""
        ...


async def publish_live(bus: EventBus, event_id: str, event: Event) -> None:
    """Publish one ephemeral event."""
    await bus.publish(LIVE, [Envelope(event_id, event)])
