"""The words of what accompanies a case: supervision orders, mediation, joint matters, requests."""

from collections.abc import Mapping
from enum import StrEnum


class OrderState(StrEnum):
    """Where a supervision order is (domain.md 1.6)."""

    OPEN = "OPEN"
    WITHDRAWAL_ASKED = "WITHDRAWAL_ASKED"
    ORDER_REPLIED = "ORDER_REPLIED"
    DONE = "DONE"
    ORDER_CLOSED = "ORDER_CLOSED"


ORDER_NAMES: Mapping[OrderState, str] = {
    OrderState.OPEN: "督办中",
    OrderState.WITHDRAWAL_ASKED: "申请退回",
    OrderState.ORDER_REPLIED: "待审核",
    OrderState.DONE: "办理完成",
    OrderState.ORDER_CLOSED: "督办办结",
}

#: Kinds of supervision, and the levels by how it is done.
SUPERVISION_KINDS: Mapping[str, str] = {
    "timeout": "超期督办",
    "leader": "领导批示",
    "important": "重要事项",
    "joint": "联合督办",
}
SUPERVISION_LEVELS: Mapping[int, str] = {1: "电话督办", 2: "书面督办单", 3: "专项督办"}

DISPUTE_TYPES = (
    "邻里", "物业", "宅基地", "劳资", "消费", "医患", "损害赔偿", "婚姻家庭", "合同", "其他",
)  # fmt: skip
MEDIATION_RESULTS = ("达成协议", "口头和解", "未达成", "当事人撤回", "不予受理")
#: Problems that are handed to other bodies, and those bodies (domain.md 1.6).
JOINT_KINDS = (
    "部门效能作风", "行政执法不到位", "长期处理无结果", "社会普遍存在易引发矛盾",
)  # fmt: skip
JOINT_BODIES = ("纪委效能办", "法制办", "信访联席会议办公室", "组织部")
TERMINATION_CHANNELS = ("诉讼", "仲裁", "复议", "信访", "纪检")
RETURN_REASONS = (
    "属地不符", "职能不符", "权属不清", "职能交叉", "超出行政范围", "已进入法定程序", "信息不清",
    "重复件", "其他",
)  # fmt: skip
EXTENSION_REASONS = ("需检测鉴定", "需工程施工", "需跨部门", "政策研究", "天气", "其他")
SATISFACTIONS = ("非常满意", "满意", "基本满意", "不满意", "非常不满意")
CONTENT = frozenset(SATISFACTIONS[:3])
SOLVED_ANSWERS = ("解决", "部分解决", "未解决")

REQUEST_NAMES: Mapping[str, str] = {
    "RETURN": "退单",
    "EXTENSION": "延期",
    "SUSPENSION": "挂账",
    "UNREASONABLE": "不合理诉求认定",
    "TERMINATION": "终止",
    "REOPEN": "重开",
    "APPEAL": "考核申诉",
}
