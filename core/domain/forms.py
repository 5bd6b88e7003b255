"""What departments and callback officers write into their forms: choices, and what must be there.

Each `..._given` turns the texts of a form into the data of a step (domain.md 1.4, 1.6, 1.7), or
raises InputRefused with one sentence and the names of the fields that are wrong.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from core.clock import CITY_TIME
from core.domain.case_limits import CaseLimits
from core.domain.legs import REPLY_FORM, SOLVED_CHOICES, missing_in_reply
from core.domain.sides import (
    CONTENT,
    DISPUTE_TYPES,
    EXTENSION_REASONS,
    RETURN_REASONS,
    SATISFACTIONS,
    SOLVED_ANSWERS,
)
from core.errors import InputRefused

Texts = Mapping[str, str]
LONGEST = 20_000
LONGEST_LINE = 400

TRUE_CHOICES = ("是", "部分", "否")
CONTACTED_CHOICES = ("已联系", "未联系")
APPLY_TYPES = ("超出行政范围", "历史遗留", "政策限制", "已进入法定程序", "其他")
UNREASONABLE_REASONS = (
    "违反法律法规", "违背公序良俗", "超出政策标准", "已依法终结", "事实不存在", "恶意重复", "其他",
)  # fmt: skip

DISSATISFIED = frozenset(SATISFACTIONS) - CONTENT
TRUENESS = ("属实", "基本属实", "不属实")
OPINION_TYPES = ("服务态度", "办理结果", "办理时效", "政策本身", "其他")
FAIL_REASONS = ("无人接听", "关机停机", "空号", "拒接", "占线", "其他")


def _text(texts: Texts, name: str, longest: int = LONGEST_LINE) -> str:
    value = texts.get(name, "").strip()
    if len(value) > longest:
        raise InputRefused("内容过长，请控制在两万字以内", fields=[name])
    return value


def needed_text(texts: Texts, name: str, sentence: str, longest: int = LONGEST) -> str:
    """A text that must be there. Raises InputRefused with this sentence when it is not."""
    value = _text(texts, name, longest)
    if not value:
        raise InputRefused(sentence, fields=[name])
    return value


def _choice(texts: Texts, name: str, choices: Sequence[str], sentence: str) -> str:
    value = texts.get(name, "").strip()
    if value not in choices:
        raise InputRefused(sentence, fields=[name])
    return value


def _day(texts: Texts, name: str, sentence: str) -> str:
    try:
        return date.fromisoformat(texts.get(name, "").strip()).isoformat()
    except ValueError as error:
        raise InputRefused(sentence, fields=[name]) from error


def moment(texts: Texts, name: str, sentence: str) -> datetime | None:
    """An instant that a person wrote on the city's clock; None when left empty."""
    value = texts.get(name, "").strip()
    if not value:
        return None
    try:
        written = datetime.fromisoformat(value)
    except ValueError as error:
        raise InputRefused(sentence, fields=[name]) from error
    return written if written.tzinfo else written.replace(tzinfo=CITY_TIME)


def reply_given(texts: Texts) -> dict[str, Any]:
    """The department's reply (domain.md 1.4); the public answer stands apart from the rest."""
    given: dict[str, Any] = {
        name: _text(texts, name, LONGEST) for name in REPLY_FORM if _text(texts, name, LONGEST)
    }
    missing = missing_in_reply(given)
    if missing:
        raise InputRefused("请补全反馈内容", fields=missing)
    _choice(texts, "demand_true", TRUE_CHOICES, "请选择诉求是否属实")
    _choice(texts, "contacted", CONTACTED_CHOICES, "请选择是否联系诉求人")
    _choice(texts, "solved", SOLVED_CHOICES, "请选择是否解决")
    if texts.get("apply_type"):
        given["apply_type"] = _choice(texts, "apply_type", APPLY_TYPES, "请选择申请类型")
    if given.get("plan_date"):
        given["plan_date"] = _day(texts, "plan_date", "计划日期的格式应为 年-月-日")
    contact = moment(texts, "contact_time", "联系时间的格式不对")
    if contact is not None:
        given["contact_time"] = contact.isoformat()
    if given["public_reply"] == given["handling_detail"]:
        raise InputRefused(
            "公开答复与内部办理情况不能完全相同，请为诉求人另写答复", fields=["public_reply"]
        )
    return given


def return_given(texts: Texts) -> dict[str, Any]:
    """A wish to hand the case back: why, on which basis, and who should have it."""
    return {
        "reason_code": _choice(texts, "reason_code", RETURN_REASONS, "请选择退单理由"),
        "basis": needed_text(texts, "basis", "请写明退单依据"),
        "proposed_unit": needed_text(texts, "proposed_unit", "请选择建议的承办单位", LONGEST_LINE),
    }


def extension_given(texts: Texts) -> dict[str, Any]:
    """A wish for more time; the citizen must have been told, and how is written down."""
    if texts.get("told_caller") != "是":
        raise InputRefused("申请延期前须先告知诉求人", fields=["told_caller"])
    days = _text(texts, "days")
    if not re.fullmatch(r"[1-9]\d?", days):
        raise InputRefused("延期长度应为 1 至 99 的整数", fields=["days"])
    return {
        "days": days,
        "hours": days,  # the leg's own unit of time says which of the two is meant
        "reason_code": _choice(texts, "reason_code", EXTENSION_REASONS, "请选择延期理由"),
        "words": needed_text(texts, "words", "请说明延期原因和后续安排"),
        "told_caller": True,
        "told_at": needed_text(texts, "told_how", "请写明何时、如何告知诉求人", LONGEST_LINE),
    }


def suspension_given(texts: Texts) -> dict[str, Any]:
    """A wish to let the clock rest until something happens."""
    return {
        "condition": needed_text(texts, "condition", "请写明挂账条件"),
        "resume_on": _day(texts, "resume_on", "请填写恢复办理日期"),
    }


def mediation_given(texts: Texts) -> dict[str, Any]:
    """Handing a dispute between citizens over to the mediators."""
    if texts.get("both_parties_willing") != "是":
        raise InputRefused("须双方自愿方可移送调解", fields=["both_parties_willing"])
    return {
        "dispute_type": _choice(texts, "dispute_type", DISPUTE_TYPES, "请选择纠纷类型"),
        "both_parties_willing": True,
        "note": _text(texts, "note", LONGEST),
    }


def unreasonable_given(texts: Texts) -> dict[str, Any]:
    """A wish to have the demand judged unreasonable."""
    return {
        "reason_code": _choice(texts, "reason_code", UNREASONABLE_REASONS, "请选择认定理由"),
        "evidence": needed_text(texts, "evidence", "请写明事实和依据"),
    }


def callback_given(texts: Texts, limits: CaseLimits) -> dict[str, Any]:
    """The form of a callback that was answered (domain.md 1.7); limits: the city's causes."""
    given: dict[str, Any] = {
        "connected": True,
        "handle_trueness": _choice(texts, "handle_trueness", TRUENESS, "请选择办理真实度"),
        "staff_contacted": _choice(
            texts, "staff_contacted", ("是", "否"), "请选择工作人员是否联系过诉求人"
        ),
        "solved": _choice(texts, "solved", SOLVED_ANSWERS, "请选择是否解决"),
        "satisfaction": _choice(texts, "satisfaction", SATISFACTIONS, "请选择满意度"),
        "opinion": _text(texts, "opinion", LONGEST),
        "opinion_clear": texts.get("opinion_clear") == "是",
    }
    if texts.get("hotline_attitude"):
        given["hotline_attitude"] = _choice(
            texts, "hotline_attitude", SATISFACTIONS, "请选择对热线服务的满意度"
        )
    if texts.get("opinion_type"):
        given["opinion_type"] = _choice(texts, "opinion_type", OPINION_TYPES, "请选择意见类型")
    if given["satisfaction"] in DISSATISFIED:
        causes = limits.subjective_causes + limits.objective_causes + limits.unreasonable_causes
        given["cause"] = _choice(texts, "cause", causes, "不满意的须选择原因")
        if not given["opinion"]:
            raise InputRefused("不满意的须写明诉求人意见", fields=["opinion"])
        if given["cause"] in limits.objective_causes:
            given["explanation"] = needed_text(texts, "explanation", "客观原因须写明向诉求人的解释")
    return given


def fail_given(texts: Texts) -> dict[str, Any]:
    """The form of a callback that reached nobody."""
    reason = _choice(texts, "fail_reason", FAIL_REASONS, "请选择未接通的原因")
    return {"connected": False, "fail_contact": reason, "note": _text(texts, "note", LONGEST)}
