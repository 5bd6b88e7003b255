"""Words that the portals take from lists of the rules are in the English catalogue too."""

from collections.abc import Iterable

import pytest

from agent_ui.i18n import load_catalogues
from core.domain import forms, sides
from core.domain.case_limits import CaseLimits
from core.domain.case_steps import CaseAction
from core.domain.legs import SOLVED_CHOICES
from core.domain.public_words import PLAIN_STATES, PLAIN_STEPS
from core.domain.unit_steps import UNIT_STEPS
from core.domain.units import APPROVAL_NAMES, TRAY_NAMES

LISTS: dict[str, Iterable[str]] = {
    "true": forms.TRUE_CHOICES,
    "contacted": forms.CONTACTED_CHOICES,
    "solved": SOLVED_CHOICES,
    "apply": forms.APPLY_TYPES,
    "unreasonable": forms.UNREASONABLE_REASONS,
    "trueness": forms.TRUENESS,
    "opinion": forms.OPINION_TYPES,
    "causes": CaseLimits().subjective_causes + CaseLimits().objective_causes,
    "unreasonable causes": CaseLimits().unreasonable_causes,
    "fail": forms.FAIL_REASONS,
    "satisfaction": sides.SATISFACTIONS,
    "answers": sides.SOLVED_ANSWERS,
    "returns": sides.RETURN_REASONS,
    "extensions": sides.EXTENSION_REASONS,
    "disputes": sides.DISPUTE_TYPES,
    "orders": sides.ORDER_NAMES.values(),
    "levels": sides.SUPERVISION_LEVELS.values(),
    "trays": TRAY_NAMES.values(),
    "approvals": APPROVAL_NAMES.values(),
    "states": PLAIN_STATES.values(),
    "steps": PLAIN_STEPS.values(),
    "done": [step.done for step in UNIT_STEPS.values()],
    "actions": [action.value for action in CaseAction],
}


@pytest.mark.parametrize("name", LISTS)
def test_every_word_of_a_list_is_translated(name: str) -> None:
    english = load_catalogues()["en"].texts
    assert [word for word in LISTS[name] if word not in english] == []
