"""Events as JSON and back; an unknown or misshapen message is refused, never guessed."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from core.domain.events import EVENTS, Event
from core.errors import InputRefused


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event on its way: its identity, and its place in the stream ("" before publishing)."""

    event_id: str
    event: Event
    position: str = ""


def to_payload(event: Event) -> dict[str, Any]:
    """The event's fields as JSON-able data."""
    return asdict(event)


def from_payload(kind: str, payload: dict[str, Any]) -> Event:
    """The event of this kind. Raises InputRefused for an unknown kind or wrong fields."""
    cls = EVENTS.get(kind)
    if cls is None:
        raise InputRefused("未知事件", kind=kind)
    lists = {f.name for f in fields(cls) if str(f.type).startswith("tuple")}
    try:
        return cls(**{k: tuple(v) if k in lists else v for k, v in payload.items()})
    except TypeError as error:
        raise InputRefused("事件字段不符", kind=kind) from error


def encode(event_id: str, event: Event) -> dict[str, str]:
    """What is written to a stream entry."""
    return {
        "id": event_id,
        "kind": type(event).__name__,
        "payload": json.dumps(to_payload(event), ensure_ascii=False, separators=(",", ":")),
    }


def decode(position: str, entry: dict[str, str]) -> Envelope:
    """The envelope of a stream entry. Raises InputRefused."""
    try:
        payload = json.loads(entry["payload"])
        kind, event_id = entry["kind"], entry["id"]
    except (KeyError, ValueError) as error:
        raise InputRefused("事件格式不符", position=position) from error
    if not isinstance(payload, dict):
        raise InputRefused("事件格式不符", position=position)
    return Envelope(event_id, from_payload(kind, payload), position)
