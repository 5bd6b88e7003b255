"""Uploaded files: what they really are, and how large."""

import io
import zipfile

import pytest

from core.domain.uploads import LARGEST_FILE, check_upload, kind_of, safe_name
from core.errors import InputRefused

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def office(*parts: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for part in parts:
            archive.writestr(part, "x")
    return kept.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe0rest", "jpg"),
        (PNG, "png"),
        (b"%PDF-1.7 ...", "pdf"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "wav"),
        (b"ID3\x03rest", "mp3"),
        (office("[Content_Types].xml", "word/document.xml"), "docx"),
        (office("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        (office("word/document.xml", "word/vbaProject.bin"), None),
        (office("anything.txt"), None),
        (b"PK\x03\x04broken", None),
        (b"MZ\x90\x00", None),
        (b"<html><script>", None),
        (b"", None),
    ],
)
def test_the_bytes_say_what_a_file_is(content: bytes, kind: str | None) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("现场.png", b""),
        ("现场.png", b"MZ" + bytes(30)),
        ("现场.jpg", PNG),
        ("现场", PNG),
        ("大图.png", PNG + bytes(LARGEST_FILE)),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(InputRefused):
        check_upload(name, content)


def test_a_good_file_keeps_its_name_without_folders() -> None:
    kept = check_upload("C:\\照片\\现场<1>.PNG", PNG)
    assert (kept.name, kept.kind, kept.media_type) == ("现场1.PNG", "png", "image/png")


def test_a_very_long_name_keeps_its_ending() -> None:
    name = safe_name("长" * 500 + ".pdf")
    assert len(name) == 120
    assert name.endswith(".pdf")
