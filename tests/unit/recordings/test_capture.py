"""Which speakers are to be tapped."""

from core.db.tables.calls import CallRow
from recordings.capture import wanted
from tests.fakes.clock import NOON


def call(state: str, *, agent_channel: str = "agent-1") -> CallRow:
    return CallRow(
        id="call-1",
        state=state,
        channel_id="caller-1",
        agent_channel_id=agent_channel,
        language="zh",
        started_at=NOON,
    )


def test_both_speakers_of_a_talk_are_tapped_also_on_hold() -> None:
    for state in ("TALKING", "HELD"):
        assert {(one.speaker, one.channel_id) for one in wanted([call(state)]).values()} == {
            ("caller", "caller-1"),
            ("agent", "agent-1"),
        }


def test_nobody_is_tapped_before_the_answer_or_in_the_survey() -> None:
    for state in ("IVR", "QUEUED", "OFFERED", "SURVEY", "VOICEMAIL"):
        assert wanted([call(state)]) == {}


def test_while_the_agents_leg_is_lost_only_the_caller_is_tapped() -> None:
    (one,) = wanted([call("TALKING", agent_channel="")]).values()
    assert one.speaker == "caller"


def test_an_agent_who_comes_back_on_another_channel_is_another_tap() -> None:
    before, after = wanted([call("TALKING")]), wanted([call("TALKING", agent_channel="agent-2")])
    assert len(before.keys() & after.keys()) == 1
