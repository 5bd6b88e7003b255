"""What people correct, as a confusion table: 'this was heard, that was meant'. Pure.

A correction is only proposed; an administrator accepts it, and only then is the next call read
with it.
"""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from enum import StrEnum

_HANZI = re.compile(r"[\u3400-\u9fff]+")
#: A single character proves little: its neighbours belong to what was heard.
SHORTEST, LONGEST = 2, 8


class CorrectionKind(StrEnum):
    """Where a person corrected: in a caption, or by choosing another place."""

    CAPTION = "CAPTION"
    PLACE = "PLACE"


class CorrectionState(StrEnum):
    """What an administrator has said of it."""

    PROPOSED = "PROPOSED"
    ACCEPTED = "ACCEPTED"
    DROPPED = "DROPPED"


def differences(heard: str, meant: str) -> list[tuple[str, str]]:
    """The words that a person has put in the place of others: (heard, meant), in order.

    >>> differences("我在文仓路这边", "我在文昌路这边")
    [('文仓路', '文昌路')]
    """
    matcher = SequenceMatcher(None, heard, meant, autojunk=False)
    found = []
    for kind, a1, a2, b1, b2 in matcher.get_opcodes():
        if kind != "replace":
            continue
        before = heard[a1 - 1] if a1 and a2 - a1 < SHORTEST and _is_hanzi(heard[a1 - 1]) else ""
        after = heard[a2] if a2 < len(heard) and a2 - a1 < SHORTEST and _is_hanzi(heard[a2]) else ""
        pair = (f"{before}{heard[a1:a2]}{after}", f"{before}{meant[b1:b2]}{after}")
        if all(_is_hanzi(one) and SHORTEST <= len(one) <= LONGEST for one in pair):
            found.append(pair)
    return found


def corrected(text: str, table: Mapping[str, str]) -> list[tuple[int, int, str]]:
    """Where accepted corrections apply in a text: (start, end, meant), without overlaps.

    The longest heard words go first; what already reads as meant is left alone.
    """
    taken: list[tuple[int, int, str]] = []
    for heard in sorted(table, key=lambda one: (-len(one), one)):
        for match in re.finditer(re.escape(heard), text):
            start, end = match.span()
            free = all(end <= a or b <= start for a, b, _ in taken)
            if free and not _reads_so(text, start, end, table[heard]):
                taken.append((start, end, table[heard]))
    return sorted(taken)


def _reads_so(text: str, start: int, end: int, meant: str) -> bool:
    """Whether the meant words stand there already and contain what was heard."""
    window = text[max(0, start - len(meant)) : end + len(meant)]
    return text[start:end] in meant and meant in window


def _is_hanzi(text: str) -> bool:
    return _HANZI.fullmatch(text) is not None
