"""The transition law over the whole square of actions and states."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.auth import Role
from core.domain.case_steps import (
    GUARD_SENTENCES,
    RULES,
    STEPS,
    CaseAction,
    ClockEffect,
    StepFacts,
    StepRule,
    check_step,
)
from core.domain.cases import FINAL, CaseStatus
from core.errors import HotlineError, InputRefused, NotAllowed, TransitionRefused

SQUARE = [(action, status) for action in CaseAction for status in CaseStatus]


def facts_for(rule: StepRule) -> StepFacts:
    return StepFacts(dict.fromkeys(rule.needs, "x"), dict.fromkeys(rule.guards, True))


@pytest.mark.parametrize(("action", "status"), SQUARE)
def test_a_step_is_in_the_table_or_it_is_refused(action: CaseAction, status: CaseStatus) -> None:
    rule = STEPS.get((action, status))
    if rule is None:
        with pytest.raises(TransitionRefused):
            check_step(action, status, Role.DIRECTOR, StepFacts({}, {}))
        return
    role = sorted(rule.roles)[0]
    assert check_step(action, status, role, facts_for(rule)) is rule


@given(st.sampled_from(RULES), st.sampled_from(list(Role)))
def test_a_role_outside_the_row_may_not_take_the_step(rule: StepRule, role: Role) -> None:
    status = sorted(rule.from_)[0]
    if role in rule.roles:
        assert check_step(rule.action, status, role, facts_for(rule)) is rule
        return
    with pytest.raises(NotAllowed):
        check_step(rule.action, status, role, facts_for(rule))


@given(st.sampled_from([r for r in RULES if r.needs]), st.data())
def test_each_needed_thing_is_really_needed(rule: StepRule, data: st.DataObject) -> None:
    missing = data.draw(st.sampled_from(rule.needs))
    facts = facts_for(rule)
    given_ = {k: v for k, v in facts.given.items() if k != missing}
    with pytest.raises(InputRefused) as refused:
        check_step(rule.action, sorted(rule.from_)[0], sorted(rule.roles)[0],
                   StepFacts(given_, facts.holds))  # fmt: skip
    assert refused.value.details["fields"] == [missing]


@given(st.sampled_from([r for r in RULES if r.guards]), st.data())
def test_each_guard_really_guards(rule: StepRule, data: st.DataObject) -> None:
    broken = data.draw(st.sampled_from(rule.guards))
    facts = facts_for(rule)
    with pytest.raises(TransitionRefused) as refused:
        check_step(rule.action, sorted(rule.from_)[0], sorted(rule.roles)[0],
                   StepFacts(facts.given, {**facts.holds, broken: False}))  # fmt: skip
    assert refused.value.message == GUARD_SENTENCES[broken]


def test_a_final_state_is_left_only_by_reopening_or_as_a_child_of_its_master() -> None:
    leaving = {(a, s) for (a, s), rule in STEPS.items() if s in FINAL and rule.to is not None}
    assert leaving == {
        (CaseAction.REOPEN, CaseStatus.CLOSED),
        (CaseAction.UNMERGE, CaseStatus.MERGED),
        (CaseAction.FOLLOW_MASTER, CaseStatus.MERGED),
        (CaseAction.RELEASE, CaseStatus.MERGED),
    }


def test_a_post_that_got_a_return_cannot_take_the_next_posts_step() -> None:
    forward = {CaseStatus.REPLIED, CaseStatus.PENDING_CHECK, CaseStatus.PENDING_CALLBACK} | FINAL
    onward = {
        (rule.action, rule.roles)
        for (_, status), rule in STEPS.items()
        if status is CaseStatus.RETURN_REVIEW and rule.to in forward
    }
    assert {action for action, _ in onward} == {CaseAction.TERMINATE}
    assert not any(Role.DISPATCHER in roles for _, roles in onward)


def test_every_open_state_can_reach_a_final_one() -> None:
    for start in CaseStatus:
        seen, waiting = {start}, [start]
        while waiting:
            state = waiting.pop()
            for (_, source), rule in STEPS.items():
                if source is state and rule.to is not None and rule.to not in seen:
                    seen.add(rule.to)
                    waiting.append(rule.to)
        assert seen & FINAL, start


def test_the_clock_runs_while_anyone_argues() -> None:
    arguing = {
        CaseAction.SIGN, CaseAction.ASK_RETURN, CaseAction.ALLOW_RETURN,
        CaseAction.REFUSE_RETURN, CaseAction.CALL_CONFERENCE, CaseAction.CONCLUDE_CONFERENCE,
    }  # fmt: skip
    assert all(r.clock is ClockEffect.NONE for r in RULES if r.action in arguing)


def test_every_refusal_is_a_sentence_for_a_clerk() -> None:
    used = {guard for rule in RULES for guard in rule.guards}
    assert used == set(GUARD_SENTENCES)
    assert not any(sentence.isascii() for sentence in GUARD_SENTENCES.values())
    assert issubclass(TransitionRefused, HotlineError)


def test_no_department_may_rule_on_its_own_return() -> None:
    unit = {Role.UNIT_OPS, Role.UNIT_LEAD, Role.UNIT3}
    ruling = {CaseAction.ALLOW_RETURN, CaseAction.REFUSE_RETURN, CaseAction.CONCLUDE_CONFERENCE}
    assert not any(unit & rule.roles for rule in RULES if rule.action in ruling)
