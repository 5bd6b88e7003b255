"""The languages of the pages: Chinese is the source text, every other language a catalogue."""

import gettext
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from babel.messages.pofile import read_po
from typing_extensions import override

HERE = Path(__file__).parent
LOCALE_FOLDER = HERE / "locale"
DEFAULT_LANGUAGE = "zh"
LANGUAGE_NAMES: Mapping[str, str] = {"zh": "中文", "en": "English"}
#: How the browser is told which language the page is in.
HTML_LANG: Mapping[str, str] = {"zh": "zh-CN", "en": "en"}

# `t("...")` in the ES modules; a text that is put together from parts cannot be translated.
_JS_MESSAGE = re.compile(r"""\bt\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")


def mark(text: str) -> str:
    """Mark a text of the program for translation; it is translated where it is shown."""
    return text


class Catalogue(gettext.NullTranslations):
    """One language's texts, read straight from its .po file: nothing to compile, nothing stale."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__()
        self.texts = dict(texts)

    @override
    def gettext(self, message: str) -> str:
        return self.texts.get(message) or message

    @override
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def only(self, messages: Iterable[str]) -> dict[str, str]:
        """The translations of these texts: what a page hands to its scripts."""
        return {text: self.texts[text] for text in messages if self.texts.get(text)}


def read_catalogue(path: Path) -> Catalogue:
    """Read a .po file; fuzzy and empty entries fall back to the Chinese text."""
    with path.open("rb") as file:
        catalogue = read_po(file)
    texts = {
        message.id: message.string
        for message in catalogue
        if isinstance(message.id, str)
        and isinstance(message.string, str)
        and message.id
        and not message.fuzzy
    }
    return Catalogue(texts)


def load_catalogues(folder: Path = LOCALE_FOLDER) -> dict[str, Catalogue]:
    """Every language there is, by its code; Chinese is always there and needs no file."""
    catalogues = {DEFAULT_LANGUAGE: Catalogue({})}
    for path in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        catalogues[path.parent.parent.name] = read_catalogue(path)
    return catalogues


def script_messages(folder: Path = HERE / "static" / "js") -> list[str]:
    """Every text that the browser's modules show, in the order of the files."""
    found: dict[str, None] = {}
    for path in sorted(folder.rglob("*.js")):
        for match in _JS_MESSAGE.finditer(path.read_text(encoding="utf-8")):
            found[match.group(1) or match.group(2)] = None
    return list(found)


def choose_language(cookie: str | None, accepted: str | None, known: Iterable[str]) -> str:
    """The person's own choice first; else Chinese unless the browser asks for another we have."""
    languages = set(known)
    if cookie in languages:
        return str(cookie)
    for part in (accepted or "").split(","):
        code = part.split(";")[0].strip().lower().split("-")[0]
        if code in languages:
            return code
    return DEFAULT_LANGUAGE
