"""Words for data that no form of ours asks for: a department's reply, what machines noted."""

from collections.abc import Mapping

from agent_ui.i18n import mark

REPLY_LABELS: Mapping[str, str] = {
    "demand_true": mark("诉求是否属实"),
    "beyond_duty": mark("是否超出职责"),
    "apply_type": mark("申请类型"),
    "contacted": mark("联系诉求人"),
    "not_contacted_reason": mark("未联系的原因"),
    "contact_time": mark("联系时间"),
    "solved": mark("是否解决"),
    "unsolved_reason": mark("未解决的原因"),
    "plan_date": mark("计划解决日期"),
    "public_reply": mark("公开答复"),
    "handling_detail": mark("办理情况（内部）"),
    "law_basis": mark("法律依据"),
    "handler": mark("经办人"),
    "approver": mark("审批人"),
}
OTHER_LABELS: Mapping[str, str] = {
    **REPLY_LABELS,
    "reason_code": mark("理由类别"),
    "proposed_unit": mark("建议承办单位"),
    "basis": mark("依据"),
    "days": mark("申请天数"),
    "words": mark("说明"),
    "condition": mark("条件"),
    "resume_on": mark("恢复日期"),
    "satisfaction": mark("满意程度"),
    "cause": mark("原因"),
    "lead": mark("主办单位"),
    "supporting": mark("协办单位"),
    "unit": mark("单位"),
    "reply": mark("答复"),
    "how": mark("联系方式"),
}
