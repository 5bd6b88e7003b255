"""How states look: each with a colour, an icon and a word, so that none rests on colour alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent_ui.i18n import mark
from core.domain.cases import STATUS_NAMES, CaseStatus, Urgency
from core.domain.legs import LEG_NAMES, LegStatus
from core.domain.sides import ORDER_NAMES, OrderState
from core.domain.sla import Lamp


@dataclass(frozen=True, slots=True)
class Look:
    """tone: one of the tone-* classes; icon: a symbol of icons.svg; word: Chinese source text."""

    tone: str
    icon: str
    word: str


_S = CaseStatus
_CASE_TONES: Mapping[CaseStatus, tuple[str, str]] = {
    _S.DRAFT: ("paused", "pen"),
    _S.ANSWERED: ("good", "check"),
    _S.PENDING_INFO: ("paused", "ask"),
    _S.PENDING_VERIFY: ("paused", "eye"),
    _S.PENDING_ANALYSE: ("ringing", "inbox"),
    _S.DISPATCHED: ("ready", "send"),
    _S.HANDLING: ("ready", "work"),
    _S.RETURN_REVIEW: ("ringing", "undo"),
    _S.CONSULT: ("talking", "users"),
    _S.MEDIATION: ("talking", "users"),
    _S.SUSPENDED: ("off", "pause"),
    _S.REPLIED: ("wrap", "reply"),
    _S.PENDING_CHECK: ("wrap", "eye"),
    _S.PENDING_CALLBACK: ("wrap", "phone"),
    _S.REASSIGNED: ("bad", "redo"),
    _S.CLOSED: ("good", "check"),
    _S.CLOSED_UNREASONABLE: ("off", "close"),
    _S.CLOSED_TERMINATED: ("off", "close"),
    _S.MERGED: ("off", "merge"),
    _S.REJECTED: ("off", "close"),
    _S.VOID: ("off", "close"),
}
CASE_LOOKS: Mapping[str, Look] = {
    status.value: Look(tone, icon, STATUS_NAMES[status])
    for status, (tone, icon) in _CASE_TONES.items()
}

_L = LegStatus
_LEG_TONES: Mapping[LegStatus, tuple[str, str]] = {
    _L.TO_SIGN: ("ringing", "inbox"),
    _L.HANDLING: ("ready", "work"),
    _L.REPLIED: ("wrap", "reply"),
    _L.ACCEPTED: ("good", "check"),
    _L.REWORK: ("bad", "redo"),
    _L.RETURNED: ("off", "undo"),
    _L.WITHDRAWN: ("off", "close"),
}
LEG_LOOKS: Mapping[str, Look] = {
    status.value: Look(*_LEG_TONES.get(status, ("off", "case")), word)
    for status, word in LEG_NAMES.items()
}

LAMP_LOOKS: Mapping[Lamp, Look] = {
    Lamp.GREEN: Look("good", "check", mark("正常")),
    Lamp.YELLOW: Look("paused", "clock", mark("临近到期")),
    Lamp.RED: Look("bad", "warn", mark("超期")),
}

URGENCY_LOOKS: Mapping[str, Look] = {
    Urgency.ORDINARY.value: Look("off", "case", Urgency.ORDINARY.value),
    Urgency.URGENT.value: Look("paused", "warn", Urgency.URGENT.value),
    Urgency.CRITICAL.value: Look("bad", "warn", Urgency.CRITICAL.value),
}

CHANNEL_NAMES: Mapping[str, str] = {
    "PHONE": mark("电话"),
    "WEB": mark("网站"),
    "WECHAT": mark("微信"),
    "LETTER": mark("信件"),
    "VISIT": mark("来访"),
    "110": mark("110 移送"),
    "INSPECTOR": mark("监督员"),
    "OPEN311": mark("开放接口"),
}

VERDICT_LOOKS: Mapping[str | None, Look] = {
    None: Look("ringing", "clock", mark("待审核")),
    "ALLOWED": Look("good", "check", mark("同意")),
    "REFUSED": Look("bad", "close", mark("驳回")),
    "CONFERENCE": Look("talking", "users", mark("提交会商")),
}
_ORDER_TONES: Mapping[OrderState, tuple[str, str]] = {
    OrderState.OPEN: ("bad", "flag"),
    OrderState.WITHDRAWAL_ASKED: ("ringing", "undo"),
    OrderState.ORDER_REPLIED: ("wrap", "reply"),
    OrderState.DONE: ("ready", "check"),
    OrderState.ORDER_CLOSED: ("good", "check"),
}
ORDER_LOOKS: Mapping[str, Look] = {
    state.value: Look(*_ORDER_TONES[state], word) for state, word in ORDER_NAMES.items()
}
