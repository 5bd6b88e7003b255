"""What the recordings process and its speech workers say to each other: frames on a pipe.

Frame: kind (1 byte), number of the job or stream (4), length of the payload (4), payload.
"""

import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

from core.errors import HotlineError
from recordings.transcribe.engine import (
    Final,
    Partial,
    SpeechEvent,
    SpokenNumber,
    StreamSpec,
    Word,
)
from recordings.transcribe.whisper_engine import Decoded

_HEAD = struct.Struct(">BII")
HEAD_BYTES = _HEAD.size
MAX_PAYLOAD = 8_000_000


class Kind(IntEnum):
    """What a frame says. The first five go to the worker, the others come from it."""

    DECODE = 1
    OPEN = 2
    PCM = 3
    CLOSE = 4
    PING = 5
    READY = 11
    DECODED = 12
    EVENT = 13
    CLOSED = 14
    PONG = 15
    FAILED = 16


class FrameBroken(HotlineError):
    """The other side does not speak our language."""

    code = "frame_broken"


@dataclass(frozen=True, slots=True)
class Frame:
    """One message."""

    kind: Kind
    number: int
    payload: bytes = b""

    def as_bytes(self) -> bytes:
        return _HEAD.pack(self.kind, self.number, len(self.payload)) + self.payload

    def as_json(self) -> dict[str, Any]:
        content = json.loads(self.payload or b"{}")
        if not isinstance(content, dict):
            raise FrameBroken("worker frame is not an object")
        return content


def json_frame(kind: Kind, number: int, content: Mapping[str, Any]) -> Frame:
    return Frame(kind, number, json.dumps(content, ensure_ascii=False).encode())


def read_head(head: bytes) -> tuple[Kind, int, int]:
    """Kind, number and length. Raises FrameBroken."""
    kind, number, length = _HEAD.unpack(head)
    if length > MAX_PAYLOAD or kind not in set(Kind):
        raise FrameBroken("worker frame has a wrong head", kind=kind, length=length)
    return Kind(kind), number, length


def read_frame(read: Callable[[int], bytes]) -> Frame | None:
    """The next frame of a blocking reader, None at its end."""
    head = read(HEAD_BYTES)
    if len(head) < HEAD_BYTES:
        return None
    kind, number, length = read_head(head)
    payload = read(length) if length else b""
    return Frame(kind, number, payload) if len(payload) == length else None


@dataclass(frozen=True, slots=True)
class DecodeJob:
    """One stretch of 16 kHz audio to be recognised as a whole.

    times: when each word was spoken is wanted too; spell: only a phone number is wanted.
    """

    pcm: bytes
    language: str
    prompt: str
    speech_ms: int
    times: bool = True
    spell: bool = False

    def as_frame(self, number: int) -> Frame:
        head = json.dumps(
            {
                "language": self.language,
                "prompt": self.prompt,
                "speech_ms": self.speech_ms,
                "times": self.times,
                "spell": self.spell,
            }
        ).encode()
        return Frame(Kind.DECODE, number, struct.pack(">I", len(head)) + head + self.pcm)

    @classmethod
    def from_frame(cls, frame: Frame) -> "DecodeJob":
        (length,) = struct.unpack(">I", frame.payload[:4])
        head = json.loads(frame.payload[4 : 4 + length])
        return cls(pcm=frame.payload[4 + length :], **head)


def decoded_frame(number: int, decoded: Decoded) -> Frame:
    return json_frame(Kind.DECODED, number, asdict(decoded))


def decoded_from(frame: Frame) -> Decoded:
    content = frame.as_json()
    words = tuple(Word(**word) for word in content.pop("words"))
    return Decoded(words=words, number=_number_from(content.pop("number")), **content)


def spec_frame(number: int, spec: StreamSpec) -> Frame:
    return json_frame(Kind.OPEN, number, asdict(spec))


def spec_from(frame: Frame) -> StreamSpec:
    content = frame.as_json()
    return StreamSpec(hotwords=tuple(content.pop("hotwords")), **content)


def event_frame(number: int, event: SpeechEvent, *, settled_ms: int) -> Frame:
    kind = type(event).__name__.lower()
    return json_frame(
        Kind.EVENT, number, {"event": kind, "settled_ms": settled_ms, "content": asdict(event)}
    )


def event_from(frame: Frame) -> tuple[SpeechEvent, int]:
    """The event, and up to where the worker needs no audio any more."""
    content = frame.as_json()
    values = content["content"]
    if content["event"] == "final":
        words = tuple(Word(**word) for word in values.pop("words"))
        others = tuple(values.pop("alternatives"))
        values.pop("numbers")  # only the pass after the call spells numbers
        final = Final(words=words, alternatives=others, **values)
        return final, int(content["settled_ms"])
    return Partial(**values), int(content["settled_ms"])


def _number_from(content: dict[str, Any] | None) -> SpokenNumber | None:
    if content is None:
        return None
    lists = {"others": tuple(content["others"]), "behind": tuple(content["behind"])}
    return SpokenNumber(**{**content, **lists})
