"""The printed forms of the trade (domain.md 10.3): what each says, and to whom it goes.

A form leaves the house: it shows the case as its reader may see it, whoever prints it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent_ui.case_file import CaseFile
from agent_ui.i18n import mark
from agent_ui.looks import CHANNEL_NAMES
from agent_ui.steps.labels import REPLY_LABELS
from core.auth import Role
from core.clock import city_time
from core.domain.case_views import CaseView
from core.domain.legs import LegRole
from core.domain.sides import SUPERVISION_KINDS, SUPERVISION_LEVELS

Lines = Sequence[tuple[str, str]]
_UNIT, _LEADER = Role.UNIT_OPS, Role.LEADER


@dataclass(frozen=True, slots=True)
class PrintSource:
    """What a form is made from. case: as the reader sees it; about: the leg, request, order ..."""

    case: CaseView
    file: CaseFile
    about: Any
    now: datetime
    hide: Callable[[str], str]

    def unit(self, key: str | None) -> str:
        """A department's name."""
        return self.file.history.units.get(key or "", key or "")

    def person(self, key: str | None) -> str:
        """An account's name."""
        return self.file.names.get(key or "", self.file.history.people.get(key or "", ""))


@dataclass(frozen=True, slots=True)
class PrintForm:
    """One form. of: which rows of the case it is about; blanks: what is filled in by hand."""

    title: str
    of: Callable[[CaseFile], Iterable[Any]]
    lines: Callable[[PrintSource], Lines]
    reader: Role = _UNIT
    notice: str = ""
    blanks: Sequence[str] = ()
    signatures: Sequence[str] = ()


def _at(instant: datetime | None) -> str:
    return f"{city_time(instant):%Y-%m-%d %H:%M}" if instant else ""


def _case(source: PrintSource) -> list[tuple[str, str]]:
    case = source.case
    return [
        (mark("工单编号"), case.number or ""),
        (mark("来源"), CHANNEL_NAMES.get(case.channel, case.channel)),
        (mark("受理时间"), _at(case.submitted_at or case.created_at)),
        (mark("诉求类型"), case.case_type or ""),
        (mark("问题分类"), case.category or ""),
        (mark("紧急程度"), case.urgency),
        (mark("诉求人"), case.caller_name),
        (mark("联系电话"), case.phone),
        (mark("地点"), case.place_text),
        (mark("标题"), case.title),
        (mark("诉求内容"), case.content),
    ]


def _leg_lines(source: PrintSource) -> Lines:
    leg = source.about
    others = [
        one.unit for one in source.file.legs if one.row.id != leg.id and not one.row.stopped_at
    ]
    reply = [
        (REPLY_LABELS[k], str(leg.reply[k])) for k in ("public_reply", "handler") if k in leg.reply
    ]
    return [
        *_case(source),
        (mark("承办单位"), source.unit(leg.department_id)),
        (mark("承办方式"), "主办" if leg.role == LegRole.LEAD.value else "协办"),
        (mark("其他承办单位"), "、".join(dict.fromkeys(others))),
        (mark("派遣依据"), source.hide(leg.basis)),
        (mark("办理要求"), source.hide(leg.instruction)),
        (mark("派遣时间"), _at(leg.dispatched_at)),
        (mark("签收期限"), _at(leg.sign_due_at)),
        (mark("办理期限"), _at(leg.due_at)),
        *reply,
    ]


def _late_lines(source: PrintSource) -> Lines:
    leg = source.about
    return [
        (mark("承办单位"), source.unit(leg.department_id)),
        *_case(source)[:5],
        (mark("诉求内容"), source.case.content),
        (mark("派遣时间"), _at(leg.dispatched_at)),
        (mark("签收时间"), _at(leg.signed_at)),
        (mark("办理期限"), _at(leg.due_at)),
        (mark("催办次数"), str(source.case.urges)),
    ]


def _leader_lines(source: PrintSource) -> Lines:
    units = [f"{leg.unit}（{'协办' if leg.support else '主办'}）" for leg in source.file.legs]
    return [
        *_case(source),
        (mark("承办单位"), "、".join(dict.fromkeys(units))),
        (mark("当前状态"), source.case.status_name),
        (mark("办理期限"), _at(source.case.due_at)),
        (mark("退单次数"), str(source.case.returns)),
        (mark("催办次数"), str(source.case.urges)),
        (mark("公开答复"), source.case.public_reply),
    ]


def _order_lines(source: PrintSource) -> Lines:
    order = source.about
    return [
        (mark("督办单编号"), order.number),
        (mark("督办类型"), SUPERVISION_KINDS.get(order.kind, order.kind)),
        (mark("督办级别"), SUPERVISION_LEVELS.get(order.level, str(order.level))),
        (mark("被督办单位"), source.unit(order.department_id)),
        (mark("督办原因"), source.hide(order.reason)),
        (mark("督办要求"), source.hide(order.requirement)),
        (mark("签发时间"), _at(order.issued_at)),
        (mark("签发人"), source.person(order.issued_by)),
        (mark("答复期限"), _at(order.due_at)),
        *_case(source),
        (mark("单位答复"), source.hide(order.reply)),
    ]


def _request_lines(source: PrintSource) -> Lines:
    asked = source.about
    days = asked.facts.get("days")
    return [
        (mark("申请单位"), source.unit(asked.department_id)),
        (mark("申请人"), source.person(asked.asked_by)),
        (mark("申请时间"), _at(asked.asked_at)),
        (mark("理由类别"), asked.reason_code),
        (mark("理由"), source.hide(asked.words)),
        (mark("申请天数"), f"{days:g}" if isinstance(days, int | float) else ""),
        (mark("建议承办单位"), source.unit(asked.facts.get("proposed_unit"))),
        *_case(source),
        (mark("办理期限"), _at(source.case.due_at)),
        (mark("审核结论"), {"ALLOWED": "同意", "REFUSED": "驳回"}.get(asked.verdict or "", "")),
        (mark("裁定理由"), source.hide(asked.ruling)),
        (mark("审核人"), source.person(asked.ruled_by)),
        (mark("审核时间"), _at(asked.ruled_at)),
    ]


def _conference_lines(source: PrintSource) -> Lines:
    meeting = source.about
    return [
        (mark("会商编号"), meeting.number),
        (mark("会商议题"), source.hide(meeting.topic)),
        (mark("召集单位"), meeting.convener),
        (mark("参加单位"), "、".join(source.unit(key) for key in meeting.units)),
        (mark("提交时间"), _at(meeting.called_at)),
        *_case(source),
        (mark("会商意见"), source.hide(meeting.minutes)),
        (mark("主办单位"), source.unit(meeting.lead_id)),
        (mark("写入派单目录"), "是" if meeting.precedent else "否"),
        (mark("会商时间"), _at(meeting.concluded_at)),
    ]


def _mediation_lines(source: PrintSource) -> Lines:
    handed = source.about
    return [
        (mark("移送编号"), handed.number),
        (mark("纠纷类型"), handed.dispute_type),
        (mark("当事人"), handed.parties_mask),
        (mark("涉及金额"), handed.amount),
        (mark("接收的调解组织"), handed.received_by),
        (mark("移送时间"), _at(handed.opened_at)),
        *_case(source),
        (mark("调解结果"), handed.result or ""),
        (mark("协议编号"), handed.agreement_number),
    ]


def _joint_lines(source: PrintSource) -> Lines:
    joint = source.about
    return [
        (mark("移送编号"), joint.number),
        (mark("移送到"), joint.receiving_body),
        (mark("问题类型"), joint.problem_kind),
        (mark("移送说明"), source.hide(joint.evidence)),
        (mark("移送时间"), _at(joint.sent_at)),
        *_leader_lines(source),
        (mark("对方意见"), source.hide(joint.opinion)),
        (mark("联合督办结论"), source.hide(joint.conclusion)),
    ]


def _requests(kind: str) -> Callable[[CaseFile], Iterable[Any]]:
    return lambda file: [one for one in file.history.requests if one.kind == kind]


FORMS: Mapping[str, PrintForm] = {
    "leg": PrintForm(
        mark("承办单"), lambda file: [leg.row for leg in file.legs], _leg_lines,
        notice=mark("时限自派遣时起算，不因未签收而停止。办结后请联系诉求人并反馈。"),
        blanks=(mark("办理情况"), mark("单位领导意见")),
        signatures=(mark("签收人"), mark("经办人"), mark("单位领导")),
    ),
    "brief": PrintForm(
        mark("呈阅件"), lambda file: [file.case], _leader_lines, reader=_LEADER,
        blanks=(mark("拟办意见"), mark("领导批示")),
        signatures=(mark("中心主任"), mark("批示领导")),
    ),
    "major": PrintForm(
        mark("重案专报"),
        lambda file: [file.case] if file.case.urgency == "特急" or file.history.orders else [],
        _leader_lines, reader=_LEADER,
        blanks=(mark("处置进展"), mark("风险研判和建议")),
        signatures=(mark("报送人"), mark("签发人")),
    ),
    "order": PrintForm(
        mark("督办单"), lambda file: file.history.orders, _order_lines,
        notice=mark("请在答复期限前书面答复办理结果。"),
        signatures=(mark("签发人"), mark("单位签收人")),
    ),
    "urging": PrintForm(
        mark("催办通知书"),
        lambda file: [leg.row for leg in file.legs if leg.clock.late or file.case.urges],
        _late_lines,
        notice=mark("该工单尚未办结，请立即办理并反馈；仍未办理的，将按规定督办。抄送单位主要负责人。"),
        signatures=(mark("发送人"), mark("单位签收人")),
    ),
    "extension": PrintForm(
        mark("延期申请表"), _requests("EXTENSION"), _request_lines,
        blanks=(mark("单位领导意见"), mark("中心审核意见")),
        signatures=(mark("申请人"), mark("单位领导"), mark("中心审核人")),
    ),
    "return": PrintForm(
        mark("退单申请表"), _requests("RETURN"), _request_lines,
        blanks=(mark("单位领导意见"), mark("中心审核意见")),
        signatures=(mark("申请人"), mark("单位领导"), mark("中心审核人")),
    ),
    "conference": PrintForm(
        mark("会商纪要"), lambda file: file.history.conferences, _conference_lines,
        signatures=(mark("召集人"), mark("参加单位代表"), mark("记录人")),
    ),
    "mediation": PrintForm(
        mark("移送调解函"), lambda file: file.history.mediations, _mediation_lines,
        notice=mark("双方当事人均愿意调解，现移送贵单位。请在三十日内反馈调解结果。"),
        signatures=(mark("移送人"), mark("接收人")),
    ),
    "joint": PrintForm(
        mark("移送函"), lambda file: file.history.joints, _joint_lines, reader=_LEADER,
        notice=mark("现将有关情况移送贵单位，请提出意见并反馈处理结果。"),
        signatures=(mark("移送人"), mark("签发人"), mark("接收人")),
    ),
}  # fmt: skip


def printable(file: CaseFile) -> list[tuple[str, str, str]]:
    """What can be printed of a case: slug, title, and which row it is about."""
    return [(slug, form.title, about.id) for slug, form in FORMS.items() for about in form.of(file)]
