"""Words for times that a recogniser wrote by other characters of the same sound.

Each is put right in place, character for character, so that what is read keeps its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product

from recordings.drafting.sound_index import Hit, SoundIndex
from recordings.drafting.sounds import hear

COUNTS = "一二两三四五六七八九十几半"
DAYS = ("昨天", "今天", "前天", "每天", "天天")
PARTS = ("早上", "上午", "中午", "下午", "傍晚", "晚上", "夜里", "凌晨", "半夜")
LASTING = (
    *("{}个多星期", "{}个多礼拜", "{}个多月", "{}个星期", "{}个礼拜", "{}个月了", "{}个小时"),
    *("{}个半月", "{}分钟前", "{}天前", "{}天了", "{}年多了", "{}个晚上", "{}点多钟", "{}点左右"),
)
SINCE = (
    *("国庆节以后", "国庆以后", "五一以后", "春节以后", "过年以后", "从过年到现在", "元旦以后"),
    *("上个星期", "上个礼拜", "这个星期", "上个月", "这个月", "最近半个月", "最近一个月"),
    *("到现在", "刚才", "刚刚"),
)
WEEKDAYS = tuple(
    f"{lead}{week}{day}"
    for lead, week, day in product(("上个", "这个", "上"), ("星期", "礼拜", "周"), "一二三四五六")
)
#: How much may be misheard a syllable, by the length of the words.
MOST = {3: 0.06, 4: 0.12, 5: 0.16}
MOST_LONG = 0.16
SHORTEST = 3
WORST = 0.62


@cache
def _book() -> SoundIndex:
    phrases = [form.format(count) for form, count in product(LASTING, COUNTS)]
    phrases += [day + part for day, part in product(DAYS, PARTS)]
    phrases += [*SINCE, *WEEKDAYS]
    return SoundIndex(list(dict.fromkeys(phrases)))


def put_right(text: str) -> str:
    """The text with misspelt words for times written as they are; of the same length."""
    out = list(text)
    for hit in _chosen(text):
        out[hit.start : hit.end] = _book().texts[hit.row]
    return "".join(out)


def _chosen(text: str) -> Iterator[Hit]:
    """The nearest readings that do not overlap; what is right already keeps its place."""
    taken: list[tuple[int, int]] = []
    for hit in sorted(_near(text), key=lambda h: (h.cost / (h.end - h.start), -h.end + h.start)):
        if all(hit.end <= start or end <= hit.start for start, end in taken):
            taken.append((hit.start, hit.end))
            if not hit.exact:
                yield hit


def _near(text: str) -> Iterator[Hit]:
    for hit in _book().search(hear(text)):
        words = _book().texts[hit.row]
        if hit.exact:
            yield hit
            continue
        straight = hit.end - hit.start == len(words) and len(words) >= SHORTEST
        limit = MOST.get(len(words), MOST_LONG)
        if straight and hit.worst <= WORST and hit.cost <= limit * len(words):
            yield hit
