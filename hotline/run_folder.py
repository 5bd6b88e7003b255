"""Remembers on disk which processes of an instance run, so that a later supervisor finds them."""

import fcntl
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from core.errors import Conflict

_SOCKET_PATH_LIMIT = 80  # a unix socket's path has 107 bytes; its name needs the rest
SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """One process as a supervisor last saw it; the start mark tells it from a reused pid."""

    name: str
    pid: int
    start_mark: str
    started_at: str
    fingerprint: str = ""
    restarts: int = 0
    ready: bool = False

    def is_alive(self) -> bool:
        return start_mark(self.pid) == self.start_mark


def start_mark(pid: int) -> str:
    """What no second process with this pid can have: boot and tick of the start; "" when gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
    state, *numbers = stat.rsplit(")", 1)[1].split()
    return "" if state == "Z" else f"{boot}/{numbers[18]}"


class RunFolder:
    """The folder `run` of one instance: records, the supervisor's lock, sockets."""

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / "run"
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)

    def write(self, record: ProcessRecord) -> None:
        new = self.path / f".{record.name}.new"
        new.write_text(json.dumps(asdict(record)), encoding="utf-8")
        new.replace(self._file(record.name))

    def read(self, name: str) -> ProcessRecord | None:
        """The record of a process that still lives."""
        try:
            record = ProcessRecord(**json.loads(self._file(name).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return record if record.is_alive() else None

    def read_all(self) -> list[ProcessRecord]:
        records = (self.read(path.stem) for path in sorted(self.path.glob("*.json")))
        return [record for record in records if record]

    def remove(self, name: str) -> None:
        self._file(name).unlink(missing_ok=True)

    def lock(self) -> IO[str]:
        """Be the only supervisor of this instance until the returned file is closed."""
        file = (self.path / "supervisor.lock").open("a", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise Conflict("这个实例已经在运行（hotline status 可查看）") from error
        return file

    def _file(self, name: str) -> Path:
        return self.path / f"{name}.json"


def socket_dir(state_dir: Path) -> Path:
    """A private folder for unix sockets whose path is short enough, made where needed."""
    folder = state_dir / "run" / "sockets"
    if len(os.fsencode(folder)) > _SOCKET_PATH_LIMIT:
        name = hashlib.sha256(os.fsencode(state_dir)).hexdigest()[:12]
        folder = Path("/tmp") / f"hotline-{os.geteuid()}-{name}"  # noqa: S108 - made private below
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), 65534}:
        raise Conflict(f"{folder} 不属于当前用户，请先移除")
    folder.chmod(0o700)
    return folder
