"""Takes the clues to a person out of free text; pure, so that it can be tested without end."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: Digits as people write and recognisers hear them; a plain `0` is both.
_SPOKEN = "零〇一二三四五六七八九幺两"
_DIGIT = rf"[0-9{_SPOKEN}]"
_GAP = r"[\s\-—–_.,，、。·()（）/]{0,3}"
#: The shortest run that may be somebody's number; a local line has seven digits.
_SHORTEST_NUMBER = 7
#: A known number below this is a house extension, and its digits stand in any text.
_SHORTEST_CLUE = 5
_NUMBER = re.compile(rf"{_DIGIT}(?:{_GAP}{_DIGIT}){{{_SHORTEST_NUMBER - 1},}}")
_IDENTITY = re.compile(r"(?<!\d)\d(?:[ \-]?\d){14,16}[ \-]?[\dXx](?![0-9A-Za-z])")
_PASSPORT = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d{7,8}(?!\d)")
_MAIL = re.compile(r"[A-Za-z0-9_.+-]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")
_ACCOUNT = re.compile(
    r"(微信号?|QQ号?|qq号?|抖音号?|支付宝账?号?|银行卡号?|卡号)(?:是|为|：|:)?\s*([A-Za-z0-9_\-]{5,30})"
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领]\s*[A-Za-z]\s*[·.\-]?\s*"
    r"[A-Za-z0-9](?:\s?[A-Za-z0-9]){3,4}\s?[A-Za-z0-9学警港澳挂试超]"
)
_N = rf"(?:\d{{1,4}}|[{_SPOKEN}十百]{{1,5}}|[A-Za-z甲乙丙丁东西南北]\d{{0,3}})"
_ROOM = re.compile(
    rf"(?:{_N}\s*(?:号楼|幢|栋|座|号门|单元|楼|层|弄)\s*)+{_N}(?:\s*(?:室|号房|房|户))?"
    rf"|(?:{_N}\s*(?:号楼|幢|栋|座|单元)\s*)+(?:\d{{3,4}})?"
    rf"|{_N}\s*(?:室|号房|户(?!外|籍|口))"
    r"|(?<!\d)\d{1,3}\s*[-—#]\s*\d{1,2}\s*[-—]\s*\d{3,4}(?!\d)"
)
#: A case number says nothing of a person; it stays where it stands alone.
_CASE_NUMBER = re.compile(r"(?<!\d)20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{5}(?!\d)")
_SURNAMES_OF_TWO = (
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "夏侯", "慕容",
    "司徒", "长孙", "宇文", "南宫", "端木", "独孤", "轩辕", "百里", "呼延",
)  # fmt: skip
_TITLES = ("先生", "女士", "小姐", "同志", "师傅", "老师", "阿姨", "大爷", "大妈")
#: Full-width digits, letters and signs in their plain form; Chinese punctuation stays.
_PLAIN = {
    code: code - 0xFEE0
    for first, last in (
        ("０", "９"),
        ("Ａ", "Ｚ"),
        ("ａ", "ｚ"),
        ("－", "．"),
        ("＠", "＠"),
        ("＿", "＿"),
    )
    for code in range(ord(first), ord(last) + 1)
}
_TOWN = re.compile(r"[^\s，,。；;、]{1,12}?(?:街道|镇|乡|开发区|高新区|工业园区|园区)")
_DISTRICT = re.compile(r"[^\s，,。；;、]{1,8}?(?:区|县)(?![内里外])")


@dataclass(frozen=True, slots=True)
class Clues:
    """What is known of a person beforehand: taken out wherever it stands."""

    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


def redact(text: str, clues: Clues | None = None) -> str:
    """The text without telephone, identity and account numbers, and without the known clues.

    >>> redact("请打 138 6275 4310 找我，微信 abc_12345")
    '请打 〔号码〕 找我，微信〔账号〕'
    """
    clues = clues or Clues()
    plain = text.translate(_PLAIN)
    plain = _MAIL.sub("〔邮箱〕", plain)
    plain = _ACCOUNT.sub(r"\1〔账号〕", plain)
    plain = _known(plain, clues)
    kept = _CASE_NUMBER.findall(plain)
    parts = [_without_numbers(part) for part in _CASE_NUMBER.split(plain)]
    return "".join(part + number for part, number in zip(parts, [*kept, ""], strict=True))


def redact_strictly(text: str, clues: Clues | None = None) -> str:
    """As `redact`, and without plates and room numbers: for confidential cases."""
    plain = text.translate(_PLAIN)
    plain = _PLATE.sub("〔车牌〕", plain)
    return _ROOM.sub("〔房号〕", redact(plain, clues))


def found_clues(text: str, clues: Clues | None = None) -> list[str]:
    """The kinds of clue in a text, for the check before a confidential case is dispatched."""
    marks = re.findall(r"〔([^〔〕]{1,4})〕", redact_strictly(text, clues))
    already = re.findall(r"〔([^〔〕]{1,4})〕", text.translate(_PLAIN))
    for mark in already:
        if mark in marks:
            marks.remove(mark)
    return sorted(set(marks))


def _known(text: str, clues: Clues) -> str:
    for number in sorted(clues.numbers, key=len, reverse=True):
        digits = re.sub(r"\D", "", number)
        if len(digits) >= _SHORTEST_CLUE:
            text = re.sub(_GAP.join(digits), "〔号码〕", text)
    for name in sorted(clues.names, key=len, reverse=True):
        whole = name.strip()
        # One character is no name: 王 stands in many words.
        for part in (whole, _without_title(whole)):
            if len(part) > 1:
                text = text.replace(part, "〔姓名〕")
    return text


def _without_numbers(text: str) -> str:
    text = _IDENTITY.sub("〔证件号〕", text)
    text = _PASSPORT.sub("〔证件号〕", text)
    return _NUMBER.sub("〔号码〕", text)


def _without_title(name: str) -> str:
    for title in _TITLES:
        if name.endswith(title):
            return name[: -len(title)]
    return name


def surname_only(name: str) -> str:
    """What a department sees of a name: the surname and a polite word.

    >>> surname_only("欧阳志远"), surname_only("陈女士"), surname_only("")
    ('欧阳先生/女士', '陈女士', '')
    """
    name = name.strip()
    if not name:
        return ""
    surname = name[:2] if name.startswith(_SURNAMES_OF_TWO) else name[0]
    title = next((title for title in ("先生", "女士") if name.endswith(title)), "先生/女士")
    return surname + title


def town_of(place: str) -> str:
    """The place no finer than its town or street office; nothing when none is named.

    >>> town_of("海门街道人民路12号3幢"), town_of("人民路口")
    ('海门街道', '')
    """
    found = _TOWN.search(place) or _DISTRICT.search(place)
    return place[: found.end()] if found else ""


def shortened(text: str, length: int) -> str:
    """The beginning of a text, marked when something is left out."""
    return text if len(text) <= length else text[: length - 1] + "…"


def any_in(text: str, secrets: Iterable[str]) -> bool:
    """Whether one of the secrets stands in the text."""
    return any(secret and secret in text for secret in secrets)
