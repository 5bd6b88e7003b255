"""Who is connected, and the bounded line of unsent messages of each connection."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from agent_ui.live import protocol
from core.ids import AgentId

#: Messages a desk may be behind before it is closed; it reconnects and gets a snapshot.
MAX_BACKLOG: Final = 256
#: Close codes of our own: the browser tells "log in again" from "come back at once".
CLOSE_SESSION_OVER: Final = 4401
CLOSE_TOO_SLOW: Final = 4408


class Subscriber:
    """One connection: numbers what is sent and keeps what could not be sent yet."""

    __slots__ = ("_backlog", "_seq", "_snapshotted", "_wake", "agent_id", "closing", "session_key")

    def __init__(
        self, agent_id: AgentId, session_key: str, wake: Callable[[], None], backlog: int
    ) -> None:
        self.agent_id = agent_id
        self.session_key = session_key
        self.closing = 0
        self._snapshotted = False
        self._seq = 0
        self._wake = wake
        self._backlog: deque[str] = deque(maxlen=backlog)

    def send_snapshot(self, state: Mapping[str, object]) -> None:
        """Send the whole state; events count on from its number."""
        self._seq += 1
        self._snapshotted = True
        self._put(protocol.snapshot(self._seq, state))

    def send_event(self, body: Mapping[str, object]) -> None:
        """Send one numbered event; before the first snapshot there is nothing to change."""
        if self._snapshotted:
            self._seq += 1
            self._put(protocol.event(self._seq, body))

    def send_event_text(self, body: str) -> None:
        """The same for a body encoded once for many desks."""
        if self._snapshotted:
            self._seq += 1
            self._put(f'{{"type":"event","seq":{self._seq},"event":{body}}}')

    def send_plain(self, text: str) -> None:
        """Send an answer that is not part of the numbered state."""
        self._put(text)

    def close(self, code: int) -> None:
        """Have the connection closed once what is waiting was written."""
        self.closing = self.closing or code
        self._wake()

    def take(self) -> str | None:
        """The next message to write, oldest first."""
        return self._backlog.popleft() if self._backlog else None

    def _put(self, text: str) -> None:
        if len(self._backlog) == self._backlog.maxlen:
            # A browser that stops reading must not fill our memory: it is closed and comes back.
            self.closing = self.closing or CLOSE_TOO_SLOW
        else:
            self._backlog.append(text)
        self._wake()


class Hub:
    """All connections of this process, by agent."""

    def __init__(self, *, backlog: int = MAX_BACKLOG) -> None:
        self._backlog = backlog
        self._by_agent: dict[AgentId, list[Subscriber]] = {}

    def subscribe(
        self, agent_id: AgentId, session_key: str, wake: Callable[[], None]
    ) -> Subscriber:
        """Add a connection; it gets events once its snapshot was sent."""
        subscriber = Subscriber(agent_id, session_key, wake, self._backlog)
        self._by_agent.setdefault(agent_id, []).append(subscriber)
        return subscriber

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Forget a connection."""
        rest = [other for other in self.of(subscriber.agent_id) if other is not subscriber]
        if rest:
            self._by_agent[subscriber.agent_id] = rest
        else:
            self._by_agent.pop(subscriber.agent_id, None)

    def of(self, agent_id: AgentId) -> list[Subscriber]:
        """The connections of one agent (several tabs are allowed)."""
        return self._by_agent.get(agent_id, [])

    def agents(self) -> list[AgentId]:
        """Every agent with at least one connection."""
        return list(self._by_agent)

    def send(self, agent_id: AgentId, body: Mapping[str, object]) -> None:
        """One event to every connection of an agent."""
        for subscriber in self.of(agent_id):
            subscriber.send_event(body)

    def broadcast(self, body: Mapping[str, object]) -> None:
        """One event to every connection of this process, encoded once."""
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        for subscriber in self:
            subscriber.send_event_text(text)

    def close_session(self, session_key: str) -> None:
        """The log-in is over: its desks close."""
        for subscriber in self:
            if subscriber.session_key == session_key:
                subscriber.close(CLOSE_SESSION_OVER)

    def __iter__(self) -> Iterator[Subscriber]:
        for subscribers in self._by_agent.values():
            yield from subscribers

    def __len__(self) -> int:
        return sum(len(subscribers) for subscribers in self._by_agent.values())
