"""The glossary names every event and every state, in both languages."""

import re
from pathlib import Path

import pytest

from core.domain.agents import AgentState
from core.domain.appraisal import SheetState
from core.domain.calls import CallState
from core.domain.cases import CaseStatus
from core.domain.events import EVENTS
from core.domain.legs import LegStatus
from core.domain.sides import OrderState

GLOSSARY = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
WORDS = dict(re.findall(r"^\| ([^|]+?) \| ([^|]*?) \|$", GLOSSARY, flags=re.MULTILINE))
KINDS = (CallState, AgentState, CaseStatus, LegStatus, OrderState, SheetState)
STATES = [s.value for kind in KINDS for s in kind]


@pytest.mark.parametrize("name", [*EVENTS, *sorted(set(STATES))])
def test_every_event_and_state_has_its_chinese_word(name: str) -> None:
    assert WORDS.get(name, "").strip()
