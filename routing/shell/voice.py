"""What routing says to callers: prompts as lists of sounds for Asterisk."""

from pathlib import Path

from core.domain.prompts import PromptBook, Say, read_book, say

_SILENCE = "silence"


class Voice:
    """Finds the audio of a sentence in the catalogue's folder."""

    def __init__(self, book: PromptBook, folder: Path) -> None:
        self._book = book
        self._folder = folder

    @classmethod
    def load(cls, folder: Path) -> "Voice":
        """Read the catalogue that lies beside its audio."""
        return cls(read_book((folder / "catalogue.toml").read_text(encoding="utf-8")), folder)

    def sounds(self, sentence: Say, language: str) -> list[str]:
        """The sentence as sounds, in the caller's language where the catalogue has it."""
        spoken = self._book.spoken_language(sentence, language)
        return [self._sound(piece, spoken) for piece in self._book.pieces(sentence, language)]

    def _sound(self, piece: str, language: str) -> str:
        folder = _SILENCE if piece in self._book.silences else language
        return f"sound:{self._folder / folder / piece}"


def wait_sentences(place: int, minutes: tuple[int, int] | None) -> list[Say]:
    """What a waiting caller is told: the place, and the minutes only where they are known."""
    told = [say("next_in_line") if place <= 1 else say("place_in_line", ahead=place - 1)]
    if minutes is not None:
        low, high = minutes
        told.append(
            say("wait_under", high=high) if low == high else say("wait_between", low=low, high=high)
        )
    return [*told, say("keep_waiting")]
