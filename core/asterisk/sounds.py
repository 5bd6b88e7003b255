"""What is to be said, as the sound files that Asterisk plays: studio recordings before rendered."""

import logging
from collections.abc import Iterable
from pathlib import Path

from core.domain.prompts import PromptBook, Say, read_book

log = logging.getLogger(__name__)

_CATALOGUE = "catalogue.toml"
_STUDIO = "studio"
_SILENCE = "silence"


class PromptSounds:
    """The prompts of a folder, read once at start; ARI wants `media`, dialplan and AGI `paths`."""

    def __init__(self, directory: Path) -> None:
        root = directory.resolve()
        self.book: PromptBook = read_book((root / _CATALOGUE).read_text(encoding="utf-8"))
        self._files = {code: _files_of(root, code) for code in self.book.languages}
        self._silences = _stems(root / _SILENCE)

    def media(self, *says: Say, language: str) -> tuple[str, ...]:
        """The media URIs of the sentences for ARI, in order."""
        return tuple(f"sound:{path}" for path in self.paths(says, language))

    def paths(self, says: Iterable[Say], language: str) -> tuple[str, ...]:
        """The same as absolute paths without extension, as Playback and STREAM FILE want them."""
        found: list[str] = []
        for say in says:
            spoken = self.book.spoken_language(say, language)
            for piece in self.book.pieces(say, language):
                path = self._silences.get(piece) or self._files[spoken].get(piece)
                if path is None:
                    # One missing word must not cost the call the rest of the sentence.
                    log.error("prompt has no audio", extra={"prompt": piece, "language": spoken})
                else:
                    found.append(path)
        return tuple(found)


def _files_of(root: Path, language: str) -> dict[str, str]:
    return {**_stems(root / language), **_stems(root / _STUDIO / language)}


def _stems(directory: Path) -> dict[str, str]:
    return {path.stem: str(path.with_suffix("")) for path in sorted(directory.glob("*.wav"))}
