"""The form of every step that a person takes, by the step's name in core.domain.case_steps."""

from collections.abc import Mapping

from agent_ui.i18n import mark
from agent_ui.steps.fields import Field, Kind, StepForm
from agent_ui.steps.side_forms import SIDE_FORMS
from core.domain.case_limits import CaseLimits
from core.domain.forms import UNREASONABLE_REASONS
from core.domain.sides import (
    DISPUTE_TYPES,
    MEDIATION_RESULTS,
    SATISFACTIONS,
    SOLVED_ANSWERS,
    TERMINATION_CHANNELS,
)

_K = Kind
#: The words of a city that has set nothing else; the law itself reads the city's own.
_LIMITS = CaseLimits()
_REASON = Field("reason", mark("理由"))
_LEAD = Field("lead", mark("主办单位"), _K.UNIT)
_SUPPORTING = Field("supporting", mark("协办单位"), _K.UNITS, needed=False)
_INSTRUCTION = Field("instruction", mark("办理要求"), needed=False)

INTAKE_FORMS: Mapping[str, StepForm] = {
    "DISPATCH": StepForm(
        (
            Field("category", mark("问题分类"), _K.CATEGORY),
            _LEAD,
            _SUPPORTING,
            Field("basis", mark("派遣依据"), _K.TEXT),
            _INSTRUCTION,
            Field(
                "redaction_checked", mark("已检查内容，不含可识别诉求人的信息"), _K.TICK,
                needed=False,
            ),
        ),
        icon="send",
        effect=mark("派遣后，承办单位的办理时限立即开始计算"),
    ),
    "ANSWER": StepForm(
        (Field("answer", mark("答复内容（可公开）"), help=mark("写明依据和结果，来电人可查询")),),
        icon="reply",
        effect=mark("工单直接办结，不再派遣"),
        final=mark("我已核对答复内容，确认直接办结"),
    ),
    "ASK_INFO": StepForm(
        (Field("reason", mark("需要补充什么")),),
        icon="ask",
        effect=mark("退回受理岗联系诉求人补充，补充后回到待派遣"),
    ),
    "COMPLETE_INFO": StepForm(
        (Field("content", mark("补充后的诉求内容")),),
        icon="pen",
        effect=mark("工单回到待派遣"),
    ),
    "ASK_VERIFY": StepForm(
        (Field("instruction", mark("请监督员核实什么")),),
        icon="eye",
        effect=mark("派监督员到现场核实，核实后回到待派遣"),
    ),
    "REPORT_VERIFY": StepForm((Field("result", mark("核实结果")),), icon="eye"),
    "MERGE": StepForm(
        (
            Field("master", mark("主单编号"), _K.CASE, help=mark("13 位工单编号")),
            Field("same_demand_confirmed", mark("已核对，两件诉求相同"), _K.TICK),
        ),
        icon="merge",
        effect=mark("并入后随主单办理，诉求人仍单独回访"),
    ),
    "UNMERGE": StepForm((_REASON,), icon="undo", effect=mark("工单回到待派遣，单独办理")),
    "REJECT": StepForm(
        (
            Field(
                "reason", mark("不予受理的理由"), _K.CHOICE,
                choices=(
                    mark("非本行政区"), mark("党委、人大、政协、监察、法院、检察院职权"),
                    mark("军队事项"), mark("属于 110、119、120、122 紧急事项"),
                    mark("已进入或应通过诉讼、仲裁、纪检、复议、信访、信息公开"),
                    mark("涉及国家秘密、商业秘密、个人隐私"), mark("违反公序良俗"),
                    mark("已办结且没有新的事实和理由"),
                ),
            ),
            Field("channel_told", mark("已告知诉求人的正确渠道"), _K.TEXT),
        ),
        icon="close",
        danger=True,
        final=mark("我已告知诉求人理由和渠道，确认不予受理"),
    ),
    "VOID": StepForm(
        (
            Field(
                "reason", mark("作废原因"), _K.CHOICE,
                choices=(mark("骚扰"), mark("误拨或静音"), mark("测试"), mark("诉求人撤回")),
            ),
        ),
        icon="close",
        danger=True,
        final=mark("确认作废，作废后不能恢复"),
    ),
}  # fmt: skip

RULING_FORMS: Mapping[str, StepForm] = {
    "ALLOW_RETURN": StepForm(
        (_LEAD, _SUPPORTING, _REASON, _INSTRUCTION),
        icon="send",
        effect=mark("改派新的单位，新单位有完整的办理时限；工单总时钟不重置"),
    ),
    "REFUSE_RETURN": StepForm(
        (_REASON,),
        icon="undo",
        effect=mark("原单位继续办理，时限照常计算；计一次不当退单"),
    ),
    "CALL_CONFERENCE": StepForm(
        (
            Field("topic", mark("会商议题")),
            Field("units", mark("涉及单位"), _K.UNITS, needed=False),
            Field(
                "convener", mark("召集单位"), _K.CHOICE, value="中心",
                choices=("中心", "市政府办公室", "机构编制部门", "司法行政部门"),
            ),
            Field("no_owner", mark("没有明确的主责单位"), _K.TICK, needed=False),
        ),
        icon="users",
        effect=mark("召集有关单位会商，明确主办单位"),
    ),
    "CONCLUDE_CONFERENCE": StepForm(
        (
            Field("minutes", mark("会商纪要")),
            _LEAD,
            _SUPPORTING,
            Field(
                "precedent", mark("作为今后同类问题的派单依据，写入派单目录"), _K.TICK,
                needed=False,
            ),
            _INSTRUCTION,
        ),
        icon="users",
        effect=mark("会商决定有约束力，按决定派遣"),
    ),
    "SUSPEND": StepForm(
        (
            Field("condition", mark("挂账原因和恢复条件")),
            Field("resume_on", mark("恢复日期"), _K.DATE),
        ),
        icon="pause",
        effect=mark("办理时限暂停，到恢复日期自动恢复"),
    ),
    "RESUME": StepForm((), icon="play", effect=mark("办理时限继续计算")),
    "START_MEDIATION": StepForm(
        (
            Field(
                "dispute_type", mark("纠纷类型"), _K.CHOICE,
                choices=DISPUTE_TYPES,
            ),
            Field("received_by", mark("接收的调解组织"), _K.TEXT, needed=False),
            Field("both_parties_willing", mark("双方均愿意调解"), _K.TICK),
        ),
        icon="users",
        effect=mark("移送调处中心，调解期间时限暂停"),
    ),
    "END_MEDIATION": StepForm(
        (
            Field(
                "result", mark("调解结果"), _K.CHOICE,
                choices=MEDIATION_RESULTS,
            ),
        ),
        icon="users",
    ),
    "TERMINATE": StepForm(
        (
            Field(
                "channel", mark("已进入的渠道"), _K.CHOICE,
                choices=TERMINATION_CHANNELS,
            ),
            _REASON,
        ),
        icon="close",
        danger=True,
        final=mark("确认终止办理，承办单位的承办单全部撤回"),
    ),
    "JUDGE_UNREASONABLE": StepForm(
        (
            Field(
                "reason_code", mark("认定理由"), _K.CHOICE,
                choices=UNREASONABLE_REASONS,
            ),
            Field("evidence", mark("依据")),
        ),
        icon="close",
        danger=True,
        final=mark("确认认定为不合理诉求并办结"),
    ),
    "REOPEN": StepForm(
        (_REASON,),
        icon="redo",
        effect=mark("重新交办给原主办单位，按新一轮时限办理"),
        final=mark("确认重开"),
    ),
}  # fmt: skip

REVIEW_FORMS: Mapping[str, StepForm] = {
    "APPROVE_REPLY": StepForm((), icon="check", effect=mark("答复通过，进入回访")),
    "REWORK": StepForm(
        (Field("reason", mark("退回的理由")),),
        icon="redo",
        effect=mark("退回承办单位重办，时限按剩余时间继续，至少一个工作日"),
    ),
    "ASK_CHECK": StepForm((Field("instruction", mark("请监督员核查什么")),), icon="eye"),
    "REPORT_CHECK": StepForm(
        (
            Field("outcome", mark("核查结论"), _K.CHOICE, choices=("通过", "不通过", "办结")),
            Field("result", mark("现场情况")),
        ),
        icon="eye",
        effect=mark("通过进入回访，不通过再次交办，办结则直接结案"),
    ),
    "SATISFIED": StepForm(
        (
            Field("satisfaction", mark("满意程度"), _K.CHOICE, choices=SATISFACTIONS[:3]),
            Field("solved", mark("是否解决"), _K.CHOICE, choices=SOLVED_ANSWERS),
        ),
        icon="check",
        effect=mark("工单结案"),
    ),
    "DISSATISFIED": StepForm(
        (
            Field("satisfaction", mark("满意程度"), _K.CHOICE, choices=SATISFACTIONS[3:]),
            Field("solved", mark("是否解决"), _K.CHOICE, choices=SOLVED_ANSWERS),
            Field(
                "cause", mark("不满意的原因"), _K.CHOICE,
                choices=_LIMITS.subjective_causes,
            ),
            Field("opinion", mark("诉求人的意见"), needed=False),
        ),
        icon="redo",
        effect=mark("二次交办给原主办单位"),
    ),
    "EXPLAINED": StepForm(
        (
            Field("satisfaction", mark("满意程度"), _K.CHOICE, choices=SATISFACTIONS),
            Field(
                "cause", mark("客观原因"), _K.CHOICE,
                choices=_LIMITS.objective_causes,
            ),
            Field("explanation", mark("向诉求人的解释")),
        ),
        icon="check",
        effect=mark("解释办结，不计入二次交办"),
        final=mark("确认解释办结"),
    ),
    "UNREACHABLE": StepForm(
        (Field("sms", mark("已向诉求人发送短信"), _K.TICK),),
        icon="phone",
        effect=mark("多次联系不上，结案"),
        final=mark("确认以联系不上结案"),
    ),
}  # fmt: skip

#: In the order in which a case page offers them.
FORMS: Mapping[str, StepForm] = {**INTAKE_FORMS, **RULING_FORMS, **REVIEW_FORMS, **SIDE_FORMS}
