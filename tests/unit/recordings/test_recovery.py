"""What is done about calls that are over, from what lies on the disk."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.domain.calls import Rung
from recordings.journal import JournalCall
from recordings.recovery import EndLate, Evidence, KnownCall, PutAway, WriteDown, plan
from recordings.spool import SpoolCall, SpoolFile
from tests.fakes.clock import NOON

UID = "0d7c2f6e-1111-2222-3333-444455556666"
TALK = JournalCall(UID, "12345", "13800001111", NOON)
ENDED = replace(TALK, ended_at=NOON + timedelta(seconds=60))
LATER = NOON + timedelta(minutes=5)


def audio(changed_at: datetime) -> SpoolCall:
    return SpoolCall(UID, [SpoolFile(Path("caller.wav"), "caller", 9_000, changed_at.timestamp())])


def evidence(
    *,
    journal: JournalCall | None = None,
    files: SpoolCall | None = None,
    state: str = "",
    live: Collection[str] | None = (),
    now: datetime = LATER,
) -> Evidence:
    return Evidence(
        {UID: journal} if journal else {},
        {UID: files} if files else {},
        {UID: KnownCall(UID, state)} if state else {},
        live,
        now,
    )


def test_the_audio_of_an_ended_call_is_put_away_at_once() -> None:
    assert ENDED.ended_at is not None
    files = audio(ENDED.ended_at)
    assert plan(evidence(journal=ENDED, files=files, state="ENDED", now=ENDED.ended_at)) == [
        PutAway(files)
    ]


def test_a_call_that_goes_on_is_left_alone() -> None:
    assert plan(evidence(journal=TALK, files=audio(LATER), state="TALKING", live=[UID])) == []


def test_a_call_that_nobody_wrote_down_is_written_down_first() -> None:
    fallen = replace(ENDED, rung=Rung.DIALPLAN, voicemail=True)
    assert fallen.ended_at is not None
    files = audio(fallen.ended_at)
    assert plan(evidence(journal=fallen, files=files)) == [
        WriteDown(fallen, fallen.ended_at),
        PutAway(files),
    ]


def test_the_owner_of_a_call_gets_time_to_write_it_down_itself() -> None:
    assert ENDED.ended_at is not None
    soon = ENDED.ended_at + timedelta(seconds=2)
    assert plan(evidence(journal=ENDED, files=audio(soon), now=soon)) == []
    assert plan(evidence(journal=ENDED, files=audio(soon), state="TALKING", now=soon)) == []


def test_a_call_whose_owner_died_is_ended() -> None:
    assert ENDED.ended_at is not None
    assert plan(evidence(journal=ENDED, state="TALKING")) == [EndLate(UID, ENDED.ended_at, False)]


def test_a_call_cut_off_with_asterisk_ends_with_its_last_sound() -> None:
    last = NOON + timedelta(seconds=20)
    files = audio(last)
    assert plan(evidence(journal=TALK, files=files, state="TALKING")) == [
        EndLate(UID, last, False),
        PutAway(files),
    ]


def test_without_asterisks_word_a_call_without_end_is_left_alone() -> None:
    assert plan(evidence(journal=TALK, files=audio(NOON), state="TALKING", live=None)) == []


def test_a_call_of_no_sound_is_written_down_too() -> None:
    assert ENDED.ended_at is not None
    assert plan(evidence(journal=ENDED)) == [WriteDown(ENDED, ENDED.ended_at)]


def test_audio_without_a_journal_is_not_lost() -> None:
    files = audio(NOON)
    assert plan(evidence(files=files)) == [WriteDown(JournalCall(UID), NOON), PutAway(files)]


@given(
    st.sampled_from([None, TALK, ENDED]),
    st.booleans(),
    st.sampled_from(["", "IVR", "TALKING", "ENDED"]),
    st.sampled_from([None, (), (UID,)]),
    st.integers(0, 600),
)
def test_after_the_steps_were_taken_nothing_is_left_to_do(
    journal: JournalCall | None,
    has_files: bool,
    state: str,
    live: Collection[str] | None,
    seconds: int,
) -> None:
    now = NOON + timedelta(seconds=seconds)
    before = evidence(
        journal=journal, files=audio(NOON) if has_files else None, state=state, live=live, now=now
    )
    steps = plan(before)
    done = any(not isinstance(step, PutAway) for step in steps)
    after = evidence(
        journal=journal,
        files=None if any(isinstance(step, PutAway) for step in steps) else before.spool.get(UID),
        state="ENDED" if done else state,
        live=live,
        now=now,
    )
    assert plan(after) == []
