"""The records by which a later supervisor knows what runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import Conflict
from hotline.run_folder import ProcessRecord, RunFolder, socket_dir, start_mark


def _record(pid: int, mark: str, name: str = "ivr") -> ProcessRecord:
    return ProcessRecord(name=name, pid=pid, start_mark=mark, started_at="2026-11-23T04:00:00")


def test_a_living_process_is_found_again(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    record = _record(os.getpid(), start_mark(os.getpid()))
    folder.write(record)
    assert RunFolder(tmp_path).read_all() == [record]


def test_a_reused_process_id_is_not_mistaken_for_ours(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.write(_record(os.getpid(), "another boot/17"))
    assert folder.read("ivr") is None


def test_an_ended_process_has_no_start_mark() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert start_mark(ended.pid) == ""


def test_a_zombie_counts_as_ended() -> None:
    zombie = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    assert start_mark(zombie.pid) == ""
    zombie.wait()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "ivr"}', '{"name": 1, "pid": "x"}'])
def test_a_spoilt_record_is_no_record(tmp_path: Path, text: str) -> None:
    folder = RunFolder(tmp_path)
    (folder.path / "ivr.json").write_text(text, encoding="utf-8")
    assert folder.read("ivr") is None


def test_one_instance_has_one_supervisor(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    with folder.lock(), pytest.raises(Conflict):
        folder.lock()
    folder.lock().close()


def test_a_long_path_gets_a_short_private_socket_folder(tmp_path: Path) -> None:
    state = tmp_path / ("x" * 90)
    state.mkdir()
    folder = socket_dir(state)
    assert len(str(folder)) < 80
    assert folder.stat().st_mode & 0o077 == 0
    assert socket_dir(state) == folder
    folder.rmdir()
