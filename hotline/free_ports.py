"""Finds room for one more instance on this machine, for tests, the demo and the bench."""

import fcntl
import random
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

from core.config import PORT_OFFSETS, Settings
from core.errors import Unavailable

_FIRST, _LAST, _STEP = 14000, 22000, 100
#: Half of a slot's media ports is the hotline's, the other half its simulated carrier's.
_RTP_FIRST, _RTP_STEP = 32000, 400


@contextmanager
def isolated(settings: Settings) -> Iterator[Settings]:
    """The settings of a fresh instance with its own ports and a short state folder.

    The folder is removed at the end; the ports are kept from other instances until then.
    """
    base, lock = _claim()
    slot = (base - _FIRST) // _STEP
    with lock, tempfile.TemporaryDirectory(prefix="hl-", ignore_cleanup_errors=True) as folder:
        yield replace(
            settings,
            state_dir=Path(folder),
            port_base=base,
            rtp_start=_RTP_FIRST + slot * _RTP_STEP,
            rtp_count=_RTP_STEP // 2,
            database_url="",
            redis_url="",
            ari_password="",
            ami_password="",
            master_key="",
        )


def _claim() -> tuple[int, IO[str]]:
    """A port base whose lock file we hold and whose ports nobody listens on."""
    bases = list(range(_FIRST, _LAST, _STEP))
    random.shuffle(bases)
    folder = Path(tempfile.gettempdir()) / "hotline-ports"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o1777)
        folder.chmod(0o1777)
    for base in bases:
        lock = (folder / str(base)).open("a", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        if all(_is_free(base + offset) for offset in PORT_OFFSETS.values()):
            return base, lock
        lock.close()
    raise Unavailable("没有空闲的端口段")


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
