"""What citizens are told: every state has plain words, our own house's steps have none."""

import pytest

from core.actions.contacts import CONTACTED
from core.domain.case_steps import CaseAction
from core.domain.cases import CaseStatus
from core.domain.public_words import PLAIN_STATES, PLAIN_STEPS


@pytest.mark.parametrize("status", CaseStatus)
def test_every_state_has_plain_words(status: CaseStatus) -> None:
    assert PLAIN_STATES[status]


def test_only_steps_that_exist_are_told() -> None:
    assert set(PLAIN_STEPS) <= {action.value for action in CaseAction} | {CONTACTED}


@pytest.mark.parametrize("action", [CaseAction.ASK_RETURN, CaseAction.REFUSE_RETURN])
def test_departments_arguing_is_not_the_citizens_business(action: CaseAction) -> None:
    assert action.value not in PLAIN_STEPS
