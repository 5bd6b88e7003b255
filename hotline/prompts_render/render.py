"""Renders the prompts whose text, voice or audio changed, and takes in studio recordings."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from core.domain.prompts import PromptRefused
from hotline.prompts_render.manifest import (
    STUDIO,
    Manifest,
    PromptFolder,
    Take,
    Wanted,
    file_hash,
    text_hash,
)
from hotline.prompts_render.sound import (
    Samples,
    for_the_phone,
    read_mono,
    silence,
    write_phone_wav,
)


class Speaker(Protocol):
    """Whatever can speak a text."""

    rate: int

    def speak(self, text: str, voice: str, speed: float) -> Samples:
        """The text as samples of `rate`."""
        ...

    def speak_within(self, text: str, carrier: str, voice: str, speed: float) -> Samples:
        """The text cut out of a carrier sentence with {} in its place."""
        ...


def render(
    folder: PromptFolder,
    speaker: Speaker,
    wanted: Iterable[Wanted],
    report: Callable[[Wanted, float], None],
) -> int:
    """Speak each wanted piece; the manifest is written after every one, so a stop loses nothing."""
    manifest = folder.manifest()
    count = 0
    for piece in wanted:
        samples = for_the_phone(_spoken(piece, speaker), speaker.rate)
        path = folder.directory / piece.language / f"{piece.piece}.wav"
        seconds = write_phone_wav(path, samples)
        take = Take(text_hash(piece.text), piece.manner, file_hash(path), seconds)
        manifest.setdefault(piece.language, {})[piece.piece] = take
        folder.write_manifest(manifest)
        report(piece, seconds)
        count += 1
    return count


def _spoken(piece: Wanted, speaker: Speaker) -> Samples:
    if piece.carrier:
        return speaker.speak_within(piece.text, piece.carrier, piece.voice, piece.speed)
    return speaker.speak(piece.text, piece.voice, piece.speed)


def write_silences(folder: PromptFolder) -> None:
    """The silences of the catalogue as files."""
    for piece, milliseconds in folder.book().silences.items():
        write_phone_wav(folder.silence(piece), silence(milliseconds))


def take_in(folder: PromptFolder, language: str, piece: str, recording: Path) -> Take:
    """Register a studio recording for today's text of a piece."""
    text = folder.book().recordings(language).get(piece)
    if text is None:
        raise PromptRefused("提示语目录中没有这一条", prompt=piece, language=language)
    samples, rate = read_mono(recording)
    path = folder.studio(language, piece)
    seconds = write_phone_wav(path, for_the_phone(samples, rate))
    take = Take(text_hash(text), STUDIO, file_hash(path), seconds)
    manifest = folder.manifest()
    manifest.setdefault(language, {})[piece] = take
    folder.write_manifest(manifest)
    return take


def drop_strangers(folder: PromptFolder) -> list[Path]:
    """Remove audio that no text asks for any more, and its entries in the manifest."""
    strangers = folder.strangers()
    for path in strangers:
        path.unlink()
    book, manifest = folder.book(), folder.manifest()
    kept: Manifest = {}
    for language in book.languages:
        known = book.recordings(language)
        takes = manifest.get(language, {})
        kept[language] = {piece: take for piece, take in takes.items() if piece in known}
    if kept != manifest:
        folder.write_manifest(kept)
    return strangers
