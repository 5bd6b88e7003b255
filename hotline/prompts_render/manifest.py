"""Which text each recorded prompt was made from, so that a change without audio is noticed."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from core.domain.prompts import PromptBook, read_book

STUDIO = "studio"
_CATALOGUE = "catalogue.toml"
_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Take:
    """One recording: the text that was spoken, by which voice, and what the file holds."""

    text: str  # hash of the text
    voice: str  # with its speed, or "studio"
    audio: str  # hash of the file
    seconds: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """A piece of the catalogue that needs audio."""

    language: str
    piece: str
    text: str
    voice: str
    speed: float
    carrier: str = ""  # the sentence it is cut out of

    @property
    def manner(self) -> str:
        """Voice, speed and carrier, as the manifest names them."""
        return f"{self.voice} {self.speed} {self.carrier}".rstrip()


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a piece cannot be played as the catalogue has it."""

    language: str
    piece: str
    reason: str


Manifest = dict[str, dict[str, Take]]  # language -> piece -> take


class PromptFolder:
    """A folder of prompts: the catalogue, <language>/<piece>.wav, studio/<language>/<piece>.wav."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def book(self) -> PromptBook:
        """The catalogue."""
        return read_book((self.directory / _CATALOGUE).read_text(encoding="utf-8"))

    def manifest(self) -> Manifest:
        """What has been recorded so far."""
        path = self.directory / _MANIFEST
        if not path.exists():
            return {}
        raw = json.loads(path.read_text(encoding="utf-8"))
        return {
            language: {piece: Take(**take) for piece, take in takes.items()}
            for language, takes in raw.items()
        }

    def write_manifest(self, manifest: Manifest) -> None:
        """Sorted, one take a line, so that a change shows as a change."""
        lines: list[str] = []
        for language in sorted(manifest):
            takes = ",\n".join(
                f'  "{piece}": {json.dumps(asdict(take), ensure_ascii=False)}'
                for piece, take in sorted(manifest[language].items())
            )
            lines.append(f' "{language}": {{\n{takes}\n }}')
        text = "{\n" + ",\n".join(lines) + "\n}\n"
        (self.directory / _MANIFEST).write_text(text, encoding="utf-8")

    def wanted(self) -> Iterator[Wanted]:
        """Every piece that needs audio, silences aside."""
        book = self.book()
        for code, language in book.languages.items():
            for piece, text in book.recordings(code).items():
                cut = piece in book.cut_out and bool(language.carrier)
                speed = language.piece_speed if cut else language.speed
                carrier = language.carrier if cut else ""
                yield Wanted(code, piece, text, language.voice, speed, carrier)

    def audio(self, language: str, piece: str) -> Path:
        """The file that is played: a studio recording goes before a rendered one."""
        studio = self.studio(language, piece)
        return studio if studio.exists() else self.directory / language / f"{piece}.wav"

    def studio(self, language: str, piece: str) -> Path:
        """Where a studio recording of a piece belongs."""
        return self.directory / STUDIO / language / f"{piece}.wav"

    def stale(self) -> list[Wanted]:
        """Pieces whose audio was not made from today's text by today's voice."""
        manifest = self.manifest()
        return [
            wanted
            for wanted in self.wanted()
            if reason_against(wanted, manifest, self.audio(wanted.language, wanted.piece))
        ]

    def problems(self) -> list[Problem]:
        """Everything that `hotline prompts check` complains of."""
        manifest = self.manifest()
        found: list[Problem] = []
        for wanted in self.wanted():
            path = self.audio(wanted.language, wanted.piece)
            reason = reason_against(wanted, manifest, path)
            if reason:
                found.append(Problem(wanted.language, wanted.piece, reason))
        found.extend(self._silence_problems())
        return found

    def strangers(self) -> list[Path]:
        """Audio files that no text of the catalogue asks for."""
        book = self.book()
        known = {
            self.directory / code / f"{piece}.wav"
            for code in book.languages
            for piece in book.recordings(code)
        }
        files = [path for code in book.languages for path in (self.directory / code).glob("*.wav")]
        return sorted(path for path in files if path not in known)

    def silence(self, piece: str) -> Path:
        """A silence belongs to no language."""
        return self.directory / "silence" / f"{piece}.wav"

    def _silence_problems(self) -> Iterator[Problem]:
        for piece in self.book().silences:
            if not self.silence(piece).exists():
                yield Problem("-", piece, "没有静音文件")


def reason_against(wanted: Wanted, manifest: Manifest, path: Path) -> str:
    """Why this file is not a recording of this text; empty when it is."""
    take = manifest.get(wanted.language, {}).get(wanted.piece)
    if not path.exists():
        return "没有录音"
    if take is None:
        return "录音没有登记"
    if take.text != text_hash(wanted.text):
        return "文字改过，录音还是旧的"
    if take.audio != file_hash(path):
        return "录音文件与登记的不一致"
    if take.voice not in (wanted.manner, STUDIO):
        return "换了发音人或语速，还没有重新合成"
    return ""


def text_hash(text: str) -> str:
    """Short enough to read in a diff, long enough not to collide by accident."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def file_hash(path: Path) -> str:
    """The same for what a file holds."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
