"""Whether a caller asks, begs for help, complains, reports, suggests or praises."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping

from recordings.drafting.knowledge import Knowledge
from recordings.drafting.signals import Signal
from recordings.drafting.topics import place_in_taxonomy, topics

ASK, HELP, COMPLAIN, REPORT, SUGGEST, PRAISE = "咨询", "求助", "投诉", "举报", "建议", "表扬"
CASE_TYPES = (ASK, HELP, COMPLAIN, REPORT, SUGGEST, PRAISE)
# What a caller says of his own call outweighs everything that can be guessed.
DECLARED = {
    COMPLAIN: re.compile(r"我?(?<!不是)(?<!不)要投[诉俗]|来投诉|投诉一下|(?:我|想)投诉(?!过)"),
    REPORT: re.compile(r"要举报|来举报|举报一个|举报一下|想举报"),
    ASK: re.compile(r"咨询|想问|问问|请问一下|我问一下|打听|了解一下|问一下"),
    SUGGEST: re.compile(r"提[个一]{1,2}建议|我建议|想建议|有个建议|提点建议|建议你们"),
    PRAISE: re.compile(r"表扬|要感谢|来感谢|想感谢|点个?赞|送锦旗|要谢谢"),
    HELP: re.compile(r"求助|求求你们|想请你们帮|[想要]申请(?!书)|请你们帮忙|来救"),
}
DECLARED_WEIGHT = {COMPLAIN: 2.6, REPORT: 3.4, ASK: 1.9, SUGGEST: 3.2, PRAISE: 3.6, HELP: 1.6}
QUESTION = re.compile(
    r"要不要|是不是要|多少|怎么[办报申算弄交]|到哪[里儿]|在哪[里儿]|什么条件|什么材料|什么时候|几点|几户"
    r"|行不行|可不可以|能不能报|怎么回事|需要什么|要什么|带什么|有没有.{0,6}(?:规定|政策|补贴)|哪个部门申请"
    r"|还是(?:到|要|跑|直接)|要预约|哪里可以|能不能在|算不算|有什么"
)
HARM = re.compile(
    r"坏了|没人管|不管|扰民|太吵|投诉|举报|偷|骂|占|堵|臭|欠|拖|不退|没有用|危险|没法睡|睡不着|罚"
)
PLEA = re.compile(r"叫人来|派人|来人|快[点一]|谢谢(?:啊|你们|奈)|帮|能不能快|抢修|麻烦")
OFFENCE = re.compile(
    r"偷排|偷倒|私自|黑作坊|无证|没有证|没有审批|没.{0,3}手续|违章|违法|违规|正在烧|烧秸秆|造假|假冒|赌博"
    r"|不敢讲|报复|保密|匿名|不留名|不留名字|现场一看|一抓一个准|一看一个准|去查|来查"
)
PRIOR, SMOOTH = 0.5, 0.6
# Most calls complain of something; and what a topic usually is counts like so many past cases.
COMPLAINT_FIRST = 0.9
USUAL = 3
MOST_PAST = 8


def priors(knowledge: Knowledge) -> dict[tuple[str, str], Counter[str]]:
    """How each category's earlier cases were typed, and what its topics usually are."""
    out: dict[tuple[str, str], Counter[str]] = {}
    usual = {topic.name: topic.usual for topic in topics()}
    for topic, home in place_in_taxonomy(knowledge.taxonomy).items():
        out.setdefault(home, Counter())[usual[topic]] += USUAL
    for case in knowledge.history:
        typed = out.setdefault(case.category, Counter())
        typed[case.case_type] += 1 if typed[case.case_type] < MOST_PAST else 0
    return out


def case_type_scores(
    text: str, found: Mapping[str, Signal], past: Counter[str] | None
) -> dict[str, float]:
    """Type -> score; the highest is the suggestion."""
    scores = dict.fromkeys(CASE_TYPES, 0.0)
    seen = past or Counter()
    total = seen.total() + SMOOTH * len(CASE_TYPES)
    for name in CASE_TYPES:
        scores[name] += PRIOR * math.log((seen[name] + SMOOTH) / total)
        signal = found.get(f"type:{name}")
        scores[name] += 0.45 * min(4.0, signal.weight) if signal else 0.0
        if DECLARED[name].search(_head(text) if name == ASK else text):
            scores[name] += DECLARED_WEIGHT[name]
    return _by_manner(scores, text)


def _by_manner(scores: dict[str, float], text: str) -> dict[str, float]:
    questions = min(4, len(QUESTION.findall(text)))
    harms = min(4, len(set(HARM.findall(text))))
    scores[ASK] += 0.55 * questions - 0.35 * harms
    scores[COMPLAIN] += COMPLAINT_FIRST + 0.3 * harms
    scores[HELP] += 0.3 * min(3, len(PLEA.findall(text)))
    scores[REPORT] += 0.55 * min(3, len(set(OFFENCE.findall(text))))
    if re.search(r"不是(?:来)?投[诉俗]", text):
        scores[COMPLAIN] -= 3.0
    return scores


def _head(text: str) -> str:
    """Where a caller says what he calls for: the beginning of his first words."""
    return text[:60]
