"""Forms of departments and callback officers: what is taken, and with which sentence refused."""

from collections.abc import Callable
from typing import Any

import pytest

from core.domain.case_limits import CaseLimits
from core.domain.forms import (
    callback_given,
    extension_given,
    fail_given,
    mediation_given,
    moment,
    reply_given,
    return_given,
    suspension_given,
    unreasonable_given,
)
from core.errors import InputRefused

REPLY = {
    "demand_true": "是", "contacted": "已联系", "solved": "已解决", "handling_detail": "更换灯泡",
    "public_reply": "路灯已修复", "handler": "张三",
}  # fmt: skip
CALLBACK = {
    "handle_trueness": "属实", "staff_contacted": "是", "solved": "解决", "satisfaction": "满意",
}  # fmt: skip
EXTENSION = {
    "days": "3", "reason_code": "天气", "words": "台风", "told_caller": "是", "told_how": "电话",
}  # fmt: skip


def answered(texts: dict[str, str]) -> dict[str, Any]:
    return callback_given(texts, CaseLimits())


def test_a_city_may_have_causes_of_its_own() -> None:
    limits = CaseLimits(subjective_causes=("态度生硬",))
    unhappy = {**CALLBACK, "satisfaction": "不满意", "cause": "态度生硬", "opinion": "没有修好"}
    assert callback_given(unhappy, limits)["cause"] == "态度生硬"
    with pytest.raises(InputRefused):
        answered(unhappy)


def test_a_complete_reply_keeps_the_public_answer_apart() -> None:
    given = reply_given({**REPLY, "contact_time": "2026-11-23T09:30", "csrf": "x"})
    assert given["public_reply"] == "路灯已修复"
    assert given["contact_time"] == "2026-11-23T09:30:00+08:00"
    assert "csrf" not in given


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"public_reply": " "}, "public_reply"),
        ({"public_reply": "更换灯泡"}, "public_reply"),
        ({"handler": ""}, "handler"),
        ({"contacted": "未联系"}, "not_contacted_reason"),
        ({"contacted": "改天"}, "contacted"),
        ({"solved": "列入计划"}, "plan_date"),
        ({"solved": "列入计划", "plan_date": "明年"}, "plan_date"),
        ({"solved": "未解决"}, "unsolved_reason"),
        ({"demand_true": "也许"}, "demand_true"),
        ({"apply_type": "不想办"}, "apply_type"),
        ({"contact_time": "昨天"}, "contact_time"),
        ({"handling_detail": "长" * 20_001}, "handling_detail"),
    ],
)
def test_an_incomplete_reply_names_the_field(change: dict[str, str], field: str) -> None:
    with pytest.raises(InputRefused) as refused:
        reply_given({**REPLY, **change})
    assert field in refused.value.details["fields"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("form", "texts", "field"),
    [
        (return_given, {"reason_code": "太远", "basis": "a", "proposed_unit": "d"}, "reason_code"),
        (return_given, {"reason_code": "职能不符", "basis": "", "proposed_unit": "d"}, "basis"),
        (return_given, {"reason_code": "职能不符", "basis": "三定"}, "proposed_unit"),
        (extension_given, {**EXTENSION, "told_caller": "否"}, "told_caller"),
        (extension_given, {**EXTENSION, "days": "0"}, "days"),
        (extension_given, {**EXTENSION, "days": "1e9"}, "days"),
        (extension_given, {**EXTENSION, "told_how": ""}, "told_how"),
        (suspension_given, {"condition": "等待鉴定", "resume_on": "31/12/2026"}, "resume_on"),
        (mediation_given, {"dispute_type": "物业"}, "both_parties_willing"),
        (mediation_given, {"dispute_type": "?", "both_parties_willing": "是"}, "dispute_type"),
        (unreasonable_given, {"reason_code": "其他", "evidence": " "}, "evidence"),
        (answered, {**CALLBACK, "satisfaction": "一般"}, "satisfaction"),
        (answered, {**CALLBACK, "satisfaction": "不满意", "opinion": "没修"}, "cause"),
        (answered, {**CALLBACK, "satisfaction": "不满意", "cause": "敷衍"}, "opinion"),
        (fail_given, {"fail_reason": ""}, "fail_reason"),
    ],
)
def test_every_form_names_the_field_that_is_wrong(
    form: Callable[[dict[str, str]], dict[str, Any]], texts: dict[str, str], field: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        form(texts)
    assert refused.value.details["fields"] == [field]


def test_complete_forms_are_taken() -> None:
    assert extension_given(EXTENSION)["days"] == "3"
    unhappy = {**CALLBACK, "satisfaction": "不满意", "cause": "敷衍", "opinion": "没有修好"}
    assert answered(unhappy)["cause"] == "敷衍"
    assert "cause" not in answered({**CALLBACK, "cause": "敷衍"})
    assert fail_given({"fail_reason": "占线"})["connected"] is False


def test_an_instant_without_a_zone_is_on_the_citys_clock() -> None:
    assert moment({"at": ""}, "at", "?") is None
    found = moment({"at": "2026-11-23T09:00"}, "at", "?")
    assert found is not None
    assert found.isoformat() == "2026-11-23T09:00:00+08:00"
