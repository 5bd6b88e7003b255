"""Which files belong to which call."""

from pathlib import Path

from recordings.spool import read_spool, speaker_of

UID = "0d7c2f6e-1111-2222-3333-444455556666"


def test_files_are_grouped_by_call_and_strangers_left_alone(tmp_path: Path) -> None:
    names = (f"{UID}-caller.wav", f"{UID}-heard.wav", f"{UID}-agent-2.wav", f"{UID}-mix.wav")
    for name in (*names, "notes.txt", f"{UID}-other.wav", "caller.wav"):
        (tmp_path / name).write_bytes(b"")
    (call,) = read_spool(tmp_path).values()
    assert sorted(file.part for file in call.files) == ["agent-2", "caller", "heard", "mix"]


def test_a_missing_folder_holds_no_calls(tmp_path: Path) -> None:
    assert read_spool(tmp_path / "nothing") == {}


def test_every_agent_leg_is_the_agents_voice() -> None:
    assert [speaker_of(part) for part in ("caller", "agent-0", "agent-12", "mix")] == [
        "caller",
        "agent",
        "agent",
        "mix",
    ]
