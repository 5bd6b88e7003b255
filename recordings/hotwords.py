"""The names and matters that a recogniser should expect in this city, the likeliest first."""

from __future__ import annotations

from collections import Counter

from recordings.drafting.knowledge import Knowledge, Place

TOWNS, ROADS, RIVERS = 10, 6, 2
MATTERS = ("路灯", "井盖", "油烟", "物业", "欠薪", "违建")


def hotwords(knowledge: Knowledge) -> tuple[str, ...]:
    """Towns, the most mentioned roads and rivers, and a few matters: about ninety characters.

    More names make a recogniser invent them; these were found to help most.
    """
    seen = Counter(case.place for case in knowledge.history)
    seen.update(case.town for case in knowledge.history)

    def most_told(kind: str, count: int) -> list[str]:
        kept: list[Place] = [p for p in knowledge.places if p.kind == kind and p.in_jurisdiction]
        order = sorted(range(len(kept)), key=lambda i: (-seen[kept[i].name], i))
        return [kept[i].name for i in order[:count]]

    names = [*most_told("town", TOWNS), *most_told("road", ROADS), *most_told("river", RIVERS)]
    return tuple(dict.fromkeys([*names, *MATTERS]))
