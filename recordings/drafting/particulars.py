"""Small facts of a call: how many people, how much money, the caller's name, secrecy, urgency."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from recordings.drafting.numbers import NUMBER, read_number
from recordings.drafting.signals import Signal

SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "唐罗薛雷贺倪汤滕殷毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴宋茅庞熊纪舒屈项祝董"
    "梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房解应宗丁宣邓郁单杭洪包左石崔吉龚程邢"
    "裴陆荣翁荀羊甄曲家封储靳段富巫乌焦巴牧山谷车侯全班仰秋仲伊宫宁仇栾甘厉祖武符刘景詹束龙叶司黎白蒲鄂索赖卓屠蒙池乔阴胥闻"
    "莘党翟谭贡劳姬申扶堵冉宰雍桑桂濮牛寿通边扈燕冀尚农温别庄晏柴瞿阎连茹习艾容向古易廖庾终居衡步都耿满弘匡国文寇广东欧沃利"
    "蔚越隆师巩聂晁勾敖融冷辛阚那简饶曾关肖查荆红游权盖益桓公施缪于"
)
PEOPLE = re.compile(
    r"(?P<n>\d+|[一二两三四五六七八九十百千]+)(?P<more>多|来|几)?(?:个)?(?P<unit>人(?!民|行)|户|名(?:工人|业主|学生|员工)"
    r"|家人家|位|个(?:工人|业主|同事|村民|学生|家长|老人))"
)
TOGETHER = re.compile(r"一共|总共|我们|大概|有|好多|几十|联名")
MONEY = re.compile(
    r"(?P<n>(?:[\d零一二两三四五六七八九十百千万亿]|(?<=\d)\.(?=\d)){1,16})"
    r"(?P<more>多|来|几)?(?P<big>万|亿)?"
    r"(?:块钱|块|元|万元|(?<=万)(?=[，。！？\n]|$))"
)
MONEY_CUE = re.compile(r"欠|骗|退|罚|交了|收|付|卡|转|一共|总共|工资|损失|赔|费|押金|定金|元|块")
NAME = re.compile(
    r"(?:我|免贵|本人)(?:是)?姓(?P<name>[\u4e00-\u9fff])|我叫"
    r"(?P<full>[\u4e00-\u9fff]{2,3})(?=[，。\n]|$)"
)
NO_CALL = re.compile(r"不要(?:打电话给我|给我打电话|联系我|回电)|别打电话|不用回[复电]")
STRICTLY, PRESSING, PLAIN = "特急", "紧急", "一般"
PRESSING_FROM = 1.15
ASKED_FROM = 0.3
A_GROUP, SOME_MONEY = 2, 10


@dataclass(frozen=True, slots=True)
class Particular:
    """A small fact: value, confidence, and characters [start, end) it rests on (-1: none)."""

    value: object
    confidence: float
    start: int = -1
    end: int = -1


def people_count(text: str) -> Particular | None:
    """How many people are concerned: the largest number of people said of 'us'."""
    best: Particular | None = None
    for found in PEOPLE.finditer(text):
        count = int(read_number(found.group("n")) or 0)
        before = text[max(0, found.start() - 10) : found.start()]
        if count < A_GROUP or not TOGETHER.search(before):
            continue
        if best is None or count > int(str(best.value)):
            best = Particular(count, 0.7, found.start(), found.end())
    return best


def amount(text: str) -> Particular | None:
    """The money at stake in yuan: the largest sum said."""
    best: Particular | None = None
    for found in MONEY.finditer(text):
        words = found.group("n") + (found.group("big") or "")
        value = read_number(words)
        near = text[max(0, found.start() - 14) : found.end() + 6]
        if not value or value < SOME_MONEY or not MONEY_CUE.search(near):
            continue
        if best is None or value > float(str(best.value)):
            number: object = int(value) if value == int(value) else value
            best = Particular(number, 0.7, found.start(), found.end())
    return best


def caller_name(text: str) -> Particular | None:
    """What the caller calls himself; '有一户姓陈的' is somebody else."""
    for found in NAME.finditer(text):
        name = found.group("name") or found.group("full")
        if name[0] in SURNAMES:
            return Particular(name, 0.6, found.start(), found.end())
    return None


def confidential(found: Mapping[str, Signal]) -> Particular:
    """Whether the caller wants to stay unknown."""
    signal = found.get("secret")
    if signal is None or signal.weight < ASKED_FROM:
        return Particular(value=False, confidence=0.8)
    hit = max(signal.hits, key=lambda h: h.weight)
    return Particular(True, min(0.95, 0.6 + signal.weight / 4), hit.start, hit.end)


def wants_callback(
    text: str, found: Mapping[str, Signal], *, phone_said: bool, handling: str
) -> Particular:
    """Whether to ring back: asked for in words, or a number left for an ordinary matter."""
    refused = NO_CALL.search(text)
    if refused:
        return Particular(False, 0.9, refused.start(), refused.end())
    signal = found.get("callback")
    if signal is not None and signal.weight >= ASKED_FROM:
        hit = max(signal.hits, key=lambda h: h.weight)
        return Particular(True, 0.85, hit.start, hit.end)
    if handling == "mediation" or (phone_said and handling == "ordinary"):
        return Particular(value=True, confidence=0.6)
    return Particular(value=False, confidence=0.6)


def urgency(found: Mapping[str, Signal], *, handling: str, case_type: str) -> Particular:
    """How soon somebody must act."""
    if handling in ("emergency", "transfer_110"):
        label = "danger" if handling == "emergency" else "police"
        signal = found.get(label)
        hit = max(signal.hits, key=lambda h: h.weight) if signal else None
        return Particular(STRICTLY, 0.85, hit.start if hit else -1, hit.end if hit else -1)
    signal = found.get("urgent")
    calm = case_type in ("咨询", "建议", "表扬")
    if signal is not None and signal.weight >= PRESSING_FROM and not calm:
        hit = max(signal.hits, key=lambda h: h.weight)
        return Particular(PRESSING, min(0.85, 0.4 + signal.weight / 6), hit.start, hit.end)
    return Particular(PLAIN, 0.7)


def has_number(text: str) -> bool:
    """Whether any number is said at all."""
    return NUMBER.search(text) is not None
