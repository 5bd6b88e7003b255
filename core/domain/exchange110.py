"""The messages exchanged with 110 (domain.md 8.4): what each must hold, in the field's names."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.domain.case_actions import CaseAction
from core.domain.sides import SATISFACTIONS
from core.errors import InputRefused

_JJDBH = re.compile(r"[A-Za-z0-9_-]{4,40}")
_LONGEST = 2_000
_MOST_SEQ = 10**12


class ExchangeKind(StrEnum):
    """ORDER: a non-police alarm that is pushed to us; the others tell what became of it."""

    ORDER = "order"
    CONFIRM = "confirm"
    FLOW = "flow"
    STATE = "state"
    EXTENSION = "extension"
    VISIT = "visit"
    RETURN = "return"


NODE_TYPES: Mapping[int, str] = {
    1: "交办", 2: "派单", 3: "退回", 4: "办结", 5: "归档", 6: "会签", 7: "特提", 8: "重办",
}  # fmt: skip
HANDLE_STATES: Mapping[int, str] = {1: "已签收", 2: "已交办", 3: "已受理", 4: "已办结", 5: "已归档"}
VISIT_METHODS: Mapping[int, str] = {1: "电话", 2: "短信", 3: "网站"}
RESULTS: Mapping[int, str] = dict(enumerate(SATISFACTIONS, 1))
_YES_NO: Mapping[int, str] = {0: "否", 1: "是"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message. choices: the numbers it may hold, else it is a text."""

    needed: bool = False
    choices: Mapping[int, str] | None = None
    longest: int = _LONGEST


_ANY, _NEEDED = Field(), Field(needed=True)
MESSAGES: Mapping[ExchangeKind, Mapping[str, Field]] = {
    ExchangeKind.ORDER: {
        "case_type": Field(needed=True, longest=10), "content": Field(needed=True, longest=20_000),
        "place": Field(longest=400), "caller_name": Field(longest=60),
        "phone": Field(longest=30), "title": Field(longest=100), "urgency": Field(longest=10),
    },
    ExchangeKind.CONFIRM: {
        "RECEIVE": Field(needed=True, choices=_YES_NO), "RECEIVETIME": _NEEDED,
    },
    ExchangeKind.FLOW: {
        "runid": _NEEDED, "flowid": _ANY, "code": _ANY, "node_name": _ANY,
        "node_type": Field(needed=True, choices=NODE_TYPES), "handle_bm_name": _ANY,
        "handle_user_name": _ANY, "handle_time": _NEEDED, "handle_opinion": _ANY,
        "is_police": Field(choices=_YES_NO), "police_code": _ANY,
    },
    ExchangeKind.STATE: {"handle_state": Field(needed=True, choices=HANDLE_STATES)},
    ExchangeKind.EXTENSION: {
        "fpid": _NEEDED, "apply_bm_name": _NEEDED, "apply_user_name": _ANY,
        "apply_time_limit": _NEEDED, "apply_content": _NEEDED, "apply_time": _NEEDED,
    },
    ExchangeKind.VISIT: {
        "visit_method": Field(needed=True, choices=VISIT_METHODS),
        "seats_result": Field(choices=RESULTS), "bm_result": Field(choices=RESULTS),
    },
    ExchangeKind.RETURN: {
        "HANDLEUSERNAME": _ANY, "HANDLEBMNAME": _NEEDED, "HANDLEOPINION": _NEEDED,
        "HANDLETIME": _NEEDED,
    },
}  # fmt: skip

NAMES: Mapping[ExchangeKind, str] = {
    ExchangeKind.ORDER: "110 推送工单",
    ExchangeKind.CONFIRM: "110 接收确认",
    ExchangeKind.FLOW: "110 流转",
    ExchangeKind.STATE: "110 办理状态",
    ExchangeKind.EXTENSION: "110 申请延期",
    ExchangeKind.VISIT: "110 回访结果",
    ExchangeKind.RETURN: "110 退回",
}


#: Texts of a message that the timeline tells, in this order.
_TOLD = (
    "node_name", "handle_bm_name", "apply_bm_name", "HANDLEBMNAME", "handle_opinion",
    "apply_content", "HANDLEOPINION", "apply_time_limit",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was read and found whole."""

    jjdbh: str
    seq: int
    kind: ExchangeKind
    values: Mapping[str, Any]

    def in_words(self) -> str:
        """One line for the timeline of the case: codes in words, nobody by name."""
        fields = MESSAGES[self.kind]
        parts = []
        for name in ("RECEIVE", "node_type", "handle_state", "visit_method", "seats_result"):
            choices = fields[name].choices if name in fields else None
            if choices is not None and name in self.values:
                parts.append(choices[self.values[name]])
        parts += [str(self.values[name]) for name in _TOLD if self.values.get(name)]
        return "；".join(parts)


#: What a step of ours is in 110's words: the node, and the state it leads to, if it is one.
_NODES: Mapping[CaseAction, int] = {
    CaseAction.DISPATCH: 1, CaseAction.ALLOW_RETURN: 2, CaseAction.CONCLUDE_CONFERENCE: 2,
    CaseAction.ASK_RETURN: 3, CaseAction.REPLY: 4, CaseAction.SATISFIED: 5,
    CaseAction.EXPLAINED: 5, CaseAction.UNREACHABLE: 5, CaseAction.CALL_CONFERENCE: 6,
    CaseAction.SUPERVISE: 7, CaseAction.DISSATISFIED: 8, CaseAction.REWORK: 8,
    CaseAction.REOPEN: 8,
}  # fmt: skip
_STATES: Mapping[CaseAction, int] = {
    CaseAction.SIGN: 1, CaseAction.DISPATCH: 2, CaseAction.ACCEPT: 3, CaseAction.REPLY: 4,
    CaseAction.SATISFIED: 5, CaseAction.EXPLAINED: 5, CaseAction.UNREACHABLE: 5,
}  # fmt: skip
_RESULT_OF = {word: number for number, word in RESULTS.items()}


@dataclass(frozen=True, slots=True)
class Told:
    """A step of a case as it is told to 110. note: without any person."""

    event_id: str
    action: str
    at: str
    unit: str
    note: str
    satisfaction: str = ""


def messages_for(jjdbh: str, number: str, steps: Iterable[Told]) -> list[dict[str, Any]]:
    """What 110 is told of a case, in order; the same steps always give the same numbers."""
    found: list[dict[str, Any]] = []
    for step in steps:
        for kind, values in _told(number, step):
            head = {"JJDBH": jjdbh, "seq": len(found) + 1, "kind": kind.value}
            found.append({**head, **values})
    return found


def _told(number: str, step: Told) -> Iterator[tuple[ExchangeKind, dict[str, Any]]]:
    try:
        action = CaseAction(step.action)
    except ValueError:
        return
    if action is CaseAction.ACCEPT:
        yield ExchangeKind.CONFIRM, {"RECEIVE": 1, "RECEIVETIME": step.at}
    if action in _NODES:
        yield (
            ExchangeKind.FLOW,
            {
                "runid": step.event_id, "flowid": number, "code": number,
                "node_name": action.value, "node_type": _NODES[action],
                "handle_bm_name": step.unit, "handle_time": step.at,
                "handle_opinion": step.note, "is_police": 0,
            },
        )  # fmt: skip
    if action in _STATES:
        yield ExchangeKind.STATE, {"handle_state": _STATES[action]}
    if action is CaseAction.ASK_EXTENSION:
        yield (
            ExchangeKind.EXTENSION,
            {
                "fpid": step.event_id, "apply_bm_name": step.unit, "apply_content": step.note,
                "apply_time": step.at,
            },
        )  # fmt: skip
    if action is CaseAction.REJECT:
        yield (
            ExchangeKind.RETURN,
            {"HANDLEBMNAME": step.unit, "HANDLEOPINION": step.note, "HANDLETIME": step.at},
        )
    if step.satisfaction in _RESULT_OF:
        result = _RESULT_OF[step.satisfaction]
        yield ExchangeKind.VISIT, {"visit_method": 1, "seats_result": result, "bm_result": result}


def read_message(kind: str, body: Mapping[str, Any]) -> Message:
    """A message from outside, checked field by field. Raises InputRefused."""
    try:
        known = ExchangeKind(kind)
    except ValueError as error:
        raise InputRefused("没有这种交换消息", kind=kind) from error
    jjdbh, seq = body.get("JJDBH"), body.get("seq")
    if not isinstance(jjdbh, str) or not _JJDBH.fullmatch(jjdbh):
        raise InputRefused("接警单号格式不对", fields=["JJDBH"])
    if isinstance(seq, bool) or not isinstance(seq, int) or not 0 < seq < _MOST_SEQ:
        raise InputRefused("消息序号应为正整数", fields=["seq"])
    fields = MESSAGES[known]
    unknown = sorted(set(body) - set(fields) - {"JJDBH", "seq"})
    if unknown:
        raise InputRefused("没有这些字段", fields=unknown)
    missing = [
        name for name, field in fields.items() if field.needed and body.get(name) in (None, "")
    ]
    if missing:
        raise InputRefused("请补全必填内容", fields=missing)
    values = {
        name: _value(name, fields[name], body[name])
        for name in fields
        if body.get(name) not in (None, "")
    }
    return Message(jjdbh, seq, known, values)


def _value(name: str, field: Field, value: object) -> object:
    if field.choices is not None:
        try:
            number = int(str(value))
        except ValueError as error:
            raise InputRefused("该字段应为规定的代码", fields=[name]) from error
        if number not in field.choices:
            raise InputRefused("该字段应为规定的代码", fields=[name])
        return number
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputRefused("该字段应为文本", fields=[name])
    text = str(value).strip()
    if len(text) > field.longest:
        raise InputRefused("内容过长", fields=[name])
    return text
