"""A caller tells a second matter: the live drafts of a call as its words grow."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.actions.calls import Arrival, QueueEntry, answer_call, open_call, queue_call
from core.actions.drafts import edit_draft, submit_draft
from core.actions.recordings import Heard, hear_utterance
from core.clock import SystemClock
from core.db.engine import Database
from core.db.repos.cases import drafts_of_call
from core.db.tables.cases import CaseRow
from core.ids import AgentId, CallId, CaseId
from core.vault import Vault
from recordings.draft_runner import DraftRunner
from recordings.drafting.api import Drafter
from recordings.same_trouble import OpenMatters, SameTrouble
from tests.unit.recordings.drafting.made_city import small_city

pytestmark = pytest.mark.integration
VAULT = Vault(b"k" * 32)
CALL = CallId("call-1")
LAMP, WATER = ["城市管理", "路灯照明"], ["公用事业", "供水"]
#: The first matter as a recogniser hears it, wrong in many words.
FIRST = ("你好,我要反应路灯的问题", "振华路有四站路灯布亮,晚上一片气黑")
SECOND = "另外还有一件事，锦绣花园停水了，水压也特别低。"
LATER = ("已经快了三天了,昨天晚上还有一个老人在那里摔立脚", "我的电话是13862754310", "好的,谢谢你")


@pytest.fixture(scope="module")
def drafter() -> Drafter:
    return Drafter.build(small_city())


class Talk:
    """A call in talk whose words come one after another."""

    def __init__(self, database: Database, drafter: Drafter) -> None:
        self._database = database
        self._said = 0
        self._runner = DraftRunner(
            database=database,
            vault=VAULT,
            drafter=lambda: drafter,
            clock=database.clock,
            compare=SameTrouble(database, OpenMatters(database, database.clock)).suggest,
        )

    async def begin(self) -> None:
        arrival = Arrival(CALL, "main", "12345", "chan-1", "13800000001")
        async with self._database.work() as work:
            await open_call(work, arrival, VAULT)
            await work.session.flush()
            await queue_call(work, CALL, QueueEntry("general"))
            await answer_call(work, CALL, AgentId("ann"), agent_channel="", bridge_id="")
            await work.commit()

    async def hear(self, *texts: str) -> list[CaseRow]:
        """The drafts after these words, drafted after each as in a call."""
        for text in texts:
            start = self._said * 5_000
            self._said += 1
            async with self._database.work() as work:
                await hear_utterance(work, CALL, Heard("caller", start, start + 4_900, text, 0.8))
                await work.commit()
            await self._runner.draft(CALL)
        async with self._database.work() as work:
            return list(await drafts_of_call(work.session, CALL))

    async def type(self, case: CaseRow, summary: str) -> None:
        async with self._database.work() as work:
            await edit_draft(work, CaseId(case.id), {"summary": summary}, actor="ann")
            await work.commit()

    async def submit(self, case: CaseRow) -> str:
        async with self._database.work() as work:
            done = await submit_draft(work, CaseId(case.id), actor="ann", vault=VAULT)
            await work.commit()
            return str(done.number)


@pytest.fixture
async def talk(engine: AsyncEngine, drafter: Drafter) -> Talk:
    made = Talk(Database(engine, clock=SystemClock()), drafter)
    await made.begin()
    return made


def values(cases: list[CaseRow], name: str) -> list[object]:
    return [case.fields[name]["value"] for case in cases]


async def test_a_second_matter_opens_its_own_draft_and_stays_while_the_caller_goes_on(
    talk: Talk,
) -> None:
    assert values(await talk.hear(*FIRST), "category") == [LAMP]
    assert values(await talk.hear(SECOND), "category") == [LAMP, WATER]
    for words in LATER:
        cases = await talk.hear(words)
        assert values(cases, "category") == [LAMP, WATER]
    assert [case.matter for case in cases] == [1, 2]


async def test_a_first_matter_of_one_word_is_not_taken_over_by_the_second(talk: Talk) -> None:
    cases = await talk.hear("路灯的问题", SECOND)
    assert values(cases, "category") == [LAMP, WATER]


async def test_what_a_person_typed_in_either_matter_wins_over_later_words(talk: Talk) -> None:
    first, second = await talk.hear(*FIRST, SECOND)
    await talk.type(first, "甲")
    await talk.type(second, "乙")
    cases = await talk.hear(*LATER, "锦绣花园那边水龙头一滴水都没有。")
    assert values(cases, "summary") == ["甲", "乙"]


async def test_both_matters_are_submitted_under_numbers_of_their_own(talk: Talk) -> None:
    first, second = await talk.hear(*FIRST, SECOND)
    number = await talk.submit(first)
    cases = await talk.hear(*LATER)
    assert [case.number for case in cases] == [number, None]
    other = await talk.submit(second)
    assert len({number, other}) == 2
    cases = await talk.hear("再见")
    assert [case.number for case in cases] == [number, other]


async def test_one_matter_told_at_length_stays_one(talk: Talk) -> None:
    cases = await talk.hear(
        *FIRST, "另外还有一个老人在那里摔了一跤", "还有一件事忘了说，路灯那里灯杆也歪了", *LATER
    )
    assert values(cases, "category") == [LAMP]
