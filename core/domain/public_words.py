"""What a citizen is told of a case, in plain words; steps of our own house are left out."""

from collections.abc import Mapping

from core.domain.cases import CaseStatus

_S = CaseStatus
#: State -> what it means for the citizen.
PLAIN_STATES: Mapping[CaseStatus, str] = {
    _S.DRAFT: "您的诉求正在登记",
    _S.ANSWERED: "您的诉求已当场答复办结",
    _S.PENDING_INFO: "我们需要向您补充了解情况",
    _S.PENDING_VERIFY: "工作人员正在现场核实",
    _S.PENDING_ANALYSE: "已受理，正在确定承办单位",
    _S.DISPATCHED: "已转交承办单位，等待签收",
    _S.HANDLING: "承办单位正在办理",
    _S.RETURN_REVIEW: "正在核定由哪个单位办理",
    _S.CONSULT: "有关单位正在会商办理办法",
    _S.MEDIATION: "正在组织调解",
    _S.SUSPENDED: "暂缓办理，条件具备后继续",
    _S.REPLIED: "承办单位已答复，我们正在审核",
    _S.PENDING_CHECK: "工作人员正在核查办理结果",
    _S.PENDING_CALLBACK: "已有办理结果，我们将电话回访您",
    _S.REASSIGNED: "已按您的意见再次交办",
    _S.CLOSED: "已办结",
    _S.CLOSED_UNREASONABLE: "已办结（经审核，该诉求无法支持）",
    _S.CLOSED_TERMINATED: "已终止办理，请通过法定途径解决",
    _S.MERGED: "与相同诉求合并办理",
    _S.REJECTED: "不属于受理范围",
    _S.VOID: "已作废",
}

#: Step -> the sentence on the citizen's page; a step that is not here is not shown.
PLAIN_STEPS: Mapping[str, str] = {
    "受理": "您的诉求已受理",
    "直接答复": "已当场答复",
    "不予受理": "不属于受理范围，已告知办理渠道",
    "补充退回": "需要向您补充了解情况",
    "派遣": "已转交承办单位",
    "并单": "与相同诉求合并办理",
    "签收": "承办单位已签收",
    "同意改派": "已重新确定承办单位",
    "会商决定": "经会商，已确定承办单位",
    "联系诉求人": "承办单位与您联系",
    "contact_citizen": "承办单位与您联系",
    "同意延期": "经审核，办理时间已延长",
    "挂账": "暂缓办理，条件具备后继续",
    "恢复办理": "恢复办理",
    "移送调解": "已移送调解",
    "调解结束": "调解结束",
    "反馈": "承办单位已提交办理结果",
    "审核退回": "办理结果未通过审核，已要求补充办理",
    "审核通过": "办理结果已通过审核",
    "回访未接通": "我们给您打过回访电话，未能接通",
    "回访满意": "回访完成，已办结",
    "回访不满意": "已按您的意见再次交办",
    "客观原因办结": "已向您说明原因并办结",
    "联系不上办结": "多次联系不上您，已办结",
    "认定不合理诉求": "经审核，该诉求无法支持，已办结",
    "终止": "已终止办理",
    "重开": "已重新办理",
    "催办": "已催办",
    "申请重开": "您反映仍未解决，正在审核是否重新办理",
}
