"""Title, summary and demand in the words of a clerk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from recordings.drafting.topics import PhraseHit

VERB = {
    "咨询": "咨询",
    "求助": "求助",
    "投诉": "反映",
    "举报": "举报",
    "建议": "建议",
    "表扬": "表扬",
}
DEFAULT_DEMAND = {
    "咨询": "请予以解答",
    "求助": "请求尽快帮助解决",
    "投诉": "要求核实处理",
    "举报": "要求查处",
    "建议": "希望采纳",
    "表扬": "请转达谢意",
}
FILLER = re.compile(
    r"喂|你好|您好|同志(?:啊)?|领导|麻烦(?:你们)?|我跟你[讲说](?:哦)?|就是说|那个什么|怎么说呢|呃|嗯|哎|唉|啊|呀|哦|呢|嘛|吧"
    r"|我(?:要|想)?(?:反映|投诉|举报|咨询)(?:一下|一个问题|一个)?|我想问一下|请问(?:一下)?|我问一下|不好意思|对对对?|好的?好的?"
)
DEMAND = re.compile(
    r"(?:希望|要求|请|麻烦|能不能|可不可以|让他?们?|叫|快点|赶快|赶紧|尽快|你们(?:快|叫|派|来|去)"
    r"|一定要|应该)[^，。！？\n]{2,24}"
)
NOT_DEMAND = re.compile(
    r"^请问|^叫(?:什么|老|做)|^要求不|^请留|^请您|让你打|回个?电话|打电话|^应该是|^让我"
)
CLAUSE = re.compile(r"[^，。！？；\n]+")
NUMBERISH = re.compile(r"[幺零一二三四五六七八九\d]{5,}")
MAX_SUMMARY = 120
MAX_BODY = 72
MAX_TITLE = 30
TELLING = 3
A_SENTENCE = 5


@dataclass(frozen=True, slots=True)
class Written:
    """Title, summary and demand, and the characters the demand was read from (-1: none)."""

    title: str
    summary: str
    demand: str
    demand_at: tuple[int, int] = (-1, -1)


def write(
    text: str, *, case_type: str, place: str, hits: Sequence[PhraseHit], category: str
) -> Written:
    """Put a matter into a clerk's words; place is the short wording of where."""
    demand, at = _demand(text, case_type)
    body = _body(text, hits)
    subject = f"市民{VERB.get(case_type, '反映')}"
    where = "" if place and place in body else place
    told = (
        f"{subject}{where}{'，' if where and body else ''}{body}"
        if body
        else (f"{subject}{where}{category}问题")
    )
    ending = demand if demand not in told else ""
    summary = f"{told}，{ending}。" if ending else f"{told}。"
    return Written(_title(place, hits, category, case_type), summary, demand, at)


def _demand(text: str, case_type: str) -> tuple[str, tuple[int, int]]:
    found = [m for m in DEMAND.finditer(text) if not NOT_DEMAND.search(m.group())]
    if not found:
        return DEFAULT_DEMAND.get(case_type, "要求核实处理"), (-1, -1)
    last = max(found, key=lambda m: (len(m.group()) > A_SENTENCE, m.start()))
    words = FILLER.sub("", last.group()).strip("，")
    words = re.sub(r"^(?:能不能|可不可以|麻烦|叫|你们|请(?:你们)?)+", "", words)
    if not words:
        return DEFAULT_DEMAND.get(case_type, "要求核实处理"), (-1, -1)
    lead = "" if words.startswith(("希望", "要求", "尽快")) else "希望"
    return f"{lead}{words}", last.span()


def _body(text: str, hits: Sequence[PhraseHit]) -> str:
    """The telling clauses in order: those with phrases of the matter, and their neighbours."""
    clauses = list(CLAUSE.finditer(text))
    told = [sum(h.weight for h in hits if c.start() <= h.start < c.end()) for c in clauses]
    order = sorted(range(len(clauses)), key=lambda i: (-told[i], i))
    chosen: set[int] = set()
    length = 0
    for number in order:
        words = _tidy(clauses[number].group())
        if told[number] <= 0 or length + len(words) > MAX_BODY:
            continue
        chosen.add(number)
        length += len(words)
    parts = [_tidy(clauses[i].group()) for i in sorted(chosen)]
    return "，".join(part for part in parts if part)


def _tidy(words: str) -> str:
    words = NUMBERISH.sub("", FILLER.sub("", words))
    words = re.sub(r"我们家?|咱们", lambda m: "其家" if m.group().endswith("家") else "其", words)
    return words.replace("我", "其").strip("，、 ")


def _title(place: str, hits: Sequence[PhraseHit], category: str, case_type: str) -> str:
    """Where and what: the longest telling phrase said, else the category's own name."""
    strong = sorted(hits, key=lambda h: (-h.weight, h.start))
    what = strong[0].phrase if strong and len(strong[0].phrase) >= TELLING else ""
    topic = category.rpartition("/")[2]
    subject = f"{topic}（{what}）" if what and what not in topic else topic
    tail = {"咨询": "咨询", "建议": "建议", "表扬": ""}.get(case_type, "问题")
    return f"{place}{subject}{tail}"[:MAX_TITLE]
