"""A set-up step lays down one folder whole or not at all, and knows when it need not run again."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import HotlineError

STAMP = ".stamp"


class SetupFailed(HotlineError):
    """A step of `hotline setup` could not be done; the message says what a person can do."""

    code = "setup_failed"


@dataclass(frozen=True)
class Folder:
    """A folder that is filled by one step; `inputs` are the facts that decide its content."""

    name: str
    path: Path
    inputs: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256("\0".join(self.inputs).encode()).hexdigest()

    def is_ready(self) -> bool:
        stamp = self.path / STAMP
        return stamp.is_file() and stamp.read_text(encoding="utf-8") == self.fingerprint


def fill(folder: Folder, build: Callable[[Path], None]) -> bool:
    """Build beside the target and rename, so an interrupted run leaves nothing half done.

    Returns whether anything had to be built.
    """
    if folder.is_ready():
        return False
    folder.path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.path.name}-new-", dir=folder.path.parent))
    new.chmod(0o755)
    try:
        build(new)
        (new / STAMP).write_text(folder.fingerprint, encoding="utf-8")
        _swap(new, folder.path)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return True


def _sweep(folder: Folder) -> None:
    """Remove what a killed run left; a build that still runs elsewhere is kept by its lock."""
    for pattern in (f".{folder.path.name}-new-*", f".{folder.path.name}-old-*"):
        for left_over in folder.path.parent.glob(pattern):
            shutil.rmtree(left_over, ignore_errors=True)


def _swap(new: Path, target: Path) -> None:
    old = target.with_name(f".{target.name}-old-{os.getpid()}")
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)
