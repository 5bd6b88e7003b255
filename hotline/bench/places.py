"""How long it takes to find the places in a sentence, among fifty thousand made-up ones."""

import asyncio
import random
import time

from hotline.bench.figures import Figure, at_most, percentile, plain
from hotline.bench.instance import Instance
from recordings.drafting.knowledge import Place
from recordings.drafting.places import PlaceResolver

ENTRIES, SENTENCES = 50_000, 300
TARGET_MS = 30
NAME = "地名查找（五万条） p95"
_STEMS = (
    "安宝北滨昌朝春德东芳枫福富港高广桂海和河恒虹湖华怀佳嘉江金锦静康乐丽莲林龙梅明南宁平青清泉"
)
_ENDS = ("路", "街", "大道", "花园", "小区", "家园", "新村", "苑")
_SAYINGS = (
    "我住在{}，晚上路灯不亮。",
    "喂，你好，{}那边的井盖坏了。",
    "就是{}对面，垃圾没有人收。",
)


async def measure_places(instance: Instance) -> list[Figure]:
    """CPU time of the resolver alone; the instance only keeps the machine as it is in use."""
    del instance
    return await asyncio.to_thread(_measured)


def _measured() -> list[Figure]:
    chooser = random.Random(3)  # noqa: S311
    names = _names(chooser)
    began = time.process_time()
    city = PlaceResolver(
        [Place(f"P{number}", name, "road", "东镇") for number, name in enumerate(names)]
    )
    built = time.process_time() - began
    took = []
    for _ in range(SENTENCES):
        sentence = chooser.choice(_SAYINGS).format(chooser.choice(names))
        began = time.process_time()
        city.mentions(sentence)
        took.append((time.process_time() - began) * 1000)
    return [
        at_most(NAME, percentile(took, 0.95), "ms", limit=TARGET_MS),
        plain("地名索引建立（五万条）", built, "s"),
    ]


def _names(chooser: random.Random) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < ENTRIES:
        length = chooser.choice((2, 3, 3))
        stem = "".join(chooser.choice(_STEMS) for _ in range(length))
        found.setdefault(stem + chooser.choice(_ENDS))
    return list(found)
