"""Identities: their types, and how new ones are made."""

import secrets
import time
from typing import NewType
from uuid import UUID

CallId = NewType("CallId", str)
AgentId = NewType("AgentId", str)
CaseId = NewType("CaseId", str)
LineId = NewType("LineId", str)
QueueId = NewType("QueueId", str)
OfferId = NewType("OfferId", str)
ChannelId = NewType("ChannelId", str)
RecordingId = NewType("RecordingId", str)
UtteranceId = NewType("UtteranceId", str)
DepartmentId = NewType("DepartmentId", str)
EventId = NewType("EventId", str)
CommandId = NewType("CommandId", str)


def new_id() -> str:
    """A new identity: UUID version 7 as text, so that later ids sort after earlier ones."""
    millis = time.time_ns() // 1_000_000
    value = (millis << 80) | secrets.randbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return str(UUID(int=value))
