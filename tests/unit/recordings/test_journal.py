"""Reading what Asterisk wrote down by itself."""

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.domain.calls import Rung
from recordings.journal import load_journal, read_journal

UID = "0d7c2f6e-1111-2222-3333-444455556666"
START = f"start,{UID},12345,13800001111,1795415400"


def test_a_call_has_its_number_caller_start_and_end() -> None:
    call = read_journal([START, f"end,{UID},16,1795415460"])[UID]
    assert (call.did, call.caller, call.rung) == ("12345", "13800001111", Rung.STASIS)
    assert call.started_at is not None
    assert call.ended_at is not None
    assert (call.ended_at - call.started_at).total_seconds() == 60


def test_the_lowest_rung_is_the_one_that_took_the_call() -> None:
    lines = [START, f"rung,{UID},agi,1795415401", f"rung,{UID},voicemail,1795415420"]
    call = read_journal([*lines, f"voicemail,{UID},USER,1795415430"])[UID]
    assert call.rung is Rung.DIALPLAN
    assert call.voicemail


def test_a_call_that_goes_on_has_no_end() -> None:
    assert read_journal([START])[UID].ended_at is None


def test_a_call_to_a_citizen_is_outbound() -> None:
    call = read_journal([f"callee,{UID},12345,1795415400"])[UID]
    assert call.outbound
    assert call.started_at is not None


@given(st.lists(st.text(max_size=60), max_size=10))
def test_broken_lines_are_passed_over(lines: list[str]) -> None:
    assert UID in read_journal([*lines, START, *lines])


def test_only_the_last_days_are_read(tmp_path: Path) -> None:
    now = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    (tmp_path / "20261123.csv").write_text(START + "\n")
    (tmp_path / "20261101.csv").write_text(START.replace("0d7c", "ffff") + "\n")
    assert set(load_journal(tmp_path, now)) == {UID}
