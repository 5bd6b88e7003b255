"""A made-up city for tests: places, sentences, and the slips of ears and recognisers."""

from __future__ import annotations

import random

from pypinyin import Style, lazy_pinyin

from recordings.drafting.knowledge import Department, Knowledge, PastCase, Place
from recordings.drafting.sounds import sound_table

STEMS = (
    "安宝北滨昌朝春翠德东芳枫福富港高广桂海和河恒红虹湖华怀佳"
    "嘉江金锦景静康兰乐丽莲林龙梅明南宁平青清泉仁荣瑞山尚盛泰"
    "天桐万望文西祥新星秀雅阳永玉园云长振正中紫"
)
ROAD_ENDS = ("路", "街", "大道")
HOME_ENDS = ("花园", "小区", "家园", "新村", "苑", "名邸")
#: Slips that the sound table lists at a low price.
SLIPS = (
    ("zh", "z"),
    ("ch", "c"),
    ("sh", "s"),
    ("n", "l"),
    ("ing", "in"),
    ("eng", "en"),
    ("ang", "an"),
)
SAYINGS = (
    "我住在{}，晚上路灯不亮。",
    "喂，你好，{}那边的井盖坏了。",
    "反映一下{}有人占道摆摊。",
    "就是{}对面，垃圾没有人收。",
    "我在{}门口看到有人焚烧垃圾。",
)
WITHOUT_PLACE = (
    "我想问一下社保怎么交",
    "上个月的工资还没有发",
    "麻烦你们快点来看看",
    "我的身份证丢了怎么补办",
    "家里老人八十多岁了",
    "楼上天天半夜吵得睡不着",
    "我打了好几次电话都没有人接",
    "这个钱能不能退给我",
    "小孩今年要上小学了",
    "你们到底管不管这个事情",
    "医保卡到外地能不能用",
    "有没有人来处理一下",
    "水压特别低洗澡都洗不了",
    "电梯坏了好几天没人修",
    "谢谢你们帮了我的忙",
)


def names(count: int, seed: int = 5) -> list[str]:
    """Different names of places, no two of the same sound."""
    chooser = random.Random(seed)  # noqa: S311
    out: dict[str, str] = {}
    while len(out) < count:
        stem = "".join(chooser.choice(STEMS) for _ in range(chooser.choice((2, 2, 3))))
        end = chooser.choice(ROAD_ENDS + HOME_ENDS)
        name = stem + end
        out.setdefault(" ".join(lazy_pinyin(name)), name)
    return list(out.values())


def gazetteer(count: int, seed: int = 5) -> list[Place]:
    """A gazetteer of this many made-up roads and estates in ten towns."""
    pairs = zip("东西南北中上下前后新", "塘浦沙桥墩渡港湾坝圩", strict=True)
    towns = [Place(f"T{i}", f"{a}{b}镇", "town", "某市") for i, (a, b) in enumerate(pairs)]
    out = list(towns)
    for number, name in enumerate(names(count, seed)):
        kind = "road" if name.endswith(ROAD_ENDS) else "community"
        lat, lon = 31.5 + number % 100 / 500, 121.0 + number // 100 / 5000
        out.append(Place(f"P{number}", name, kind, towns[number % 10].name, lat, lon))
    return out


def misheard(name: str, chooser: random.Random, share: float = 0.15) -> str:
    """A name with up to this share of its syllables slipped, written with other characters."""
    readings = lazy_pinyin(name, style=Style.NORMAL)
    slips = max(1, int(len(name) * share + 0.5))
    places = chooser.sample(range(len(name)), len(name))
    out = list(name)
    for at in places:
        if slips == 0:
            break
        other = _slipped(readings[at])
        if other:
            out[at] = chooser.choice(_characters(other))
            slips -= 1
    return "".join(out)


def _slipped(reading: str) -> str:
    for one, other in SLIPS:
        for a, b in ((one, other), (other, one)):
            changed = ""
            if a in ("zh", "ch", "sh", "z", "c", "s", "n", "l"):
                plain = reading.startswith(a) and not reading.startswith(a + "h")
                changed = b + reading[len(a) :] if plain else ""
            elif reading.endswith(a) and not (a in ("in", "en", "an") and reading.endswith("g")):
                changed = reading[: -len(a)] + b
            if changed in sound_table().ids and _characters(changed):
                return changed
    return ""


_BY_READING: dict[str, list[str]] = {}


def _characters(reading: str) -> list[str]:
    if not _BY_READING:
        common = "".join(chr(c) for c in range(0x4E00, 0x9FA6))
        for character, one in zip(common, lazy_pinyin(common), strict=True):
            if len(_BY_READING.setdefault(one, [])) < 8:
                _BY_READING[one].append(character)
    return _BY_READING.get(reading, [])


def small_city() -> Knowledge:
    """A city of a few places with departments, categories and some history."""
    places = (
        Place("C", "新沂市", "city", "", 31.0, 121.0, ("新沂",)),
        Place("T1", "东塘镇", "town", "新沂市", 31.1, 121.1, ("东塘",)),
        Place("T2", "西浦镇", "town", "新沂市", 31.2, 121.2, ("西浦",)),
        Place("R1", "振华路", "road", "东塘镇", 31.11, 121.11),
        Place("R2", "安平路", "road", "东塘镇", 31.13, 121.13),
        Place("E1", "锦绣花园", "community", "东塘镇", 31.12, 121.12, desc="振华路"),
        Place("E2", "锦绣花园", "community", "西浦镇", 31.22, 121.22),
        Place("V1", "望江村", "village", "西浦镇", 31.21, 121.21),
        Place("O1", "海丰县", "outside", "", 32.0, 122.0, in_jurisdiction=False),
        Place("O2", "白石镇", "outside", "", 32.01, 122.01, in_jurisdiction=False),
    )
    taxonomy = {
        "城市管理": ("路灯照明", "井盖设施", "市容环卫"),
        "公用事业": ("供水", "供电"),
        "社会保障": ("社会保险", "欠薪维权"),
        "应急安全": ("突发险情",),
        "公安政法": ("网络诈骗", "矛盾纠纷"),
    }
    departments = (
        Department("城管局", "局", "路灯井盖", ("城市管理/路灯照明", "城市管理/井盖设施",
                   "城市管理/市容环卫"), ("路灯", "井盖", "垃圾")),
        Department("水务公司", "企业", "供水", ("公用事业/供水",), ("停水", "自来水")),
        Department("供电公司", "企业", "供电", ("公用事业/供电",), ("停电",)),
        Department("人社局", "局", "社保", ("社会保障/社会保险", "社会保障/欠薪维权"),
                   ("社保", "工资")),
        Department("应急局", "局", "险情", ("应急安全/突发险情",), ("险情",)),
        Department("公安局", "局", "治安", ("公安政法/网络诈骗",), ("被骗",)),
        Department("司法局", "局", "调解", ("公安政法/矛盾纠纷",), ("调解",)),
        Department("海丰县12345", "外市", "转接", (), ("海丰", "白石镇")),
    )  # fmt: skip
    history = tuple(
        PastCase(f"H{i}", "路灯坏了两天，请尽快维修。", "投诉", ("城市管理", "路灯照明"), "城管局")
        for i in range(4)
    )
    return Knowledge(places, departments, taxonomy, history)
