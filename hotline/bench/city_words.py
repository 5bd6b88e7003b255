"""Words of the made cases: what citizens of the bench's city write, from places and matters."""

import random
from collections.abc import Mapping, Sequence

#: What may be wrong, by the second level of the category; others take the general sentences.
TROUBLES: Mapping[str, tuple[str, ...]] = {
    "路灯照明": ("路灯整夜不亮", "路灯忽明忽暗", "灯杆倾斜", "路灯白天长明"),
    "井盖设施": ("井盖缺失", "井盖破损下沉", "井盖松动有异响"),
    "市容环卫": ("垃圾多日未清运", "垃圾桶满溢有异味", "公厕无人打扫"),
    "占道经营": ("摊贩占道经营堵塞通行", "夜市摊位占用盲道"),
    "停车秩序": ("机动车乱停堵住消防通道", "共享单车堆放在人行道"),
    "施工噪声": ("夜间施工影响休息", "凌晨打桩声音很大"),
    "市政道路设施": ("路面坑洼积水", "人行道砖块松动", "护栏被撞未修"),
    "物业服务": ("电梯频繁故障", "物业不公开收支", "楼道照明损坏无人修"),
    "排水管网": ("污水外溢", "下雨后积水倒灌", "管道堵塞"),
    "拖欠工资": ("工地拖欠农民工工资", "离职后工资未结清"),
    "消费纠纷": ("商家拒绝退换货", "网购商品质量问题商家推诿"),
    "预付卡": ("健身房关门不退卡", "理发店转让后充值卡不能用"),
}
_GENERAL = ("的问题一直没有解决", "办理进度无人答复", "处理结果与承诺不符", "存在安全隐患")
_WHEN = ("昨天晚上", "今天早上", "上周起", "近一个月", "自年初以来", "前天下午")
_WISHES = (
    "希望尽快派人到现场处理", "要求有关部门核实并答复", "希望本周内修复", "请告知处理时限",
    "希望加强日常巡查", "要求依法查处",
)  # fmt: skip
_DETAILS = (
    "居民出行很不方便", "已有老人摔倒", "多次向社区反映没有结果", "影响周边上百户居民",
    "担心发生事故", "附近有学校，接送高峰特别危险",
)  # fmt: skip


class Wording:
    """Writes places and matters; the same random source gives the same words."""

    def __init__(self, places: Sequence[str]) -> None:
        self._places = list(places)

    def place(self, rng: random.Random) -> str:
        """A place with a house number, so that most are met a few times only."""
        place = rng.choice(self._places)
        return f"{place}{rng.randrange(1, 400)}号" if rng.random() < 0.7 else place  # noqa: PLR2004

    def matter(self, rng: random.Random, category: str, place: str) -> tuple[str, str]:
        """A title and the content of the case."""
        second = category.partition("/")[2]
        troubles = TROUBLES.get(second) or tuple(second + words for words in _GENERAL)
        trouble = rng.choice(troubles)
        content = (
            f"来电人反映：{rng.choice(_WHEN)}，{place}{trouble}，{rng.choice(_DETAILS)}，"
            f"{rng.choice(_WISHES)}。"
        )
        return f"{place}{trouble}"[:40], content
