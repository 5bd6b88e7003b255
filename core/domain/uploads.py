"""What a file really is, told by its first bytes and never by its name; and how large it may be."""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import InputRefused

LARGEST_FILE = 5 * 1024 * 1024
MOST_FILES = 6
_LONGEST_NAME = 120

#: Kind -> media type under which it is given out again.
MEDIA_TYPES: Mapping[str, str] = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
}
#: Endings that mean the same kind.
_SAME = {"jpeg": "jpg"}
_OFFICE = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may be kept."""

    name: str
    kind: str
    content: bytes

    @property
    def media_type(self) -> str:
        """How a browser is told what it is."""
        return MEDIA_TYPES[self.kind]


def check_upload(name: str, content: bytes) -> Upload:
    """The file under a safe name. Raises InputRefused with a sentence when it cannot be kept."""
    if not content:
        raise InputRefused("附件是空文件，请重新选择")
    if len(content) > LARGEST_FILE:
        raise InputRefused("附件过大，单个文件不能超过 5 MB")
    kind = kind_of(content)
    if kind is None:
        raise InputRefused("附件只接受图片、PDF、Word、Excel 或录音文件")
    ending = name.rpartition(".")[2].lower()
    if _SAME.get(ending, ending) != kind:
        raise InputRefused("附件内容与扩展名不符，请核对后重新选择")
    return Upload(safe_name(name), kind, content)


def kind_of(content: bytes) -> str | None:
    """The kind that the bytes themselves show; None when it is none of ours."""
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "wav"
    if content.startswith(b"ID3") or content[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return "mp3"
    return _office_kind(content) if content.startswith(b"PK\x03\x04") else None


def _office_kind(content: bytes) -> str | None:
    """A Word or Excel file without macros: told by the parts it is made of."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    return next((kind for kind, part in _OFFICE.items() if part in names), None)


def safe_name(name: str) -> str:
    """The file's own name without folders, control characters, or more length than fits."""
    last = re.split(r"[\\/]", name)[-1]
    clean = re.sub(r"[\x00-\x1f\x7f\"<>|:*?]", "", last).strip(" .")
    stem, dot, ending = clean.rpartition(".")
    return f"{stem[: _LONGEST_NAME - len(ending) - 1]}{dot}{ending}" if dot else clean or "file"
