"""One job of recognition, carried out with a loaded model: in a worker, or while measuring."""

from __future__ import annotations

from recordings.transcribe.audio import as_floats
from recordings.transcribe.whisper_engine import Decoded, WhisperDecoder
from recordings.transcribe.wire import DecodeJob


def recognise(decoder: WhisperDecoder, job: DecodeJob) -> Decoded:
    """The words of the stretch, or only the phone number in it when that is asked for."""
    samples = as_floats(job.pcm)
    if job.spell:
        return Decoded("", 0.0, number=decoder.spell(samples))
    return decoder.decode(
        samples,
        language=job.language,
        prompt=job.prompt,
        speech_ms=job.speech_ms,
        times=job.times,
    )
