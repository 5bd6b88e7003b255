"""Matters handed to the discipline, legal or petition bodies (联合督办), and what they say."""

from sqlalchemy import func, select

from core.actions.asked import Asked
from core.actions.base import take
from core.actions.supervision import supervise
from core.db.tables.sides import JointRow
from core.domain.sides import JOINT_BODIES, JOINT_KINDS
from core.errors import TransitionRefused
from core.ids import new_id

SENT, ACCEPTED, DECLINED, CONCLUDED = "SENT", "ACCEPTED", "DECLINED", "CONCLUDED"


async def link_joint(asked: Asked) -> None:
    """Hand the matter over. given: problem_kind, receiving_body, evidence; supervise=True also
    issues an order of level three to the unit."""
    count = select(func.count()).where(JointRow.case_id == asked.case.id)
    already = int(await asked.work.session.scalar(count) or 0)
    kind = asked.choice("problem_kind", JOINT_KINDS)
    asked.work.session.add(
        JointRow(
            id=new_id(),
            number=f"{asked.case.number or ''}-L{already + 1}",
            case_id=asked.case.id,
            problem_kind=kind,
            receiving_body=asked.choice("receiving_body", JOINT_BODIES),
            evidence=asked.text("evidence"),
            state=SENT,
            sent_by=asked.by.agent_id,
            sent_at=asked.now,
        )
    )
    if asked.flag("supervise"):
        await supervise(asked, kind="joint", reason=kind, level=3)


async def note_opinion(asked: Asked) -> None:
    """What the body says: it takes the matter, or declines it and why."""
    joint = await open_joint(asked)
    joint.opinion = asked.text("opinion")
    joint.state = ACCEPTED if asked.flag("accepted") else DECLINED


async def conclude_joint(asked: Asked) -> None:
    """The end of the matter. given: conclusion, accountability."""
    joint = await open_joint(asked)
    joint.conclusion = asked.text("conclusion")
    joint.accountability = asked.text("accountability")
    joint.state, joint.concluded_at = CONCLUDED, asked.now


async def open_joint(asked: Asked) -> JointRow:
    """The joint matter that this step names. Raises NotFound or TransitionRefused."""
    joint = await take(asked.work, JointRow, asked.text("joint_id"), what="联合督办记录")
    if joint.case_id != asked.case.id or joint.state == CONCLUDED:
        raise TransitionRefused("联合督办已有结论")
    return joint
