"""The steps that departments take on their pages: which form each has, and what it is called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.case_steps import CaseAction
from core.domain.forms import (
    LONGEST,
    LONGEST_LINE,
    Texts,
    extension_given,
    mediation_given,
    moment,
    needed_text,
    reply_given,
    return_given,
    suspension_given,
    unreasonable_given,
)
from core.errors import InputRefused


@dataclass(frozen=True, slots=True)
class UnitStep:
    """One step: the action behind it, how its form is read, and the sentence when it is done."""

    action: CaseAction
    given: Callable[[Texts], dict[str, Any]]
    done: str


def _nothing(_texts: Texts) -> dict[str, Any]:
    return {}


def _sub_given(texts: Texts) -> dict[str, Any]:
    due = moment(texts, "inner_due", "内部期限的格式不对")
    if due is None:
        raise InputRefused("请填写内部期限", fields=["inner_due"])
    return {
        "unit": needed_text(texts, "unit", "请选择下级单位", LONGEST_LINE),
        "inner_due": due.isoformat(),
        "instruction": texts.get("instruction", "").strip()[:LONGEST],
    }


def _support_given(texts: Texts) -> dict[str, Any]:
    return {
        "unit": needed_text(texts, "unit", "请选择协办单位", LONGEST_LINE),
        "instruction": texts.get("instruction", "").strip()[:LONGEST],
    }


def _contact_given(texts: Texts) -> dict[str, Any]:
    return {
        "how": needed_text(texts, "how", "请写明联系的方式", LONGEST_LINE),
        "note": texts.get("note", "").strip()[:LONGEST],
    }


def _order_reply_given(texts: Texts) -> dict[str, Any]:
    return {
        "order_id": needed_text(texts, "order_id", "没有找到该督办单", LONGEST_LINE),
        "reply": needed_text(texts, "reply", "请写明督办办理情况"),
    }


def _order_back_given(texts: Texts) -> dict[str, Any]:
    return {
        "order_id": needed_text(texts, "order_id", "没有找到该督办单", LONGEST_LINE),
        "reason": needed_text(texts, "reason", "请写明退回督办的理由"),
    }


def _appeal_given(texts: Texts) -> dict[str, Any]:
    return {
        "reason_code": texts.get("reason_code", "").strip()[:LONGEST_LINE] or "其他",
        "words": needed_text(texts, "words", "请写明申诉理由"),
    }


def _request_given(texts: Texts) -> dict[str, Any]:
    return {"request_id": needed_text(texts, "request_id", "没有找到该申请", LONGEST_LINE)}


_A = CaseAction
#: By their name in the address of the form.
UNIT_STEPS: Mapping[str, UnitStep] = {
    "sign": UnitStep(_A.SIGN, _nothing, "已签收"),
    "reply": UnitStep(_A.REPLY, reply_given, "反馈已提交"),
    "return": UnitStep(_A.ASK_RETURN, return_given, "退单申请已提交"),
    "extension": UnitStep(_A.ASK_EXTENSION, extension_given, "延期申请已提交"),
    "suspension": UnitStep(_A.ASK_SUSPENSION, suspension_given, "挂账申请已提交"),
    "resume": UnitStep(_A.RESUME, _nothing, "已恢复办理"),
    "mediation": UnitStep(_A.START_MEDIATION, mediation_given, "已移送调解"),
    "unreasonable": UnitStep(_A.ASK_UNREASONABLE, unreasonable_given, "认定申请已提交"),
    "sub": UnitStep(_A.SUB_DISPATCH, _sub_given, "已转派下级单位"),
    "support": UnitStep(_A.ADD_SUPPORT, _support_given, "已加派协办单位"),
    "contact": UnitStep(_A.NOTE_CONTACT, _contact_given, "联系情况已记录"),
    "urges": UnitStep(_A.READ_URGES, _nothing, "催办已标为已阅"),
    "order-reply": UnitStep(_A.REPLY_SUPERVISION, _order_reply_given, "督办答复已提交"),
    "order-back": UnitStep(_A.ASK_SUPERVISION_BACK, _order_back_given, "退回督办的申请已提交"),
    "appeal": UnitStep(_A.APPEAL, _appeal_given, "申诉已提交"),
    "approve-request": UnitStep(_A.APPROVE_REQUEST, _request_given, "已审批，送中心审核"),
}
