"""Cases of every channel, with a known person behind each, in the hands of known departments."""

from dataclasses import dataclass, field
from datetime import timedelta

from core.actions import calls, drafts
from core.actions.calls import Arrival, QueueEntry
from core.actions.case_steps import take_step
from core.actions.intake import take_in
from core.actions.recordings import Heard, StoredFile, replace_transcript, store_recording
from core.auth import Principal, Role, hash_password
from core.db.engine import Database, UnitOfWork
from core.db.tables.cases import DepartmentRow
from core.domain.calls import EndedBy
from core.domain.case_actions import CaseAction
from core.domain.cases import Channel
from core.domain.drafts import DraftSuggestion, FieldValue, Span
from core.ids import AgentId, CallId, CaseId
from tests.support.city import LAMPS, ROADS, build_city, person
from tests.support.desk import PASSWORD, VAULT, account

TEAM, ACCUSED = "dep-lamps-team", "dep-accused"
NAME, NUMBER, OTHER_NUMBER = "欧阳明远", "13862754310", "13911112222"
IDENTITY, MAIL, PLATE = "320684199001011234", "ming.yuan@example.cn", "苏F8Q3K7"
ROOM = "17幢2单元903室"
#: What no department may meet anywhere, of any case.
SECRETS = (
    NAME, NUMBER, OTHER_NUMBER, IDENTITY, MAIL, "138 6275 4310", "幺三八六二七五四三幺零",
    "275 4310", "13862754",
)  # fmt: skip
#: And of a confidential case not even these.
CONFIDENTIAL_SECRETS = (PLATE, ROOM, "903室")
#: A confidential number leaves no mask either; the ordinary case has another number.
SECRET_NUMBER, SECRET_MASK, SECRET_TAIL = "13577778888", "135****7777", "7778888"
WORDS = (
    f"我叫{NAME}，电话{NUMBER}，也可以打{OTHER_NUMBER}，身份证{IDENTITY}，邮箱{MAIL}。"
    "人民路路灯整夜不亮，请尽快修复。"
)
SECRET_WORDS = (
    f"举报人{NAME}，手机{SECRET_NUMBER}，住锦绣花园{ROOM}，车牌{PLATE}，身份证{IDENTITY}。"
    "解放路工地夜间违规施工。"
)
UNIT_ROLES = (Role.UNIT_OPS, Role.UNIT_LEAD, Role.UNIT3)


@dataclass
class LeakCity:
    """What was built. cases: id by name; numbers likewise."""

    cases: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    recording: str = ""
    call: str = "call-leak"

    def names(self) -> list[str]:
        """Every case, an ordinary and a confidential one first; some by number; one not there."""
        cases = sorted(self.cases, key=lambda name: name not in {"phone", "WEB-secret"})
        ids = [self.cases[name] for name in cases]
        return [*ids[:2], "2026010100001", *ids[2:], *list(self.numbers.values())[:2]]


def accounts_of_units() -> list[tuple[str, Role, str]]:
    """Account name, post, department: every post in the lead and in the accused department."""
    units = {
        "lamps": (LAMPS, UNIT_ROLES), "accused": (ACCUSED, UNIT_ROLES),
        "roads": (ROADS, (Role.UNIT_OPS,)), "team": (TEAM, (Role.UNIT3,)),
    }  # fmt: skip
    return [
        (f"{name}-{role.value.lower()}", role, unit)
        for name, (unit, roles) in units.items()
        for role in roles
    ]


async def build(database: Database, audio: dict[str, bytes]) -> LeakCity:
    """Everything, committed."""
    city = LeakCity()
    async with database.work() as work:
        await build_city(work)
        work.session.add_all(
            [
                DepartmentRow(id=TEAM, name="路灯一中队", kind="三级", parent_id=LAMPS),
                DepartmentRow(id=ACCUSED, name="市住房和城乡建设局", kind="局"),
            ]
        )
        await work.session.flush()
        _hire(work)
        await work.commit()
    async with database.work() as work:
        await _by_phone(work, city, audio)
        for channel in (Channel.WEB, Channel.LETTER, Channel.POLICE_110):
            await _in_writing(work, city, channel)
        await work.commit()
    for name in list(city.cases):
        await _handled(database, city, name)
    return city


def _hire(work: UnitOfWork) -> None:
    stored = hash_password(PASSWORD)
    for name, role, unit in accounts_of_units():
        row = account(name, name, "", role, stored)
        row.department_id = unit
        work.session.add(row)
    for role in (Role.DISPATCHER, Role.CALLBACK, Role.SUPERVISOR):
        work.session.add(account(role.value.lower(), role.value, "", role, stored))


def inner_due(database: Database) -> str:
    """Soon enough for a third level."""
    return (database.clock.now() + timedelta(hours=20)).isoformat()


def by(role: Role, unit: str | None = None) -> Principal:
    """Somebody of this post, in the actions."""
    return person(role, unit)


async def _by_phone(work: UnitOfWork, city: LeakCity, audio: dict[str, bytes]) -> None:
    call = CallId(city.call)
    await calls.open_call(work, Arrival(call, "main", "12345", "chan", NUMBER), VAULT)
    await calls.queue_call(work, call, QueueEntry("general"))
    agent = AgentId("id-zhangmin")
    await calls.answer_call(work, call, agent, agent_channel="a", bridge_id="b")
    said = (Span("caller", 100, 900, WORDS),)
    fields = {
        "case_type": FieldValue("投诉", 0.9, said),
        "summary": FieldValue(WORDS, 0.9, said),
        "title": FieldValue(f"{NAME}：路灯不亮", 0.9, said),
        "place_text": FieldValue("人民路", 0.9, said),
        "phone": FieldValue(OTHER_NUMBER, 0.9, said, choices=({"value": NUMBER},)),
        "caller_name": FieldValue(NAME, 0.9, said),
        "purpose": FieldValue(f"请回电{OTHER_NUMBER}", 0.9, said),
    }
    draft = await drafts.update_draft(work, call, DraftSuggestion(fields))
    await work.session.flush()
    case = await drafts.submit_draft(work, CaseId(draft.id), actor=agent, vault=VAULT)
    await calls.end_call(work, call, ended_by=EndedBy.CALLER)
    heard = [Heard("caller", 100, 900, WORDS, 0.9)]
    await replace_transcript(work, call, heard, engine="test")
    row = await store_recording(work, call, StoredFile("mix", "x", "0", 30.0, 100))
    audio[row.id] = WORDS.encode()
    city.recording = row.id
    city.cases["phone"], city.numbers["phone"] = case.id, str(case.number)


async def _in_writing(work: UnitOfWork, city: LeakCity, channel: Channel) -> None:
    for name, kind, words, number in (
        (f"{channel.value}-ordinary", "求助", WORDS, NUMBER),
        (f"{channel.value}-secret", "举报", SECRET_WORDS, SECRET_NUMBER),
    ):
        fields = {
            "case_type": kind, "summary": words, "title": f"{NAME}反映", "phone": number,
            "caller_name": NAME, "place_text": f"锦绣花园{ROOM}" if kind == "举报" else "人民路",
        }  # fmt: skip
        accused = "住建局" if kind == "举报" else ""
        case = await take_in(
            work, fields, channel=channel, by=by(Role.AGENT), vault=VAULT, accused=accused
        )
        city.cases[name], city.numbers[name] = case.id, str(case.number)


async def _handled(database: Database, city: LeakCity, name: str) -> None:
    """Dispatched with an instruction that names the person, signed, urged, replied to."""
    case_id = CaseId(city.cases[name])
    dispatcher, unit = by(Role.DISPATCHER), by(Role.UNIT_OPS, LAMPS)
    words = SECRET_WORDS if name.endswith("secret") else WORDS
    steps = (
        (dispatcher, CaseAction.DISPATCH, {
            "category": "城市管理/路灯照明", "lead": LAMPS, "supporting": [ROADS],
            "basis": "职责", "instruction": f"请联系{NAME}：{words}", "redaction_checked": True,
        }),
        (unit, CaseAction.SIGN, {}),
        (unit, CaseAction.SUB_DISPATCH, {
            "unit": TEAM, "instruction": words, "inner_due": inner_due(database),
        }),
        (by(Role.SUPERVISOR), CaseAction.URGE, {"words": f"{NAME}再次来电：{words}"}),
        (by(Role.SUPERVISOR), CaseAction.SUPERVISE, {
            "kind": "leader", "level": 1, "reason": f"领导批示：{words}", "requirement": words,
        }),
    )  # fmt: skip
    for who, action, given in steps:
        async with database.work() as work:
            await take_step(work, case_id, action, by=who, given=given)
            await work.commit()
