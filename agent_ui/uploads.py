"""Forms with files: read piece by piece within limits, and only after their token was right."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, MultipartReader, web

from core.domain.uploads import LARGEST_FILE, MOST_FILES, Upload, check_upload
from core.errors import InputRefused

#: All texts of a form together.
MOST_TEXT_BYTES = 256 * 1024
#: Addresses below which forms may carry files; everywhere else such a form is refused.
FILE_FORM_PAGES = ("/unit/",)
_MOST_PARTS = 60
_CHUNK = 64 * 1024
_PATIENCE = 40 * 1024 * 1024
TOKEN_FIELD = "csrf"  # noqa: S105 - the name of the field, not a token


@dataclass(slots=True)
class FileForm:
    """A form as it was sent: its texts, and the files that were chosen, not yet looked at.

    problem: why the files cannot be kept; told beside the form, so that no text is lost.
    """

    texts: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, bytes]] = field(default_factory=list)
    problem: str = ""


FILE_FORM = web.RequestKey("file_form", FileForm)


async def read_file_form(request: web.Request, expected: str) -> FileForm | None:
    """The whole form; None when its first field is not the token that we wrote into it.

    Raises InputRefused when it is larger than any form of ours or not a form at all.
    """
    form, size = FileForm(), 0
    try:
        reader = await request.multipart()
        for _ in range(_MOST_PARTS):
            part = await reader.next()
            if part is None:
                return form if form.texts else None
            if isinstance(part, MultipartReader) or not part.name:
                raise InputRefused("请求的内容不完整或格式不对")
            size += await _take(form, part, MOST_TEXT_BYTES - size)
            if len(form.texts) == 1 and not form.files and not _right(form.texts, expected):
                return None
    except (ValueError, AssertionError) as error:
        raise InputRefused("请求的内容不完整或格式不对") from error
    raise InputRefused("请求的内容不完整或格式不对")


def _right(texts: Mapping[str, str], expected: str) -> bool:
    given = texts.get(TOKEN_FIELD, "")
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


async def _take(form: FileForm, part: BodyPartReader, text_left: int) -> int:
    """Keep one field; returns how many bytes of text it had."""
    name = str(part.name)
    if part.filename is None:
        content = await _read(part, text_left)
        if content is None:
            raise InputRefused("内容过长，请控制在两万字以内", fields=[name])
        form.texts[name] = content.decode("utf-8", errors="replace")
        return len(content)
    if not form.texts:  # a file before the token: not a form of ours
        raise InputRefused("请求的内容不完整或格式不对")
    if len(form.files) >= MOST_FILES:
        form.problem = "一次最多上传 6 个附件"
    content = await _read(part, 0 if form.problem else LARGEST_FILE)
    if content is None:
        form.problem = form.problem or "附件过大，单个文件不能超过 5 MB"
    elif part.filename or content:
        form.files.append((part.filename, content))
    return 0


async def _read(part: BodyPartReader, most: int) -> bytes | None:
    """The field's bytes; None when there are more, which are read on and thrown away.

    A browser that is cut off in the middle of sending shows no answer: it is let finish, up to
    the size at which nobody chose the wrong file by mistake.
    """
    kept, size = bytearray(), 0
    while chunk := await part.read_chunk(_CHUNK):
        size += len(chunk)
        if size <= most:
            kept += chunk
        elif size > _PATIENCE:
            raise InputRefused("附件过大，单个文件不能超过 5 MB", fields=["attachments"])
    return bytes(kept) if size <= most else None


async def texts_of_form(request: web.Request) -> Mapping[str, str]:
    """The texts of a form, with or without files."""
    found: FileForm | None = request.get(FILE_FORM)
    if found is not None:
        return found.texts
    data = await request.post()
    return {name: str(data[name]) for name in data}


def uploads_of(request: web.Request) -> Sequence[Upload]:
    """The chosen files, each looked at. Raises InputRefused."""
    found: FileForm | None = request.get(FILE_FORM)
    if found is None:
        return []
    if found.problem:
        raise InputRefused(found.problem, fields=["attachments"])
    return [check_upload(name, content) for name, content in found.files]
