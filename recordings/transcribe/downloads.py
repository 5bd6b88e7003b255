"""Fetches a model from its makers' own site, once, and only with the checksum that we know."""

import hashlib
import shutil
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

from core.errors import Unavailable

_TIMEOUT_SECONDS = 15
_PIECE = 1 << 20


class DownloadFailed(Unavailable):
    """The model could not be fetched, or is not what it should be."""

    code = "download_failed"


@dataclass(frozen=True, slots=True)
class Download:
    """An archive that holds one folder of `name`; size is the most that we accept."""

    name: str
    url: str
    sha256: str
    size: int


DOWNLOADS: dict[tuple[str, str], Download] = {
    ("vosk", "zh"): Download(
        name="vosk-model-small-cn-0.22",
        url="https://alphacephei.com/vosk/models/vosk-model-small-cn-0.22.zip",
        sha256="3af8b0e7e0f835ae9d414ce5df580237a3cfb08d586c9fbbb0f7ff29ad5b14ba",
        size=43_898_754,
    ),
}


def fetch(download: Download, target: Path) -> None:
    """Download, check, unpack to `target`. Raises DownloadFailed; leaves nothing half done."""
    archive = target.with_name(f"{target.name}.zip.unfinished")
    unpacked = target.with_name(f"{target.name}.unfinished")
    try:
        if _store(download, archive) != download.sha256:
            raise DownloadFailed("校验和不符")
        _unpack(archive, unpacked)
        (unpacked / download.name).rename(target)
    except (OSError, urllib.error.URLError, zipfile.BadZipFile) as error:
        raise DownloadFailed(f"无法取得：{type(error).__name__}") from error
    finally:
        archive.unlink(missing_ok=True)
        shutil.rmtree(unpacked, ignore_errors=True)


def _store(download: Download, archive: Path) -> str:
    digest = hashlib.sha256()
    size = 0
    if not download.url.startswith("https://"):
        raise DownloadFailed("只允许 https")
    with (
        urllib.request.urlopen(download.url, timeout=_TIMEOUT_SECONDS) as answer,  # noqa: S310
        archive.open("wb") as file,
    ):
        while piece := answer.read(_PIECE):
            size += len(piece)
            if size > download.size:
                raise DownloadFailed("文件过大")
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as content:
        for name in content.namelist():
            if name.startswith("/") or ".." in Path(name).parts:
                raise DownloadFailed("压缩包内有不安全的路径")
        content.extractall(folder)
