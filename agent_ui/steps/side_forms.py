"""The forms of the steps that leave a case's state as it is: pressing, requests, supervision."""

from collections.abc import Mapping

from agent_ui.i18n import mark
from agent_ui.steps.fields import Field, Kind, StepForm
from core.domain.forms import UNREASONABLE_REASONS
from core.domain.sides import (
    JOINT_BODIES,
    JOINT_KINDS,
    SUPERVISION_KINDS,
    SUPERVISION_LEVELS,
    TERMINATION_CHANNELS,
)

_K = Kind
_REASON = Field("reason", mark("理由"))
_ORDER = Field("order_id", mark("督办单"), _K.ORDER)
_JOINT = Field("joint_id", mark("联合督办"), _K.JOINT)

SIDE_FORMS: Mapping[str, StepForm] = {
    "URGE": StepForm(
        (Field("words", mark("催办内容"), needed=False),),
        icon="bell",
        effect=mark("承办单位会看到催办；累计三次自动督办"),
    ),
    "ALLOW_EXTENSION": StepForm(
        (
            Field("request_id", mark("延期申请"), _K.REQUEST, of="EXTENSION"),
            Field("reason", mark("审核意见"), needed=False),
        ),
        icon="check",
        effect=mark("期限从原来的到期时刻顺延"),
    ),
    "REFUSE_REQUEST": StepForm(
        (
            Field(
                "request_id", mark("要驳回的申请"), _K.REQUEST,
                of="EXTENSION SUSPENSION UNREASONABLE TERMINATION REOPEN",
            ),
            _REASON,
        ),
        icon="close",
        effect=mark("申请不予同意，不占用次数"),
    ),
    "ADD_SUPPORT": StepForm(
        (
            Field("unit", mark("加派的协办单位"), _K.UNIT),
            Field("instruction", mark("办理要求"), needed=False),
        ),
        icon="send",
    ),
    "ASK_TERMINATION": StepForm(
        (
            Field(
                "channel", mark("已进入的渠道"), _K.CHOICE,
                choices=TERMINATION_CHANNELS,
            ),
            _REASON,
        ),
        icon="close",
        effect=mark("提请督办员或中心主任决定终止办理"),
    ),
    "ASK_UNREASONABLE": StepForm(
        (
            Field(
                "reason_code", mark("认定理由"), _K.CHOICE,
                choices=UNREASONABLE_REASONS,
            ),
            Field("evidence", mark("依据")),
        ),
        icon="ask",
        effect=mark("提请认定为不合理诉求"),
    ),
    "ASK_REOPEN": StepForm(
        (_REASON,), icon="redo", effect=mark("提请督办员重开已结案的工单")
    ),
    "SUPERVISE": StepForm(
        (
            Field(
                "kind", mark("督办类型"), _K.CHOICE,
                choices=tuple(SUPERVISION_KINDS), words=SUPERVISION_KINDS,
            ),
            Field("level", mark("督办级别"), _K.CHOICE, choices=("1", "2", "3"), value="1",
                words={str(level): word for level, word in SUPERVISION_LEVELS.items()},
            ),
            _REASON,
            Field("requirement", mark("督办要求"), needed=False),
            Field("days", mark("几个工作日内答复"), _K.NUMBER, needed=False),
        ),
        icon="flag",
        effect=mark("向主办单位发出督办单"),
    ),
    "REVIEW_SUPERVISION": StepForm(
        (_ORDER, Field("accepted", mark("答复是否认可"), _K.YES_NO),
         Field("review", mark("审核意见"), needed=False)),
        icon="eye",
    ),
    "CLOSE_SUPERVISION": StepForm(
        (_ORDER, Field("reason", mark("办结意见"), needed=False)), icon="check"
    ),
    "LINK_JOINT": StepForm(
        (
            Field(
                "problem_kind", mark("问题类型"), _K.CHOICE,
                choices=JOINT_KINDS,
            ),
            Field(
                "receiving_body", mark("移送到"), _K.CHOICE,
                choices=JOINT_BODIES,
            ),
            Field("evidence", mark("移送说明"), needed=False),
        ),
        icon="link",
        final=mark("确认移送，有关材料将提供给该单位"),
    ),
    "NOTE_JOINT_OPINION": StepForm(
        (_JOINT, Field("opinion", mark("对方意见")),
         Field("accepted", mark("是否接受移送"), _K.YES_NO)),
        icon="reply",
    ),
    "CONCLUDE_JOINT": StepForm(
        (_JOINT, Field("conclusion", mark("联合督办结论"))), icon="check"
    ),
    "NOTE_SESSION": StepForm((Field("words", mark("调解经过")),), icon="pen"),
    "REVIEW_APPEAL": StepForm(
        (
            Field("request_id", mark("申诉"), _K.REQUEST, of="APPEAL"),
            Field("allowed", mark("初审意见：是否支持"), _K.YES_NO),
            _REASON,
        ),
        icon="eye",
        effect=mark("初审后由另一人终审"),
    ),
    "RULE_APPEAL": StepForm(
        (
            Field("request_id", mark("申诉"), _K.REQUEST, of="APPEAL"),
            Field("allowed", mark("终审结论：是否支持"), _K.YES_NO),
            _REASON,
        ),
        icon="check",
        effect=mark("支持后不计超时，原来的事实照样保留"),
    ),
    "OVERRIDE_CLOCK": StepForm(
        (Field("new_due", mark("新的期限"), _K.INSTANT), _REASON),
        icon="clock",
        effect=mark("直接改变办理期限，会记录在案"),
        final=mark("确认调整时限"),
    ),
}  # fmt: skip
