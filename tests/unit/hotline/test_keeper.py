"""What a keeper decides without a process."""

from pathlib import Path

from hotline.child import Launch
from hotline.keeper import fingerprint, trim


def _launch(*command: str, **env: str) -> Launch:
    return Launch(command=command, log=Path("toy.log"), cwd=Path("/"), env=env)


def test_a_process_with_other_settings_is_not_taken_for_the_same() -> None:
    assert fingerprint(_launch("ivr", PORT="1")) == fingerprint(_launch("ivr", PORT="1"))
    assert fingerprint(_launch("ivr", PORT="1")) != fingerprint(_launch("ivr", PORT="2"))
    assert fingerprint(_launch("ivr")) != fingerprint(_launch("agi"))


def test_a_long_log_is_set_aside_and_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "ivr.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old\n" * 10)
        trim(log, limit=8)
        writer.write(b"new\n")
    assert log.read_bytes() == b"new\n"
    assert (tmp_path / "ivr.log.1").read_bytes() == b"old\n" * 10


def test_a_short_log_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "ivr.log"
    log.write_bytes(b"old\n")
    trim(log, limit=8)
    trim(tmp_path / "missing.log", limit=8)
    assert [path.name for path in tmp_path.iterdir()] == ["ivr.log"]
