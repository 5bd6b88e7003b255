"""Several people act on one case at once, on real PostgreSQL: whatever they do, the law holds.

Hypothesis chooses who clicks what in which company; the database decides who is first.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.auth import Principal
from core.db.engine import Database, make_engine
from core.db.tables.cases import CaseEventRow
from core.db.tables.handling import CallbackAttemptRow, LegRow
from core.db.tables.outbox import AuditRow, OutboxRow
from core.domain.case_steps import STEPS, CaseAction
from core.domain.cases import FINAL, CaseStatus
from core.domain.legs import OPEN_LEGS
from core.errors import HotlineError
from tests.fakes.clock import FakeClock
from tests.support.city import LAMPS, build_city
from tests.support.lives import (
    AGENT,
    CHIEF,
    DISPATCHER,
    HAPPY,
    LAMP_DESK,
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
Click = tuple[CaseAction, Principal, Mapping[str, Any]]
CLICKS: Sequence[Click] = (
    (A.DISPATCH, DISPATCHER, TO_LAMPS),
    (A.DISPATCH, CHIEF, {**TO_LAMPS, **TO_ROADS}),
    (A.ANSWER, DISPATCHER, {"answer": "已告知"}),
    (A.SIGN, LAMP_DESK, {}),
    (A.SIGN, ROAD_DESK, {}),
    (A.ASK_RETURN, LAMP_DESK, RETURN),
    (A.ASK_RETURN, ROAD_DESK, {**RETURN, "proposed_unit": LAMPS}),
    (A.ALLOW_RETURN, DISPATCHER, TO_ROADS),
    (A.REFUSE_RETURN, CHIEF, {"reason": "属你单位"}),
    (A.CALL_CONFERENCE, DISPATCHER, {"topic": "归谁", "no_owner": True}),
    (A.CONCLUDE_CONFERENCE, CHIEF, {"lead": LAMPS, "minutes": "由城管承办"}),
    (A.ASK_EXTENSION, LAMP_DESK, {"days": 1, "told_caller": True}),
    (A.REPLY, LAMP_DESK, REPLY),
    (A.REPLY, ROAD_DESK, REPLY),
    (A.REWORK, OFFICER, {"reason": "答非所问"}),
    (A.APPROVE_REPLY, OFFICER, {}),
    (A.SATISFIED, OFFICER, HAPPY),
    (A.DISSATISFIED, CHIEF, UNHAPPY),
    (A.NOTE_ATTEMPT, OFFICER, {}),
    (A.URGE, AGENT, {"words": "快"}),
    (A.SUSPEND, DISPATCHER, {"condition": "等", "resume_on": "2026-12-20"}),
    (A.RESUME, LAMP_DESK, {}),
    (A.TERMINATE, CHIEF, {"channel": "诉讼", "reason": "已起诉"}),
    (A.REOPEN, CHIEF, {"reason": "又坏了"}),
)
#: The usual way of a case, so that the crowd also gets far.
_USUAL = (0, 3, 12, 15, 16)
rounds = st.lists(
    st.one_of(
        st.lists(st.sampled_from(CLICKS), min_size=2, max_size=4),
        st.sampled_from(CLICKS).map(lambda click: [click, click]),
        st.sampled_from([[CLICKS[n], CLICKS[n]] for n in _USUAL]),
    ),
    min_size=3,
    max_size=9,
)


async def act(life: Life, crowd: Sequence[Click]) -> list[str | HotlineError]:
    results = await asyncio.gather(
        *(life.step(action, by, given_) for action, by, given_ in crowd), return_exceptions=True
    )
    for result in results:
        if not isinstance(result, str | HotlineError):
            raise result  # anything but a state or a refusal is a defect
    return [r for r in results if isinstance(r, str | HotlineError)]


async def check_the_law(life: Life, done: Counter[str], refused: Counter[str]) -> None:
    case = await life.case()
    events = await life.all(CaseEventRow, CaseEventRow.case_id == life.case_id)
    assert Counter(event.action for event in events) == done
    for event in events:
        assert (CaseAction(event.action), CaseStatus(event.from_status)) in STEPS
    balance: Counter[str] = Counter()
    for event in events:  # the entries form one unbroken way from the first state to this one
        balance[event.from_status] += 1
        balance[event.to_status] -= 1
    balance["PENDING_ANALYSE"] -= 1
    balance[case.status] += 1
    assert not any(balance.values())
    audits = await life.all(AuditRow, AuditRow.entity_id == life.case_id)
    words = Counter(row.action for row in audits)
    assert all(words[action] == count for action, count in done.items())
    assert all(words[f"refused:{action}"] == count for action, count in refused.items())
    told = await life.all(OutboxRow)
    assert sum(row.payload.get("case_id") == life.case_id for row in told) == done.total()
    legs = await life.all(LegRow, LegRow.case_id == life.case_id)
    working = [leg for leg in legs if leg.status in OPEN_LEGS and leg.role == "LEAD"]
    assert len(working) <= 1
    assert not (working and CaseStatus(case.status) in FINAL)
    attempts = await life.all(CallbackAttemptRow, CallbackAttemptRow.case_id == life.case_id)
    numbers = [(row.round, row.attempt) for row in attempts]
    assert len(set(numbers)) == len(numbers)


async def live(url: str, story: Sequence[Sequence[Click]]) -> Counter[str]:
    clock = FakeClock()
    engine = make_engine(url)
    try:
        database = Database(engine, clock=clock)
        async with database.work() as work:
            await build_city(work)
            await work.commit()
        life = Life(database, await new_case(database))
        done: Counter[str] = Counter()
        refused: Counter[str] = Counter()
        for crowd in story:
            before = CaseStatus((await life.case()).status)
            results = await act(life, crowd)
            for (action, _, _), result in zip(crowd, results, strict=True):
                (done if isinstance(result, str) else refused)[action.value] += 1
                if isinstance(result, HotlineError):
                    assert result.message
                    assert not result.message.isascii(), "a sentence for a clerk"
            _check_second_click(crowd, before, results)
            clock.advance(timedelta(minutes=10))
        await check_the_law(life, done, refused)
        return done
    finally:
        await engine.dispose()


def _check_second_click(
    crowd: Sequence[Click], before: CaseStatus, results: Sequence[str | HotlineError]
) -> None:
    """Of two equal clicks at once that move the case on, at most one wins."""
    action = crowd[0][0]
    rule = STEPS.get((action, before))
    if rule is None or rule.to is None or (action, rule.to) in STEPS:
        return
    if all(click == crowd[0] for click in crowd):
        assert sum(isinstance(result, str) for result in results) <= 1


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=rounds)
def test_whoever_acts_at_once_each_step_is_taken_whole_or_refused(
    database_url: str, story: list[list[Click]]
) -> None:
    asyncio.run(live(database_url, story))


async def test_of_two_equal_clicks_exactly_one_wins_all_the_way(database_url: str) -> None:
    done = await live(database_url, [[CLICKS[n], CLICKS[n]] for n in _USUAL])
    assert done == Counter(CLICKS[n][0].value for n in _USUAL)


async def test_two_cases_merged_into_each_other_at_once_end_as_one(database_url: str) -> None:
    engine = make_engine(database_url)
    try:
        database = Database(engine, clock=FakeClock())
        for _ in range(5):
            one = Life(database, await new_case(database))
            two = Life(database, await new_case(database))
            results = await asyncio.gather(
                *(
                    child.step(
                        A.MERGE,
                        DISPATCHER,
                        {"master": master.case_id, "same_demand_confirmed": True},
                    )
                    for child, master in ((one, two), (two, one))
                ),
                return_exceptions=True,
            )
            assert sum(result == "MERGED" for result in results) == 1
            assert sum(isinstance(result, HotlineError) for result in results) == 1
    finally:
        await engine.dispose()
