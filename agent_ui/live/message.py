"""What every message from a desk has."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientMessage:
    """What every message from a desk has: a number to answer it by."""

    type: ClassVar[str]
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMessage(ClientMessage):
    """A message about one call, which must be the agent's own."""

    call_id: str
