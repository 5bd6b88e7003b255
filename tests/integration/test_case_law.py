"""The transition law over the whole square on real PostgreSQL: what is allowed is written down.

Every state is reached by real steps; every step that the table allows there is taken with valid
data. (That everything else is refused, audited and changes nothing is in test_case_life.)
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.auth import SYSTEM, Principal, Role
from core.db.engine import Database
from core.db.tables.cases import CaseEventRow, DepartmentRow
from core.db.tables.handling import RequestRow, SuperviseRow
from core.db.tables.outbox import AuditRow, OutboxRow
from core.db.tables.sides import JointRow
from core.domain.case_steps import STEPS
from core.domain.cases import CaseStatus
from core.ids import new_id
from tests.fakes.clock import FakeClock
from tests.support.city import LAMPS, ROADS, build_city, person
from tests.support.lives import (
    AGENT,
    BOSS,
    CHIEF,
    DISPATCHER,
    HAPPY,
    LAMP_DESK,
    LAMP_LEAD,
    OFFICER,
    REPLY,
    RETURN,
    ROAD_DESK,
    TO_LAMPS,
    TO_ROADS,
    UNHAPPY,
    A,
    Life,
    new_case,
)

pytestmark = pytest.mark.integration
S = CaseStatus
Given = Mapping[str, Any]
Prepared = tuple[Principal, Given]
TEAM = "dep-lamps-team"
INSPECTOR = person(Role.INSPECTOR)
COURT = {"channel": "诉讼", "reason": "已起诉"}
ABSURD = {"reason_code": "无理要求", "evidence": "录音"}
PAUSE = {"condition": "等施工", "resume_on": "2026-12-20"}


@pytest.fixture
async def database(engine: AsyncEngine, clock: FakeClock) -> Database:
    made = Database(engine, clock=clock)
    async with made.work() as work:
        await build_city(work)
        work.session.add(DepartmentRow(id=TEAM, name="路灯管理所", kind="所", parent_id=LAMPS))
        await work.commit()
    return made


async def _reach(life: Life, status: CaseStatus) -> None:
    """Bring a fresh case into this state by the steps of the law."""
    for action, by, given in ROADS_TO[status]:
        await life.step(action, by, given)


_SENT = ((A.DISPATCH, DISPATCHER, TO_LAMPS),)
_SIGNED = (*_SENT, (A.SIGN, LAMP_DESK, {}))
_REPLIED = (*_SIGNED, (A.REPLY, LAMP_DESK, REPLY))
_CALLED = (*_REPLIED, (A.APPROVE_REPLY, OFFICER, {}))
_ASKED = (*_SENT, (A.ASK_RETURN, LAMP_DESK, RETURN))
ROADS_TO: Mapping[CaseStatus, tuple[tuple[A, Principal, Given], ...]] = {
    S.DRAFT: (),
    S.PENDING_ANALYSE: (),
    S.ANSWERED: ((A.ANSWER, DISPATCHER, {"answer": "已告知"}),),
    S.PENDING_INFO: ((A.ASK_INFO, DISPATCHER, {"reason": "地址不清"}),),
    S.PENDING_VERIFY: ((A.ASK_VERIFY, DISPATCHER, {"instruction": "看现场"}),),
    S.DISPATCHED: _SENT,
    S.HANDLING: _SIGNED,
    S.RETURN_REVIEW: _ASKED,
    S.CONSULT: (*_ASKED, (A.CALL_CONFERENCE, DISPATCHER, {"topic": "归谁", "no_owner": True})),
    S.MEDIATION: (
        *_SIGNED,
        (A.START_MEDIATION, LAMP_DESK, {"dispute_type": "邻里", "both_parties_willing": True}),
    ),
    S.SUSPENDED: (*_SIGNED, (A.SUSPEND, DISPATCHER, PAUSE)),
    S.REPLIED: _REPLIED,
    S.PENDING_CHECK: (*_REPLIED, (A.ASK_CHECK, OFFICER, {"instruction": "看现场"})),
    S.PENDING_CALLBACK: _CALLED,
    S.REASSIGNED: (*_CALLED, (A.DISSATISFIED, OFFICER, UNHAPPY)),
    S.CLOSED: (*_CALLED, (A.SATISFIED, OFFICER, HAPPY)),
    S.CLOSED_UNREASONABLE: (*_SIGNED, (A.JUDGE_UNREASONABLE, CHIEF, ABSURD)),
    S.CLOSED_TERMINATED: (*_SIGNED, (A.TERMINATE, CHIEF, COURT)),
    S.MERGED: (),
    S.REJECTED: ((A.REJECT, AGENT, {"reason": "非本行政区", "channel_told": "邻市热线"}),),
    S.VOID: ((A.VOID, AGENT, {"reason": "误拨"}),),
}

SIMPLE: Mapping[A, Prepared] = {
    A.ACCEPT: (AGENT, {"content": "路灯不亮", "case_type": "投诉"}),
    A.ANSWER: (DISPATCHER, {"content": "路灯", "case_type": "咨询", "answer": "已告知"}),
    A.REJECT: (AGENT, {"reason": "非本行政区", "channel_told": "邻市热线"}),
    A.ASK_INFO: (DISPATCHER, {"reason": "地址不清"}),
    A.COMPLETE_INFO: (AGENT, {"content": "在人民路 5 号"}),
    A.ASK_VERIFY: (DISPATCHER, {"instruction": "看现场"}),
    A.REPORT_VERIFY: (INSPECTOR, {"result": "属实"}),
    A.DISPATCH: (DISPATCHER, TO_LAMPS),
    A.UNMERGE: (DISPATCHER, {"reason": "不是同一件"}),
    A.RELEASE: (SYSTEM, {"reason": "终止"}),
    A.SIGN: (LAMP_DESK, {}),
    A.ASK_RETURN: (LAMP_DESK, RETURN),
    A.ALLOW_RETURN: (DISPATCHER, TO_ROADS),
    A.REFUSE_RETURN: (DISPATCHER, {"reason": "属你单位"}),
    A.CALL_CONFERENCE: (DISPATCHER, {"topic": "归谁", "no_owner": True}),
    A.CONCLUDE_CONFERENCE: (DISPATCHER, {"lead": ROADS, "minutes": "由交通承办"}),
    A.SUSPEND: (DISPATCHER, PAUSE),
    A.RESUME: (LAMP_DESK, {}),
    A.START_MEDIATION: (LAMP_DESK, {"dispute_type": "邻里", "both_parties_willing": True}),
    A.NOTE_SESSION: (DISPATCHER, {"words": "双方到场"}),
    A.END_MEDIATION: (DISPATCHER, {"result": "达成协议"}),
    A.REPLY: (LAMP_DESK, REPLY),
    A.REWORK: (OFFICER, {"reason": "未答所问"}),
    A.APPROVE_REPLY: (OFFICER, {}),
    A.ASK_CHECK: (OFFICER, {"instruction": "看现场"}),
    A.REPORT_CHECK: (INSPECTOR, {"result": "已修好"}),
    A.NOTE_ATTEMPT: (OFFICER, {}),
    A.SATISFIED: (OFFICER, HAPPY),
    A.DISSATISFIED: (OFFICER, UNHAPPY),
    A.EXPLAINED: (CHIEF, {"satisfaction": "不满意", "cause": "政策限制", "explanation": "依规"}),
    A.JUDGE_UNREASONABLE: (CHIEF, ABSURD),
    A.TERMINATE: (CHIEF, COURT),
    A.REOPEN: (CHIEF, {"reason": "又坏了"}),
    A.VOID: (AGENT, {"reason": "误拨"}),
    A.SUB_DISPATCH: (LAMP_DESK, {"unit": TEAM, "inner_due": "2026-11-24"}),
    A.ADD_SUPPORT: (DISPATCHER, {"unit": ROADS}),
    A.NOTE_CONTACT: (LAMP_DESK, {"how": "电话"}),
    A.URGE: (AGENT, {"words": "快一点"}),
    A.READ_URGES: (LAMP_DESK, {}),
    A.ASK_EXTENSION: (LAMP_DESK, {"days": 1, "told_caller": True}),
    A.ASK_SUSPENSION: (LAMP_DESK, PAUSE),
    A.ASK_TERMINATION: (DISPATCHER, COURT),
    A.ASK_REOPEN: (AGENT, {"reason": "又坏了"}),
    A.SUPERVISE: (CHIEF, {"kind": "leader", "reason": "市领导批示", "level": 2}),
    A.LINK_JOINT: (
        CHIEF, {"problem_kind": "长期处理无结果", "receiving_body": "纪委效能办"},
    ),
    A.APPEAL: (LAMP_DESK, {"words": "不可抗力"}),
    A.OVERRIDE_CLOCK: (CHIEF, {"new_due": "2026-12-20T18:00+08:00", "reason": "台风"}),
}  # fmt: skip


async def _ask_unreasonable(life: Life) -> Prepared:
    at_callback = (await life.case()).status == S.PENDING_CALLBACK
    return (OFFICER if at_callback else LAMP_DESK), ABSURD


async def _merge(life: Life) -> Prepared:
    master = await new_case(life.database)
    return DISPATCHER, {"master": master, "same_demand_confirmed": True}


async def _follow(life: Life) -> Prepared:
    return SYSTEM, {"master": await new_case(life.database)}


async def _sign(life: Life) -> Prepared:
    """Once the lead has signed, a supporting unit still has to."""
    if (await life.case()).status == S.HANDLING:
        await life.step(A.ADD_SUPPORT, DISPATCHER, {"unit": ROADS})
        return ROAD_DESK, {}
    return LAMP_DESK, {}


async def _unreachable(life: Life) -> Prepared:
    for _ in range(2):
        await life.step(A.NOTE_ATTEMPT, OFFICER)
    assert isinstance(life.database.clock, FakeClock)
    life.database.clock.advance(timedelta(days=1))
    await life.step(A.NOTE_ATTEMPT, OFFICER)
    return OFFICER, {"sms": "已发短信"}


async def _request(life: Life, kind: str, unit: str | None) -> str:
    async with life.database.work() as work:
        leg = next(iter(await life.legs()), None)
        row = RequestRow(
            id=new_id(), case_id=life.case_id, leg_id=leg.id if leg else None, kind=kind,
            department_id=unit or "", reason_code="其他", facts={"amount": 1},
            asked_by="somebody", asked_at=work.clock.now(),
        )  # fmt: skip
        work.session.add(row)
        await work.commit()
    return row.id


async def _order(life: Life, state: str) -> str:
    async with life.database.work() as work:
        row = SuperviseRow(
            id=new_id(), case_id=life.case_id, kind="important", reason="重要",
            department_id=LAMPS, issued_by="somebody", issued_at=work.clock.now(), state=state,
        )  # fmt: skip
        work.session.add(row)
        await work.commit()
    return row.id


async def _joint(life: Life) -> str:
    await life.step(A.LINK_JOINT, *SIMPLE[A.LINK_JOINT])
    (row,) = await life.all(JointRow, JointRow.case_id == life.case_id)
    return str(row.id)


async def _appealed(life: Life, *, reviewed: bool) -> Given:
    await life.step(A.APPEAL, LAMP_DESK, {"words": "不可抗力"})
    (row,) = await life.all(RequestRow, RequestRow.kind == "APPEAL",
                            RequestRow.case_id == life.case_id)  # fmt: skip
    verdict = {"request_id": row.id, "allowed": True, "reason": "台风"}
    if reviewed:
        await life.step(A.REVIEW_APPEAL, DISPATCHER, verdict)
    return verdict


def _with_request(by: Principal, kind: str, unit: str | None) -> "Preparation":
    async def prepare(life: Life) -> Prepared:
        return by, {"request_id": await _request(life, kind, unit), "reason": "不同意"}

    return prepare


def _with_order(by: Principal, state: str, rest: Given) -> "Preparation":
    async def prepare(life: Life) -> Prepared:
        return by, {"order_id": await _order(life, state), **rest}

    return prepare


def _with_joint(rest: Given) -> "Preparation":
    async def prepare(life: Life) -> Prepared:
        return CHIEF, {"joint_id": await _joint(life), **rest}

    return prepare


def _with_appeal(by: Principal, *, reviewed: bool) -> "Preparation":
    async def prepare(life: Life) -> Prepared:
        return by, await _appealed(life, reviewed=reviewed)

    return prepare


Preparation = Callable[[Life], Awaitable[Prepared]]
PREPARED: Mapping[A, Preparation] = {
    A.MERGE: _merge,
    A.FOLLOW_MASTER: _follow,
    A.SIGN: _sign,
    A.UNREACHABLE: _unreachable,
    A.ASK_UNREASONABLE: _ask_unreasonable,
    A.ALLOW_EXTENSION: _with_request(DISPATCHER, "EXTENSION", LAMPS),
    A.APPROVE_REQUEST: _with_request(LAMP_LEAD, "SUSPENSION", LAMPS),
    A.REFUSE_REQUEST: _with_request(DISPATCHER, "TERMINATION", None),
    A.REPLY_SUPERVISION: _with_order(LAMP_DESK, "OPEN", {"reply": "已办"}),
    A.ASK_SUPERVISION_BACK: _with_order(LAMP_DESK, "OPEN", {"reason": "已办结"}),
    A.REVIEW_SUPERVISION: _with_order(CHIEF, "ORDER_REPLIED", {"accepted": True}),
    A.CLOSE_SUPERVISION: _with_order(CHIEF, "DONE", {}),
    A.NOTE_JOINT_OPINION: _with_joint({"opinion": "受理", "accepted": True}),
    A.CONCLUDE_JOINT: _with_joint({"conclusion": "已约谈"}),
    A.REVIEW_APPEAL: _with_appeal(DISPATCHER, reviewed=False),
    A.RULE_APPEAL: _with_appeal(BOSS, reviewed=True),
}


async def _fresh(database: Database, status: CaseStatus) -> Life:
    start = status if status in {S.DRAFT, S.MERGED} else S.PENDING_ANALYSE
    life = Life(database, await new_case(database, start))
    await _reach(life, status)
    assert (await life.case()).status == status
    return life


def test_the_square_has_valid_data_for_every_step() -> None:
    assert set(SIMPLE) | set(PREPARED) == set(A)


@pytest.mark.parametrize("status", list(CaseStatus))
async def test_every_step_of_the_table_is_taken_written_down_and_told(
    database: Database, status: CaseStatus
) -> None:
    for (action, from_), rule in STEPS.items():
        if from_ is not status:
            continue
        life = await _fresh(database, status)
        by, given = await PREPARED[action](life) if action in PREPARED else SIMPLE[action]
        after = await life.step(action, by, given)
        assert after == (rule.to or status), action
        assert (await life.case()).status == after
        entry = (CaseEventRow.case_id == life.case_id, CaseEventRow.action == action.value)
        event = (await life.all(CaseEventRow, *entry))[-1]
        assert (event.from_status, event.to_status) == (status, after)
        assert event.actor == by.agent_id
        assert event.facts["clock"]["round"] >= 1
        mark = (AuditRow.entity_id == life.case_id, AuditRow.action == action.value)
        assert await life.count(AuditRow, *mark) >= 1, action
        kind = "CaseNoted" if after == status else "CaseStatusChanged"
        told = await life.all(OutboxRow, OutboxRow.kind == kind)
        payloads = [row.payload for row in told if row.payload["case_id"] == life.case_id]
        assert action.value in {payload["action"] for payload in payloads}


async def test_a_role_outside_the_row_changes_nothing_on_the_database(database: Database) -> None:
    life = await _fresh(database, S.HANDLING)
    before = await life.actions()
    for role in Role:
        rule = STEPS[A.SUSPEND, S.HANDLING]
        if role in rule.roles:
            continue
        with pytest.raises(Exception, match="岗位"):
            await life.step(A.SUSPEND, person(role, LAMPS), PAUSE)
    assert await life.actions() == before
    refused = (AuditRow.entity_id == life.case_id, AuditRow.action == "refused:挂账")
    assert await life.count(AuditRow, *refused) == len(Role) - 3
